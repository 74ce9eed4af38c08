package com.kingcdn.redirector.query;

import static com.kingcdn.redirector.query.Asking.CLIENT;
import static com.kingcdn.redirector.query.Asking.data;
import static com.kingcdn.redirector.query.Asking.flags;
import static com.kingcdn.redirector.query.Asking.query;
import static com.kingcdn.redirector.query.Asking.scope;
import static com.kingcdn.redirector.query.Asking.subnet;
import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.redirector.zone.ServingSnapshot;
import com.kingcdn.redirector.zone.SnapshotFixture;
import com.kingcdn.topology.HealthMode;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.TSIG;
import org.xbill.DNS.TSIGRecord;
import org.xbill.DNS.Type;

/** Names, flags and codes of answers. */
class QueryHandlerTest {

    private static final List<String> FRA =
            IntStream.rangeClosed(21, 26).mapToObj(last -> "198.51.100." + last).toList();

    private ServingSnapshot snapshot = SnapshotFixture.snapshot();
    private final QueryHandler handler = new QueryHandler(() -> snapshot, QueryLog.NONE);

    // ---- the handover

    @Test
    void answersTheWholeChainOfACustomerHost() throws IOException {
        Message answer = ask(query("video.netcinema.example.", Type.A, subnet("193.0.6.0", 24)));
        assertThat(answer.getRcode()).isEqualTo(Rcode.NOERROR);
        assertThat(flags(answer)).isEqualTo("qr aa rd");
        List<Record> records = answer.getSection(Section.ANSWER);
        assertThat(records.get(0).toString())
                .isEqualTo("video.netcinema.example.\t1800\tIN\tCNAME\ta1105.kingcdn.example.");
        assertThat(records.subList(1, records.size())).hasSize(4).allSatisfy(record -> {
            assertThat(record.toString()).startsWith("a1105.kingcdn.example.\t20\tIN\tA\t198.51.100.2");
        });
        assertThat(answer.getSection(Section.AUTHORITY)).isEmpty();
    }

    @Test
    void answersAnEdgeHostnameOfBothFamilies() throws IOException {
        assertThat(data(ask(query("a1105.kingcdn.example.", Type.A, subnet("8.8.8.0", 24)))))
                .hasSize(4)
                .allMatch(address -> address.startsWith("198.51.100.1"));
        assertThat(data(ask(query("a1105.kingcdn.example.", Type.AAAA, subnet("8.8.8.0", 24)))))
                .hasSize(4)
                .allMatch(address -> address.startsWith("2001:db8:1:"));
    }

    @Test
    void saysNoDataWhenTheClustersNodesHaveNoIpv6() throws IOException {
        Message answer = ask(query("video.netcinema.example.", Type.AAAA, subnet("203.0.113.0", 24)));
        assertThat(answer.getRcode()).isEqualTo(Rcode.NOERROR);
        assertThat(answer.getSection(Section.ANSWER)).hasSize(1);
        assertThat(answer.getSection(Section.AUTHORITY)).hasSize(1);
        assertThat(answer.getSection(Section.AUTHORITY).get(0).getTTL()).isEqualTo(60);
        assertThat(scope(answer)).isEqualTo(24);
    }

    @Test
    void answersACustomerHostAtAnApexDirectly() throws IOException {
        Message answer = ask(query("netcinema.example.", Type.A, subnet("203.0.113.0", 24)));
        assertThat(answer.getSection(Section.ANSWER)).hasSize(1);
        assertThat(answer.getSection(Section.ANSWER).get(0).toString())
                .isEqualTo("netcinema.example.\t20\tIN\tA\t198.51.100.31");
        assertThat(data(ask(query("netcinema.example.", Type.NS)))).containsExactly("ns1.kingcdn.example.");
    }

    @Test
    void followsACnameOfTheZoneFileToAnEdgeHostname() throws IOException {
        Message answer = ask(query("old.kingcdn.example.", Type.A, subnet("203.0.113.0", 24)));
        assertThat(data(answer)).containsExactly("a1105.kingcdn.example.", "198.51.100.31");
        assertThat(scope(answer)).isEqualTo(24);
        assertThat(data(ask(query("www.netcinema.example.", Type.A, subnet("203.0.113.0", 24)))))
                .containsExactly("video.netcinema.example.", "a1105.kingcdn.example.", "198.51.100.31");
    }

