package com.kingcdn.redirector.zone;

import java.util.List;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/** The writer of answers in wire form, as {@link PreparedAnswer} describes it. */
final class AnswerMessage {

    private AnswerMessage() {}

    static byte[] write(Name name, int type, ZoneAnswer answer) {
        Message message = new Message(0);
        message.getHeader().setFlag(Flags.QR);
        if (answer.authoritative()) {
            message.getHeader().setFlag(Flags.AA);
        }
        message.getHeader().setRcode(answer.rcode());
        message.addRecord(Record.newRecord(name, type, DClass.IN), Section.QUESTION);
        add(message, answer.answer(), Section.ANSWER);
        add(message, answer.authority(), Section.AUTHORITY);
        add(message, answer.additional(), Section.ADDITIONAL);
        return message.toWire(Message.MAXLENGTH);
    }

    private static void add(Message message, List<Record> records, int section) {
        records.forEach(record -> message.addRecord(record, section));
    }
}
