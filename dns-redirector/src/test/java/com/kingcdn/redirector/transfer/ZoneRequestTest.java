package com.kingcdn.redirector.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.redirector.query.Transport;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** The form of what other servers ask, and of the answers to it. */
class ZoneRequestTest {

    /** As on a disk that was full for a while. */
    @Test
    void doesUpdatesAgainAfterOneThatCouldNotBeKept() throws Exception {
        Message update = new Message();
        update.getHeader().setOpcode(Opcode.UPDATE);
        update.addRecord(Record.newRecord(ZoneServer.ORIGIN, Type.SOA, DClass.IN), Section.QUESTION);
        Name www = Name.fromString("www", ZoneServer.ORIGIN);
        update.addRecord(Record.newRecord(www, Type.A, DClass.ANY, 0), Section.UPDATE);
        update.setTSIG(ZoneServer.KEY);
        byte[] request = update.toWire(Message.MAXLENGTH);
        try (ZoneServer server = new ZoneServer()) {
            server.store().refuse(change -> true);
            for (int i = 0; i < 2; i++) {
                assertThat(new Message(server.ask(request, Transport.TCP).get(0)).getRcode())
                        .isEqualTo(Rcode.SERVFAIL);
            }
            server.store().refuse(change -> false);
            server.ask(request, Transport.TCP);
            assertThat(server.isChanged()).isTrue();
        }
    }
}