    @Test
    void keepsNoAnswerThatIsForSomeClientsOnly() throws IOException {
        for (String name : List.of(
                "old.kingcdn.example.",
                "any.cwild.kingcdn.example.",
                "www.netcinema.example.",
                "video.netcinema.example.",
                "netcinema.example.")) {
            for (int time = 0; time < 2; time++) {
                Message inEurope = ask(query(name, Type.A, subnet("193.0.6.0", 24)));
                assertThat(data(inEurope)).filteredOn(FRA::contains).hasSizeGreaterThan(1);
                Message inAsia = ask(query(name, Type.A, subnet("203.0.113.0", 24)));
                assertThat(data(inAsia)).doesNotContainAnyElementsOf(FRA).endsWith("198.51.100.31");
                // sin has no IPv6: that is no answer for others either
                assertThat(ask(query(name, Type.AAAA, subnet("203.0.113.0", 24)))
                                .getSection(Section.AUTHORITY))
                        .hasSize(1);
                assertThat(ask(query(name, Type.AAAA, subnet("193.0.6.0", 24))).getSection(Section.AUTHORITY))
                        .isEmpty();
            }
        }
    }

    @Test
    void answersAHostWithinTheCdnZone() throws IOException {
        assertThat(data(ask(query("vanity.kingcdn.example.", Type.A, subnet("203.0.113.0", 24)))))
                .containsExactly("apex.kingcdn.example.", "198.51.100.31");
    }

    @Test
    void answersOtherTypesOfACustomerHostByItsCname() throws IOException {
        Message cname = ask(query("video.netcinema.example.", Type.CNAME, subnet("8.8.8.0", 24)));
        assertThat(data(cname)).containsExactly("a1105.kingcdn.example.");
        assertThat(scope(cname)).isZero();
        Message mx = ask(query("video.netcinema.example.", Type.MX));
        assertThat(data(mx)).containsExactly("a1105.kingcdn.example.");
        assertThat(mx.getSection(Section.AUTHORITY)).hasSize(1);
    }

    @Test
    void movesToAnotherClusterWhenOneGoesDown() throws IOException {
        snapshot = ServingSnapshot.compile(SnapshotFixture.inputs(HealthMode.REPORTED, Set.of("fra-1", "nyc-1")));
        byte[] query = query("a1105.kingcdn.example.", Type.A, subnet("193.0.6.0", 24));
        assertThat(data(ask(query))).containsExactly("198.51.100.21");
        snapshot = snapshot.withHealth(Set.of("nyc-2"), 0);
        assertThat(data(ask(query))).containsExactly("198.51.100.12");
        snapshot = snapshot.withHealth(Set.of("fra-2", "fra-1", "nyc-2"), 0);
        assertThat(data(ask(query))).containsExactlyInAnyOrder("198.51.100.21", "198.51.100.22");
        snapshot = snapshot.withHealth(Set.of(), 0);
        assertThat(data(ask(query))).containsExactlyInAnyOrder("198.51.100.21", "198.51.100.22");
    }

    // ---- headers

    @Test
    void neverSetsRecursionAvailable_rfc1034_4_3_1() throws IOException {
        for (String name : List.of("a1105.kingcdn.example.", "www.elsewhere.example.", "nothing.kingcdn.example.")) {
            assertThat(ask(query(name, Type.A)).getHeader().getFlag(Flags.RA)).isFalse();
        }
    }

    @Test
    void refusesOtherNames_rfc1035_4_1_1() throws IOException {
        Message answer = ask(query("www.elsewhere.example.", Type.A));
        assertThat(answer.getRcode()).isEqualTo(Rcode.REFUSED);
        assertThat(flags(answer)).isEqualTo("qr rd");
        assertThat(ask(query("shop.elsewhere.example.", Type.A)).getRcode()).isEqualTo(Rcode.REFUSED);
    }

    @Test
    void saysThatANameBecomesTooLongByADname_rfc6672_2_2() throws IOException {
        String name = ("x".repeat(62) + ".").repeat(3) + "x".repeat(20) + ".long.kingcdn.example.";
        assertThat(ask(query(name, Type.A)).getRcode()).isEqualTo(Rcode.YXDOMAIN);
    }

