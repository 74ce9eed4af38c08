package com.kingcdn.redirector.query;

import static com.kingcdn.redirector.query.Asking.CLIENT;
import static com.kingcdn.redirector.query.Asking.plainQuery;
import static com.kingcdn.redirector.query.Asking.query;
import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.redirector.zone.ServedZone;
import com.kingcdn.redirector.zone.ServingInputs;
import com.kingcdn.redirector.zone.ServingSnapshot;
import com.kingcdn.redirector.zone.SnapshotFixture;
import com.kingcdn.topology.HealthMode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.DClass;
import org.xbill.DNS.ExtendedErrorCodeOption;
import org.xbill.DNS.GenericEDNSOption;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** Extended DNS errors (RFC 8914): who asks with EDNS is told why. */
class ExtendedErrorTest {

    private ServingSnapshot snapshot = SnapshotFixture.snapshot();
    private final QueryHandler handler = new QueryHandler(() -> snapshot, QueryLog.NONE);

    @Test
    void sayWhichNamesAreNotOurs_rfc8914_4_21() throws IOException {
        Message answer = ask(query("www.elsewhere.example.", Type.A), Transport.UDP);
        assertThat(answer.getRcode()).isEqualTo(Rcode.REFUSED);
        assertThat(errors(answer)).containsExactly(20);
    }

    @Test
    void sayThatNodesWereUpLastOnThePreparedAndTheLongWay_rfc8914_4_4() throws IOException {
        snapshot = ServingSnapshot.compile(SnapshotFixture.inputs(HealthMode.REPORTED, Set.of("fra-1")));
        for (String name : List.of("a1105.kingcdn.example.", "old.kingcdn.example.")) {
            assertThat(errors(ask(query(name, Type.A), Transport.UDP))).isEmpty();
        }
        snapshot = snapshot.withHealth(Set.of(), 0);
        for (String name : List.of("a1105.kingcdn.example.", "old.kingcdn.example.")) {
            Message stale = ask(query(name, Type.A), Transport.UDP);
            assertThat(stale.getRcode()).isEqualTo(Rcode.NOERROR);
            assertThat(stale.getSection(Section.ANSWER)).isNotEmpty();
            assertThat(errors(stale)).containsExactly(3);
            assertThat(stale.getOPT().getOptions()).hasSize(1);
        }
        assertThat(errors(ask(query("static.kingcdn.example.", Type.A), Transport.UDP)))
                .isEmpty();
    }

    @Test
    void sayThatThereIsNoClusterYet_rfc8914_4_15() throws IOException {
        ServingInputs inputs = SnapshotFixture.inputs(HealthMode.ASSUMED, Set.of());
        snapshot = ServingSnapshot.compile(new ServingInputs(
                inputs.zones(),
                inputs.distributions(),
                List.of(),
                inputs.ttls(),
                inputs.places(),
                inputs.paths(),
                Set.of()));
        Message answer = ask(query("a1105.kingcdn.example.", Type.A), Transport.UDP);
        assertThat(answer.getRcode()).isEqualTo(Rcode.SERVFAIL);
        assertThat(errors(answer)).containsExactly(14);
    }

    /** A copy that has expired, or has not come yet: nothing is said of its names, and nothing of them is in the zone above. */
    @Test
    void sayThatAZoneIsOursAndNotThere_rfc8914_4_25() throws IOException {
        ServingInputs inputs = SnapshotFixture.inputs(HealthMode.ASSUMED, Set.of());
        List<ServedZone> zones = new ArrayList<>(inputs.zones());
        zones.add(ServedZone.absent(Name.fromString("customer.example.")));
        zones.add(ServedZone.absent(Name.fromString("part.kingcdn.example.")));
        snapshot = ServingSnapshot.compile(new ServingInputs(
                zones,
                inputs.distributions(),
                inputs.clusters(),
                inputs.ttls(),
                inputs.places(),
                inputs.paths(),
                Set.of()));
        for (String name : List.of("customer.example.", "www.customer.example.", "x.part.kingcdn.example.")) {
            Message answer = ask(query(name, Type.A), Transport.UDP);
            assertThat(answer.getRcode()).as(name).isEqualTo(Rcode.SERVFAIL);
            assertThat(errors(answer)).as(name).containsExactly(24);
        }
        assertThat(ask(query("part.kingcdn.example.", Type.DS), Transport.UDP).getRcode())
                .as("the parent's")
                .isEqualTo(Rcode.NXDOMAIN);
        assertThat(ask(query("static.kingcdn.example.", Type.A), Transport.UDP).getRcode())
                .isEqualTo(Rcode.NOERROR);
        assertThat(errors(ask(query("elsewhere.example.", Type.A), Transport.UDP)))
                .containsExactly(20);
    }

