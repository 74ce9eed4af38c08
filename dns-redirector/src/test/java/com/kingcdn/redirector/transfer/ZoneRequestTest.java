package com.kingcdn.redirector.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.redirector.query.Transport;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.TSIG;
import org.xbill.DNS.TSIGRecord;
import org.xbill.DNS.Type;

/** The form of what other servers ask, and of the answers to it. */
class ZoneRequestTest {

    private static final TSIG STRANGER = new TSIG(
            TSIG.HMAC_SHA256,
            Name.fromConstantString("stranger."),
            Base64.getDecoder().decode("c2VjcmV0IQ=="));

    private static Message query() {
        Message query = Message.newQuery(Record.newRecord(ZoneServer.ORIGIN, Type.SOA, DClass.IN));
        query.addRecord(new OPTRecord(1232, 0, 0), Section.ADDITIONAL);
        return query;
    }

    private static Message ask(byte[] request) throws Exception {
        try (ZoneServer server = new ZoneServer()) {
            List<byte[]> answers = server.ask(request, Transport.UDP);
            assertThat(answers).hasSize(1);
            return new Message(answers.get(0));
        }
    }

    @Test
    void answersToAStrangersKeyHaveTheOptRecord_rfc6891_6_1_1() throws Exception {
        Message query = query();
        query.setTSIG(STRANGER);
        Message answer = ask(query.toWire(Message.MAXLENGTH));
        assertThat(answer.getRcode()).isEqualTo(Rcode.NOTAUTH);
        assertThat(answer.getOPT()).isNotNull();
        List<Record> additional = answer.getSection(Section.ADDITIONAL);
        assertThat(additional).hasSize(2);
        assertThat(additional.get(1))
                .as("last of all, RFC 8945 section 5.1")
                .isInstanceOfSatisfying(TSIGRecord.class, signature -> assertThat(signature.getError())
                        .isEqualTo(Rcode.BADKEY));
    }

    @Test
    void answersToOurKeyHaveIt_rfc6891_6_1_1() throws Exception {
        Message query = query();
        query.setTSIG(ZoneServer.KEY);
        Message answer = ask(query.toWire(Message.MAXLENGTH));
        assertThat(answer.getRcode()).isEqualTo(Rcode.NOERROR);
        assertThat(answer.getOPT()).isNotNull();
        assertThat(answer.getTSIG()).isNotNull();
    }

    @Test
    void transfersHaveIt_rfc5936_2_2_5() throws Exception {
        Message query = Message.newQuery(Record.newRecord(ZoneServer.ORIGIN, Type.AXFR, DClass.IN));
        query.addRecord(new OPTRecord(1232, 0, 0), Section.ADDITIONAL);
        query.setTSIG(ZoneServer.KEY);
        byte[] request = query.toWire(Message.MAXLENGTH);
        try (ZoneServer server = new ZoneServer()) {
            byte[] wire = server.ask(request, Transport.TCP).get(0);
            Message answer = new Message(wire);
            assertThat(answer.getOPT()).isNotNull();
            assertThat(answer.getSection(Section.ADDITIONAL)).last().isInstanceOf(TSIGRecord.class);
            TSIGRecord signature = new Message(request).getTSIG();
            assertThat(new TSIG.StreamVerifier(ZoneServer.KEY, signature).verify(answer, wire))
                    .isEqualTo(Rcode.NOERROR);
        }
    }

    @Test
    void saysForHowLongAZoneIsGood_rfc7314_3_2() throws Exception {
        for (int type : new int[] {Type.SOA, Type.AXFR, Type.IXFR}) {
            Message query = Message.newQuery(Record.newRecord(ZoneServer.ORIGIN, type, DClass.IN));
            query.addRecord(new OPTRecord(1232, 0, 0, 0, Expiry.asked()), Section.ADDITIONAL);
            query.setTSIG(ZoneServer.KEY);
            try (ZoneServer server = new ZoneServer()) {
                byte[] wire = server.ask(query.toWire(Message.MAXLENGTH), Transport.TCP)
                        .get(0);
                assertThat(Expiry.in(new Message(wire))).as(Type.string(type)).hasValue(1_209_600);
            }
        }
    }

    /** Names as long as they may be leave no room for a record that says whose key it is. */
    @Test
    void answersToAKeyWithALongNameAreNoLongerThanTheyMayBe() throws Exception {
        Name name = Name.fromString(("x".repeat(60) + ".").repeat(4));
        Message query = Message.newQuery(Record.newRecord(ZoneServer.ORIGIN, Type.SOA, DClass.IN));
        query.setTSIG(new TSIG(TSIG.HMAC_SHA512, name, new byte[16]));
        Message longest = Message.newQuery(Record.newRecord(name, Type.SOA, DClass.IN));
        longest.setTSIG(new TSIG(TSIG.HMAC_SHA512, name, new byte[16]));
        assertThat(ask(query.toWire(Message.MAXLENGTH)).getTSIG()).isNotNull();
        Message answer = ask(longest.toWire(Message.MAXLENGTH));
        assertThat(answer.numBytes()).isLessThanOrEqualTo(512);
        assertThat(answer.getRcode()).isEqualTo(Rcode.NOTAUTH);
    }

    @Test
    void wantsTheSignatureAtTheEnd_rfc8945_5_2() throws Exception {
        Message update = new Message();
        update.getHeader().setOpcode(Opcode.UPDATE);
        update.addRecord(Record.newRecord(ZoneServer.ORIGIN, Type.SOA, DClass.IN), Section.QUESTION);
        update.addRecord(
                Record.newRecord(Name.fromString("k."), Type.TSIG, DClass.ANY, 0, signature()), Section.AUTHORITY);
        assertThat(ask(update.toWire()).getRcode()).isEqualTo(Rcode.FORMERR);
    }

    @Test
    void hasNoZonesOfOtherClasses_rfc2136_3_1_2() throws Exception {
        for (int opcode : new int[] {Opcode.UPDATE, Opcode.NOTIFY}) {
            Message request = new Message();
            request.getHeader().setOpcode(opcode);
            assertThat(ask(request.toWire()).getRcode()).as("no zone").isEqualTo(Rcode.FORMERR);
            request.addRecord(Record.newRecord(ZoneServer.ORIGIN, Type.SOA, DClass.CH), Section.QUESTION);
            assertThat(ask(request.toWire()).getRcode()).isEqualTo(Rcode.NOTAUTH);
        }
    }

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

    private static byte[] signature() {
        return ZoneServer.KEY
                .generate(query(), query().toWire(), Rcode.NOERROR, null)
                .rdataToWireCanonical();
    }
}
