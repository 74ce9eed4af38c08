package com.kingcdn.redirector.query;

import static com.kingcdn.redirector.query.Asking.CLIENT;
import static com.kingcdn.redirector.query.Asking.data;
import static com.kingcdn.redirector.query.Asking.flags;
import static com.kingcdn.redirector.query.Asking.plainQuery;
import static com.kingcdn.redirector.query.Asking.query;
import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.redirector.zone.ServingSnapshot;
import com.kingcdn.redirector.zone.SnapshotFixture;
import java.io.IOException;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.GenericEDNSOption;
import org.xbill.DNS.Message;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** EDNS (RFC 6891) and the sizes of answers. */
class EdnsTest {

    private final ServingSnapshot snapshot = SnapshotFixture.snapshot();
    private final QueryHandler handler = new QueryHandler(() -> snapshot, QueryLog.NONE);

    // ---- RFC 6891

    @Test
    void sendsAnOptRecordExactlyWhenTheQueryHadOne_rfc6891_6_1_1() throws IOException {
        assertThat(ask(plainQuery("static.kingcdn.example.", Type.A).toWire()).getOPT())
                .isNull();
        OPTRecord opt = ask(query("static.kingcdn.example.", Type.A)).getOPT();
        assertThat(opt.getPayloadSize()).isEqualTo(1232);
        assertThat(opt.getVersion()).isZero();
        assertThat(opt.getOptions()).isEmpty();
    }

    @Test
    void ignoresOptionsItDoesNotKnow_rfc6891_6_1_2() throws IOException {
        Message answer = ask(query("static.kingcdn.example.", Type.A, new GenericEDNSOption(65001, new byte[] {1, 2})));
        assertThat(data(answer)).containsExactly("192.0.2.9");
        assertThat(answer.getOPT().getOptions()).isEmpty();
    }

    @Test
    void answersBadVersion_rfc6891_6_1_3() throws IOException {
        Message query = plainQuery("static.kingcdn.example.", Type.A);
        query.addRecord(new OPTRecord(1232, 0, 1, 0), Section.ADDITIONAL);
        Message answer = ask(query.toWire());
        assertThat(answer.getRcode()).isEqualTo(Rcode.BADVERS);
        assertThat(answer.getOPT().getVersion()).isZero();
        assertThat(answer.getSection(Section.ANSWER)).isEmpty();
    }

    @Test
    void refusesTwoOptRecords_rfc6891_6_1_1() throws IOException {
        Message query = plainQuery("static.kingcdn.example.", Type.A);
        query.addRecord(new OPTRecord(1232, 0, 0, 0), Section.ADDITIONAL);
        query.addRecord(new OPTRecord(1232, 0, 0, 1), Section.ADDITIONAL);
        assertThat(ask(query.toWire()).getRcode()).isEqualTo(Rcode.FORMERR);
    }

    @Test
    void copiesTheDoBit_rfc3225_3() throws IOException {
        Message query = plainQuery("static.kingcdn.example.", Type.A);
        query.addRecord(new OPTRecord(1232, 0, 0, 0x8000), Section.ADDITIONAL);
        assertThat(ask(query.toWire()).getOPT().getFlags()).isEqualTo(0x8000);
    }

    // ---- size

    @Test
    void truncatesCleanlyOverUdpAndNotOverTcp_rfc1035_4_2_1() throws IOException {
        byte[] query = query("big.kingcdn.example.", Type.TXT);
        byte[] udp = Objects.requireNonNull(handler.answer(query, CLIENT, Transport.UDP));
        Message truncated = new Message(udp);
        assertThat(flags(truncated)).isEqualTo("qr aa tc rd");
        assertThat(truncated.getSection(Section.ANSWER)).isEmpty();
        assertThat(truncated.getOPT()).isNotNull();
        Message whole = Asking.ask(handler, query, CLIENT, Transport.TCP);
        assertThat(flags(whole)).isEqualTo("qr aa rd");
        assertThat(whole.getSection(Section.ANSWER)).hasSize(1);
    }

    @Test
    void keepsUdpAnswersWithinTheClientsLimitAndOurs_rfc6891_6_2_3() {
        for (int payload : new int[] {0, 100, 512, 700, 1232, 4096, 65535}) {
            Message query = plainQuery("big.kingcdn.example.", Type.TXT);
            query.addRecord(new OPTRecord(payload, 0, 0, 0), Section.ADDITIONAL);
            byte[] answer = Objects.requireNonNull(handler.answer(query.toWire(), CLIENT, Transport.UDP));
            assertThat(answer.length).isLessThanOrEqualTo(Math.max(512, Math.min(payload, 1232)));
        }
    }

    private Message ask(byte[] query) throws IOException {
        return Asking.ask(handler, query, Asking.CLIENT, Transport.UDP);
    }
}
