package com.kingcdn.redirector.query;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.redirector.zone.ServingSnapshot;
import com.kingcdn.redirector.zone.SnapshotFixture;
import com.kingcdn.topology.HealthMode;
import com.kingcdn.topology.IpPrefix;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.ClientSubnetOption;
import org.xbill.DNS.DClass;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.Flags;
import org.xbill.DNS.GenericEDNSOption;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

class QueryHandlerTest {

    private static final InetSocketAddress CLIENT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 5353);

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
        snapshot = snapshot.withHealth(Set.of("nyc-2"));
        assertThat(data(ask(query))).containsExactly("198.51.100.12");
        snapshot = snapshot.withHealth(Set.of("fra-2", "fra-1", "nyc-2"));
        assertThat(data(ask(query))).containsExactlyInAnyOrder("198.51.100.21", "198.51.100.22");
        snapshot = snapshot.withHealth(Set.of());
        assertThat(data(ask(query))).containsExactlyInAnyOrder("198.51.100.21", "198.51.100.22");
    }

    // ---- RFC 7871

    @Test
    void echoesTheSubnetWithAScope_rfc7871_7_2_1() throws IOException {
        Message answer = ask(query("a1105.kingcdn.example.", Type.A, subnet("193.0.6.0", 24)));
        ClientSubnetOption option = Objects.requireNonNull(option(answer));
        assertThat(option.getFamily()).isEqualTo(1);
        assertThat(option.getSourcePrefixLength()).isEqualTo(24);
        assertThat(option.getScopePrefixLength()).isEqualTo(21);
        assertThat(option.getAddress()).isEqualTo(address("193.0.6.0"));
    }

    @Test
    void choosesByAnIpv6Subnet_rfc7871_6() throws IOException {
        Message answer = ask(query("a1105.kingcdn.example.", Type.A, subnet("2001:db8:3::", 56)));
        assertThat(data(answer)).containsExactly("198.51.100.31");
        assertThat(scope(answer)).isEqualTo(48);
    }

    @Test
    void givesStaticAnswersScopeZero_rfc7871_7_2_1() throws IOException {
        for (String name : List.of("static.kingcdn.example.", "nothing.kingcdn.example.", "kingcdn.example.")) {
            assertThat(scope(ask(query(name, Type.A, subnet("193.0.6.0", 24)))))
                    .as(name)
                    .isZero();
        }
    }

    @Test
    void choosesByTheResolverWhenTheSourceIsZero_rfc7871_7_1_2() throws IOException {
        byte[] query = query("a1105.kingcdn.example.", Type.A, subnet("0.0.0.0", 0));
        Message answer = ask(query, new InetSocketAddress(address("127.0.3.9"), 5353), Transport.UDP);
        assertThat(data(answer)).containsExactly("198.51.100.31");
        assertThat(Objects.requireNonNull(option(answer)).getSourcePrefixLength())
                .isZero();
        assertThat(scope(answer)).isZero();
    }

    @Test
    void choosesByTheResolverWithoutAnOptionAndSendsNone_rfc7871_7_2_1() throws IOException {
        byte[] query = query("a1105.kingcdn.example.", Type.A);
        Message answer = ask(query, new InetSocketAddress(address("127.0.3.9"), 5353), Transport.UDP);
        assertThat(data(answer)).containsExactly("198.51.100.31");
        assertThat(option(answer)).isNull();
        assertThat(answer.getOPT()).isNotNull();
    }

    @ParameterizedTest
    @CsvSource({"100.64.0.0, 24", "1.2.3.0, 24", "8.0.0.0, 8", "2a00::, 56"})
    void givesAScopeAlsoToClientsWhosePlaceIsUnknown_rfc7871_7_2_1(String address, int source) throws IOException {
        Message answer = ask(query("a1105.kingcdn.example.", Type.A, subnet(address, source)));
        assertThat(answer.getSection(Section.ANSWER)).isNotEmpty();
        assertThat(scope(answer)).isPositive();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0001180008080880", // an address longer than its length
                "00011800080808ff08", // the same
                "000114000808ff", // bits set past the length
                "00012100080808080a", // longer than IPv4
                "0002810020010db8", // longer than IPv6
                "0003180008080a", // no family that there is
                "00011801080808", // a scope in a query
                "000118000808", // an address shorter than its length
                "000118" // no whole option
            })
    void refusesAMalformedSubnet_rfc7871_7_2_1(String option) throws IOException {
        byte[] query = query(
                "a1105.kingcdn.example.",
                Type.A,
                new GenericEDNSOption(8, HexFormat.of().parseHex(option)));
        Message answer = ask(query);
        assertThat(answer.getRcode()).isEqualTo(Rcode.FORMERR);
        assertThat(answer.getOPT()).isNotNull();
        assertThat(option(answer)).isNull();
    }

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
        Message whole = ask(query, CLIENT, Transport.TCP);
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
        assertThat(ask(query("kingcdn.example.", type), CLIENT, Transport.TCP).getRcode())
                .isEqualTo(Rcode.REFUSED);
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

    // ---- the same words as dig

    private Message ask(byte[] query) throws IOException {
        return ask(query, CLIENT, Transport.UDP);
    }

    private Message ask(byte[] query, InetSocketAddress client, Transport transport) throws IOException {
        Message answer = new Message(Objects.requireNonNull(handler.answer(query, client, transport)));
        assertThat(answer.getHeader().getID()).isEqualTo((query[0] & 0xff) << 8 | (query[1] & 0xff));
        return answer;
    }

    private static byte[] query(String name, int type, EDNSOption... options) {
        Message message = plainQuery(name, type);
        message.addRecord(new OPTRecord(1232, 0, 0, 0, List.of(options)), Section.ADDITIONAL);
        return message.toWire();
    }

    private static Message plainQuery(String name, int type) {
        return Message.newQuery(Record.newRecord(Name.fromConstantString(name), type, DClass.IN));
    }

    private static ClientSubnetOption subnet(String address, int source) throws IOException {
        return new ClientSubnetOption(source, address(address));
    }

    private static InetAddress address(String literal) throws UnknownHostException {
        return InetAddress.getByAddress(IpPrefix.parse(literal).address());
    }

    private static @Nullable ClientSubnetOption option(Message answer) {
        return answer.getOPT().getOptions(EDNSOption.Code.CLIENT_SUBNET).stream()
                .map(ClientSubnetOption.class::cast)
                .findFirst()
                .orElse(null);
    }

    private static int scope(Message answer) {
        return Objects.requireNonNull(option(answer)).getScopePrefixLength();
    }

    private static List<String> data(Message answer) {
        return answer.getSection(Section.ANSWER).stream()
                .map(Record::rdataToString)
                .toList();
    }

    private static String flags(Message answer) {
        return Stream.of(Flags.QR, Flags.AA, Flags.TC, Flags.RD, Flags.RA, Flags.AD, Flags.CD)
                .filter(flag -> answer.getHeader().getFlag(flag))
                .map(flag -> Flags.string(flag))
                .collect(java.util.stream.Collectors.joining(" "));
    }
}
