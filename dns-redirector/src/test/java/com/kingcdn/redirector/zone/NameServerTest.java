package com.kingcdn.redirector.zone;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.topology.HealthMode;
import com.kingcdn.topology.IpPrefix;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Type;

/** The algorithm of RFC 1034 section 4.3.2, step by step. */
class NameServerTest {

    private final ServingSnapshot snapshot = SnapshotFixture.snapshot();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "static.kingcdn.example.  | A    | 192.0.2.9",
                "static.kingcdn.example.  | TXT  | \"a static name\"",
                "kingcdn.example.         | MX   | 10 mail.kingcdn.example.",
                "kingcdn.example.         | CAA  | 0 issue \"ca.example\"",
                "kingcdn.example.         | SOA  | ns1.kingcdn.example. hostmaster.kingcdn.example. 2026010101 7200 900 1209600 60",
                "_dns._udp.kingcdn.example. | SRV | 0 0 53 ns1.kingcdn.example.",
                "9.2.0.192.in-addr.kingcdn.example. | PTR | static.kingcdn.example."
            })
    void answersWhatTheZoneFileHas(String name, String type, String data) {
        ZoneAnswer answer = ask(name, type);
        assertThat(answer.rcode()).isEqualTo(Rcode.NOERROR);
        assertThat(answer.authoritative()).isTrue();
        assertThat(answer.tailored()).isFalse();
        assertThat(data(answer.answer())).containsExactly(data);
        assertThat(answer.authority()).isEmpty();
    }

    @Test
    void addsTheAddressesOfNameServersAndMailServers() {
        assertThat(data(ask("kingcdn.example.", "NS").additional()))
                .containsExactly("192.0.2.1", "2001:db8:0:0:0:0:0:1", "192.0.2.2");
        assertThat(data(ask("kingcdn.example.", "MX").additional())).containsExactly("192.0.2.3");
        assertThat(data(ask("_dns._udp.kingcdn.example.", "SRV").additional()))
                .containsExactly("192.0.2.1", "2001:db8:0:0:0:0:0:1");
    }

    /** They are a kindness. To look for each among all others takes seconds for one query. */
    @Test
    void addsEachAddressOnceAndNoMoreThanAMessageHolds() {
        StringBuilder zone = new StringBuilder(SnapshotFixture.CDN_ZONE);
        for (int pool = 0; pool < 4; pool++) {
            zone.append("pools IN MX 10 pool").append(pool).append('\n');
            zone.append("pools IN MX 20 pool").append(pool).append('\n');
            for (int i = 0; i < 1_500; i++) {
                zone.append("pool").append(pool).append(" IN A 10.").append(pool);
                zone.append('.').append(i / 256).append('.').append(i % 256).append('\n');
            }
        }
        ZoneAnswer answer = ask(snapshot(zone.toString()), "pools.kingcdn.example.", "MX");
        List<String> added = data(answer.additional());
        assertThat(added.stream().distinct())
                .as("of 6000, as many as do not fit")
                .hasSize(4_500);
        assertThat(added).hasSize(4_500);
    }

    @Test
    void saysThatANameDoesNotExist_rfc2308_2_1() {
        ZoneAnswer answer = ask("nothing.kingcdn.example.", "A");
        assertThat(answer.rcode()).isEqualTo(Rcode.NXDOMAIN);
        assertThat(answer.authoritative()).isTrue();
        assertThat(answer.answer()).isEmpty();
        assertThat(answer.authority()).singleElement().satisfies(soa -> {
            assertThat(soa.getType()).isEqualTo(Type.SOA);
            assertThat(soa.getTTL()).as("the minimum field, RFC 2308 section 3").isEqualTo(60);
        });
    }

    @Test
    void saysThatANameHasNoSuchData_rfc2308_2_2() {
        ZoneAnswer answer = ask("static.kingcdn.example.", "AAAA");
        assertThat(answer.rcode()).isEqualTo(Rcode.NOERROR);
        assertThat(answer.answer()).isEmpty();
        assertThat(answer.authority()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ent.kingcdn.example.", "hosts.netcinema.example.", "in-addr.kingcdn.example."})
    void takesAnEmptyNonTerminalToExist_rfc8020_2(String name) {
        ZoneAnswer answer = ask(name, "A");
        assertThat(answer.rcode()).isEqualTo(Rcode.NOERROR);
        assertThat(answer.answer()).isEmpty();
        assertThat(answer.authority()).hasSize(1);
    }

    @Test
    void followsCnames_rfc1034_3_6_2() {
        assertThat(text(ask("alias.kingcdn.example.", "A").answer()))
                .containsExactly(
                        "alias.kingcdn.example.\t300\tIN\tCNAME\tstatic.kingcdn.example.",
                        "static.kingcdn.example.\t300\tIN\tA\t192.0.2.9");
        assertThat(data(ask("alias.kingcdn.example.", "CNAME").answer())).containsExactly("static.kingcdn.example.");
        ZoneAnswer away = ask("away.kingcdn.example.", "A");
        assertThat(away.rcode()).isEqualTo(Rcode.NOERROR);
        assertThat(data(away.answer())).containsExactly("www.elsewhere.example.");
        ZoneAnswer dangling = ask("dangling.kingcdn.example.", "A");
        assertThat(dangling.rcode()).as("RFC 6604 section 3").isEqualTo(Rcode.NXDOMAIN);
        assertThat(dangling.answer()).hasSize(1);
    }

    @Test
    void endsAChainThatRunsInACircle() {
        ZoneAnswer answer = ask("loop1.kingcdn.example.", "A");
        assertThat(answer.rcode()).isEqualTo(Rcode.NOERROR);
        assertThat(data(answer.answer())).containsExactly("loop2.kingcdn.example.", "loop1.kingcdn.example.");
    }

    @Test
    void saysNoRecordTwice_rfc2181_5() {
        String zone =
                SnapshotFixture.CDN_ZONE + "again.new IN CNAME www.moved\nown IN CNAME own\n*.own2 IN CNAME any.own2\n";
        ServingSnapshot other = snapshot(zone);
        assertThat(data(ask(other, "again.moved.kingcdn.example.", "A").answer()))
                .as("by way of one DNAME two times")
                .containsExactly(
                        "new.kingcdn.example.",
                        "again.new.kingcdn.example.",
                        "www.moved.kingcdn.example.",
                        "www.new.kingcdn.example.",
                        "192.0.2.11");
        assertThat(data(ask(other, "own.kingcdn.example.", "A").answer())).containsExactly("own.kingcdn.example.");
        assertThat(data(ask(other, "x.own2.kingcdn.example.", "A").answer()))
                .containsExactly("any.own2.kingcdn.example.", "any.own2.kingcdn.example.");
    }

    @Test
    void synthesizesFromWildcards_rfc4592_2_2_1() {
        assertThat(text(ask("any.wild.kingcdn.example.", "A").answer()))
                .containsExactly("any.wild.kingcdn.example.\t300\tIN\tA\t192.0.2.10");
        assertThat(data(ask("a.b.c.wild.kingcdn.example.", "MX").answer())).containsExactly("5 mail.kingcdn.example.");
        assertThat(data(ask("*.wild.kingcdn.example.", "A").answer())).containsExactly("192.0.2.10");
        assertThat(ask("any.wild.kingcdn.example.", "AAAA").rcode()).isEqualTo(Rcode.NOERROR);
        assertThat(ask("any.wild.kingcdn.example.", "AAAA").authority()).hasSize(1);
    }

    @Test
    void doesNotSynthesizeBelowOrAtExistingNames_rfc4592_2_2_1() {
        assertThat(ask("wild.kingcdn.example.", "A").answer()).isEmpty();
        assertThat(ask("y.wild.kingcdn.example.", "A").answer()).isEmpty();
        assertThat(ask("y.wild.kingcdn.example.", "A").rcode()).isEqualTo(Rcode.NOERROR);
        assertThat(ask("z.y.wild.kingcdn.example.", "A").rcode()).isEqualTo(Rcode.NXDOMAIN);
    }

    @Test
    void handsOverThroughAWildcardCname() {
        ZoneAnswer answer = ask("anything.cwild.kingcdn.example.", "A");
        assertThat(answer.tailored()).isTrue();
        assertThat(data(answer.answer())).hasSize(5).first().isEqualTo("a1105.kingcdn.example.");
    }

    @Test
    void refersBelowADelegation_rfc1034_4_3_2() {
        for (String name :
                List.of("child.kingcdn.example.", "www.child.kingcdn.example.", "ns.child.kingcdn.example.")) {
            ZoneAnswer answer = ask(name, "A");
            assertThat(answer.rcode()).isEqualTo(Rcode.NOERROR);
            assertThat(answer.authoritative()).isFalse();
            assertThat(answer.answer()).isEmpty();
            assertThat(data(answer.authority())).containsExactly("ns.child.kingcdn.example.");
            assertThat(data(answer.additional())).containsExactly("192.0.2.53");
        }
    }

    @Test
    void answersForTheParentsSideOfACut_rfc4035_3_1_4_1() {
        ZoneAnswer answer = ask("child.kingcdn.example.", "DS");
        assertThat(answer.authoritative()).isTrue();
        assertThat(data(answer.authority())).singleElement().asString().startsWith("ns1.kingcdn.example.");
    }

    @Test
    void redirectsBelowADname_rfc6672_3_2() {
        ZoneAnswer answer = ask("www.moved.kingcdn.example.", "A");
        assertThat(text(answer.answer()))
                .containsExactly(
                        "moved.kingcdn.example.\t300\tIN\tDNAME\tnew.kingcdn.example.",
                        "www.moved.kingcdn.example.\t300\tIN\tCNAME\twww.new.kingcdn.example.",
                        "www.new.kingcdn.example.\t300\tIN\tA\t192.0.2.11");
        assertThat(answer.authoritative()).isTrue();
        assertThat(ask("a.b.away2.kingcdn.example.", "A").answer())
                .last()
                .asString()
                .endsWith("CNAME\ta.b.elsewhere.example.");
        assertThat(ask("none.moved.kingcdn.example.", "A").rcode()).isEqualTo(Rcode.NXDOMAIN);
        assertThat(ask("www.moved.kingcdn.example.", "CNAME").answer()).hasSize(2);
    }

    @Test
    void answersAtADnameItselfAndHidesWhatLiesBelow_rfc6672_2_3() {
        assertThat(data(ask("moved.kingcdn.example.", "TXT").answer())).containsExactly("\"beside a DNAME\"");
        assertThat(data(ask("moved.kingcdn.example.", "DNAME").answer())).containsExactly("new.kingcdn.example.");
        assertThat(ask("x.moved.kingcdn.example.", "A").answer())
                .first()
                .asString()
                .contains("DNAME");
    }

    @Test
    void saysYxdomainWhenTheNewNameIsTooLong_rfc6672_2_2() {
        // 228 bytes that come before, and 22 of the DNAME's owner fit into a name; a target of 48 does not
        String before = "a".repeat(60) + "." + "b".repeat(60) + "." + "c".repeat(60) + "." + "d".repeat(44) + ".";
        ZoneAnswer answer = ask(before + "long.kingcdn.example.", "A");
        assertThat(answer.rcode()).isEqualTo(Rcode.YXDOMAIN);
        assertThat(text(answer.answer())).singleElement().asString().contains("DNAME");
    }

    @Test
    void givesHttpsRecordsWithHintsOfTheChosenCluster_rfc9460_7_3() {
        var inputs = SnapshotFixture.inputs(HealthMode.ASSUMED, Set.of());
        ServingSnapshot https = ServingSnapshot.compile(new ServingInputs(
                inputs.zones(),
                inputs.distributions(),
                inputs.clusters(),
                inputs.ttls(),
                new EdgeHttps(List.of("h3", "h2"), 8443),
                inputs.places(),
                inputs.paths(),
                Set.of()));
        var route = https.director().route(true, 0x0808080800000000L, 0);
        ZoneAnswer answer = https.answer(Names.of("video.netcinema.example."), Type.HTTPS, route);
        String hints = data(https.answer(Names.of("a1105.kingcdn.example."), Type.A, route)
                        .answer())
                .stream()
                .collect(java.util.stream.Collectors.joining(","));
        assertThat(answer.tailored()).isTrue();
        assertThat(data(answer.answer()))
                .hasSize(2)
                .last()
                .asString()
                .startsWith("1 . alpn=h3,h2 port=8443 ipv4hint=" + hints + " ipv6hint=2001:db8:1:");
        ZoneAnswer none = ask("a1105.kingcdn.example.", "HTTPS");
        assertThat(none.answer()).as("nothing is configured").isEmpty();
        assertThat(none.authority()).hasSize(1);
    }

    @Test
    void addsTheAddressesOfServices_rfc9460_4_1() {
        ZoneAnswer answer = ask("svc.kingcdn.example.", "HTTPS");
        assertThat(data(answer.answer())).containsExactly("1 . alpn=h2 port=8443");
        assertThat(data(answer.additional())).containsExactly("192.0.2.12");
    }

    @Test
    void answersTypesItDoesNotKnow_rfc3597_5() {
        assertThat(data(ask("odd.kingcdn.example.", "TYPE65280").answer())).containsExactly("\\# 4 0A000001");
    }

    @Test
    void addsNothingFromOtherZones() {
        assertThat(ask("foreign.kingcdn.example.", "MX").additional()).isEmpty();
        assertThat(ask("netcinema.example.", "NS").additional())
                .as("the name server lies in the CDN's zone")
                .isEmpty();
    }

    @Test
    void answersAnyMinimally_rfc8482_4_2() {
        for (String name : List.of("static.kingcdn.example.", "a1105.kingcdn.example.", "video.netcinema.example.")) {
            assertThat(text(ask(name, "ANY").answer())).containsExactly(name + "\t3600\tIN\tHINFO\t\"RFC8482\" \"\"");
        }
        assertThat(ask("nothing.kingcdn.example.", "ANY").rcode()).isEqualTo(Rcode.NXDOMAIN);
    }

    @Test
    void refusesNamesOfOthers() {
        assertThat(ask("www.elsewhere.example.", "A").rcode()).isEqualTo(Rcode.REFUSED);
        assertThat(ask(".", "NS").rcode()).isEqualTo(Rcode.REFUSED);
    }

    @Test
    void ordersNodesByTheNameNotByTheCluster() {
        var inputs = SnapshotFixture.inputs(HealthMode.ASSUMED, Set.of());
        var distributions = java.util.stream.IntStream.range(0, 50)
                .mapToObj(i -> SnapshotFixture.distribution("d" + i))
                .toList();
        ServingSnapshot many = ServingSnapshot.compile(new ServingInputs(
                inputs.zones(),
                distributions,
                inputs.clusters(),
                inputs.ttls(),
                inputs.places(),
                inputs.paths(),
                Set.of()));
        assertThat(distributions.stream()
                        .map(distribution -> many.explain(
                                        distribution.id() + ".kingcdn.example", IpPrefix.parse("8.8.8.8"))
                                .orElseThrow()
                                .addresses()
                                .get(0))
                        .distinct())
                .as("first addresses of 50 names on 6 nodes")
                .hasSize(6);
    }

    private ZoneAnswer ask(String name, String type) {
        return ask(snapshot, name, type);
    }

    private static ZoneAnswer ask(ServingSnapshot snapshot, String name, String type) {
        return snapshot.answer(
                Names.of(name), Type.value(type), snapshot.director().route(true, 0x0808080800000000L, 0));
    }

    /** Of this zone alone, without distributions. */
    private static ServingSnapshot snapshot(String zone) {
        ServingInputs inputs = SnapshotFixture.inputs(HealthMode.ASSUMED, Set.of());
        ZoneContent content = SnapshotFixture.zone("kingcdn.example", zone);
        return ServingSnapshot.compile(new ServingInputs(
                List.of(new ServedZone(content, ServedZone.Kind.CDN)),
                List.of(),
                inputs.clusters(),
                inputs.ttls(),
                inputs.places(),
                inputs.paths(),
                Set.of()));
    }

    private static List<String> data(List<Record> records) {
        return records.stream().map(Record::rdataToString).toList();
    }

    private static List<String> text(List<Record> records) {
        return records.stream().map(Record::toString).toList();
    }
}