    @Test
    void sayWhatIsNotSupported_rfc8914_4_22() throws IOException {
        Message chaos = new Message(7);
        chaos.addRecord(Record.newRecord(Name.fromString("version.bind."), Type.TXT, DClass.CHAOS), Section.QUESTION);
        chaos.addRecord(new OPTRecord(1232, 0, 0), Section.ADDITIONAL);
        assertThat(errors(ask(chaos.toWire(), Transport.UDP))).containsExactly(21);
        byte[] status = query("kingcdn.example.", Type.SOA);
        status[2] = Opcode.STATUS << 3;
        assertThat(errors(ask(status, Transport.UDP))).containsExactly(21);
        assertThat(errors(ask(query("kingcdn.example.", Type.AXFR), Transport.TCP)))
                .containsExactly(21);
    }

    @Test
    void sayThatATypeStandsInNoQuestion_rfc9824_3_5() throws IOException {
        for (int type : new int[] {0, Type.OPT, 128}) {
            Message answer = ask(query("static.kingcdn.example.", type), Transport.UDP);
            assertThat(answer.getRcode()).as("%d", type).isEqualTo(Rcode.FORMERR);
            assertThat(errors(answer)).as("%d", type).containsExactly(30);
        }
    }

    @Test
    void areNotSentWithoutEdns_rfc8914_3() throws IOException {
        Message answer = ask(plainQuery("www.elsewhere.example.", Type.A).toWire(), Transport.UDP);
        assertThat(answer.getRcode()).isEqualTo(Rcode.REFUSED);
        assertThat(answer.getOPT()).isNull();
    }

    @Test
    void arePaddedWithTheRest_rfc8467_4_1() throws IOException {
        byte[] query = query("www.elsewhere.example.", Type.A, new GenericEDNSOption(12, new byte[4]));
        byte[] answer = Objects.requireNonNull(handler.answer(query, CLIENT, Transport.TLS));
        assertThat(answer).hasSize(468);
        assertThat(errors(new Message(answer))).containsExactly(20);
    }

    /** An answer that leaves less room than the option needs goes out whole, without it. */
    @Test
    void giveWayToTheAnswer_rfc8914_3() {
        Exchange exchange =
                new Exchange(QueryMessage.read(small(), small().length), CLIENT, Transport.UDP, CookieState.ABSENT);
        ResponseWriter writer = QueryPolicy.plain().writer();
        byte[] out = new byte[1232];
        int question = exchange.query().questionEnd() - QueryMessage.HEADER_LENGTH;
        for (int missing = 0; missing <= ExtendedError.LENGTH; missing++) {
            byte[] body = new byte[512 - 11 - ExtendedError.LENGTH - question + missing];
            int length = writer.write(exchange, body, 0, ExtendedError.STALE_ANSWER, out);
            assertThat(length).isEqualTo(missing == 0 ? 512 : body.length + question + 11);
            assertThat(out[2] & 2).as("TC").isZero();
        }
    }

    private static byte[] small() {
        Message query = plainQuery("a1105.kingcdn.example.", Type.A);
        query.addRecord(new OPTRecord(512, 0, 0), Section.ADDITIONAL);
        return query.toWire();
    }

    private Message ask(byte[] query, Transport transport) throws IOException {
        return Asking.ask(handler, query, CLIENT, transport);
    }

    private static List<Integer> errors(Message answer) {
        return answer.getOPT().getOptions(15).stream()
                .map(option -> ((ExtendedErrorCodeOption) option).getErrorCode())
                .toList();
    }
}
