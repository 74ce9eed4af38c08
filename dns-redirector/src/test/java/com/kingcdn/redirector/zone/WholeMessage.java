package com.kingcdn.redirector.zone;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/** A {@link PreparedAnswer}'s body with the octets of its question, as it is sent. */
final class WholeMessage {

    private WholeMessage() {}

    static byte[] octets(byte[] body, Name name, int type) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        octets.write(body, 0, 12);
        octets.writeBytes(Record.newRecord(name, type, DClass.IN).toWire(Section.QUESTION));
        octets.write(body, 12, body.length - 12);
        return octets.toByteArray();
    }

    static Message of(byte[] body, Name name, int type) throws IOException {
        return new Message(octets(body, name, type));
    }
}