    @Test
    void dropsResponsesAndFragmentsOfHeaders() {
        byte[] response = query("static.kingcdn.example.", Type.A);
        response[2] |= (byte) 0x80;
        assertThat(handler.answer(response, CLIENT, Transport.UDP)).isNull();
        assertThat(handler.answer(new byte[11], CLIENT, Transport.UDP)).isNull();
        assertThat(handler.answer(new byte[0], CLIENT, Transport.UDP)).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {Opcode.IQUERY, Opcode.STATUS, Opcode.NOTIFY, Opcode.UPDATE, 6})
    void doesNotImplementOtherOpcodes_rfc1035_4_1_1(int opcode) throws IOException {
        byte[] query = query("kingcdn.example.", Type.SOA);
        query[2] = (byte) (opcode << 3);
        Message answer = ask(query);
        assertThat(answer.getRcode()).isEqualTo(Rcode.NOTIMP);
        assertThat(answer.getHeader().getOpcode()).isEqualTo(opcode);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 65535})
    void wantsExactlyOneQuestion_rfc9619_4(int questions) throws IOException {
        byte[] query = query("static.kingcdn.example.", Type.A);
        query[4] = (byte) (questions >> 8);
        query[5] = (byte) questions;
        assertThat(ask(query).getRcode()).isEqualTo(Rcode.FORMERR);
    }

    @Test
    void refusesGarbageAfterTheMessageAndCompressionInTheQuestion() throws IOException {
        byte[] query = query("static.kingcdn.example.", Type.A);
        assertThat(ask(Arrays.copyOf(query, query.length + 1)).getRcode()).isEqualTo(Rcode.FORMERR);
        byte[] loop = HexFormat.of().parseHex("123401000001000000000000" + "c00c" + "00010001");
        assertThat(ask(loop).getRcode()).isEqualTo(Rcode.FORMERR);
        assertThat(ask(loop).getHeader().getID()).isEqualTo(0x1234);
    }

    @ParameterizedTest
    @ValueSource(ints = {Type.AXFR, Type.IXFR})
    void refusesZoneTransfers_rfc5936_2_2_1(int type) throws IOException {
        assertThat(Asking.ask(handler, query("kingcdn.example.", type), CLIENT, Transport.TCP)
                        .getRcode())
                .isEqualTo(Rcode.REFUSED);
    }

    @Test
    void wantsASignatureAtTheEnd_rfc8945_5_2() throws IOException {
        Message query = Asking.plainQuery("static.kingcdn.example.", Type.A);
        query.addRecord(
                new TSIGRecord(
                        Name.fromConstantString("key."),
                        DClass.ANY,
                        0,
                        TSIG.HMAC_SHA256,
                        Instant.EPOCH,
                        Duration.ofMinutes(5),
                        new byte[32],
                        7,
                        Rcode.NOERROR,
                        new byte[0]),
                Section.ANSWER);
        assertThat(ask(query.toWire()).getRcode()).isEqualTo(Rcode.FORMERR);
    }

    @Test
    void refusesOtherClasses() throws IOException {
        Message query = new Message(7);
        query.addRecord(Record.newRecord(Name.fromString("version.bind."), Type.TXT, DClass.CHAOS), Section.QUESTION);
        assertThat(ask(query.toWire()).getRcode()).isEqualTo(Rcode.REFUSED);
    }

    @Test
    void keepsTheSpellingOfTheQuestion() throws IOException {
        for (String name : List.of(
                "ViDeO.NetCinema.EXAMPLE.",
                "A1105.KINGCDN.example.",
                "StAtIc.kingcdn.Example.",
                "NoThing.kingcdn.example.")) {
            Message answer = ask(query(name, Type.A));
            assertThat(answer.getQuestion().getName().toString()).isEqualTo(name);
            if (!answer.getSection(Section.ANSWER).isEmpty()) {
                assertThat(answer.getSection(Section.ANSWER).get(0).getName().toString())
                        .isEqualTo(name);
            }
        }
    }

    @Test
    void answersServfailWhenThereIsNoClusterAtAll() throws IOException {
        var inputs = SnapshotFixture.inputs(HealthMode.ASSUMED, Set.of());
        snapshot = ServingSnapshot.compile(new com.kingcdn.redirector.zone.ServingInputs(
                inputs.zones(),
                inputs.distributions(),
                List.of(),
                inputs.ttls(),
                inputs.places(),
                inputs.paths(),
                Set.of()));
        assertThat(ask(query("a1105.kingcdn.example.", Type.A)).getRcode()).isEqualTo(Rcode.SERVFAIL);
        assertThat(data(ask(query("static.kingcdn.example.", Type.A)))).containsExactly("192.0.2.9");
    }

    @Test
    void answersServfailAfterADefectAndGoesOn() throws IOException {
        QueryHandler broken = new QueryHandler(
                () -> {
                    throw new IllegalStateException("a defect, for this test");
                },
                QueryLog.NONE);
        byte[] answer = broken.answer(query("a1105.kingcdn.example.", Type.A), CLIENT, Transport.UDP);
        assertThat(new Message(Objects.requireNonNull(answer)).getRcode()).isEqualTo(Rcode.SERVFAIL);
    }

    private Message ask(byte[] query) throws IOException {
        return Asking.ask(handler, query, Asking.CLIENT, Transport.UDP);
    }
}
