package com.kingcdn.redirector.zone;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.redirector.dnssec.KeyScheme;
import com.kingcdn.redirector.dnssec.OpenedKeys;
import com.kingcdn.redirector.dnssec.SteppingClock;
import com.kingcdn.redirector.dnssec.ZoneKeys;
import com.kingcdn.redirector.dnssec.ZoneSigner;
import com.kingcdn.redirector.routing.Addresses;
import com.kingcdn.redirector.routing.ClientRoute;
import com.kingcdn.redirector.routing.ClusterChoice;
import com.kingcdn.redirector.routing.PlaceSource;
import com.kingcdn.topology.HealthMode;
import com.kingcdn.topology.IpPrefix;
import io.prometheus.client.CollectorRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xbill.DNS.NSECRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.RRset;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Type;

/** What DNSSEC adds to answers: RFC 4035 section 3.1, RFC 9824. */
class SignedAnswersTest {

    private static final int[] TYPES = {
        Type.A,
        Type.AAAA,
        Type.NS,
        Type.CNAME,
        Type.SOA,
        Type.MX,
        Type.TXT,
        Type.PTR,
        Type.SRV,
        Type.CAA,
        Type.HTTPS,
        Type.DNAME,
        Type.DS,
        Type.DNSKEY,
        Type.CDS,
        Type.CDNSKEY,
        Type.NSEC,
        Type.RRSIG,
        Type.ANY,
        65280
    };

    /** Each kind of name that there is, see {@link SnapshotFixture}. */
    private static final List<String> NAMES = List.of(
            "kingcdn.example.",
            "ns1.kingcdn.example.",
            "static.kingcdn.example.",
            "alias.kingcdn.example.",
            "away.kingcdn.example.",
            "loop1.kingcdn.example.",
            "dangling.kingcdn.example.",
            "old.kingcdn.example.",
            "a.ent.kingcdn.example.",
            "ent.kingcdn.example.",
            "wild.kingcdn.example.",
            "*.wild.kingcdn.example.",
            "any.wild.kingcdn.example.",
            "two.labels.wild.kingcdn.example.",
            "y.wild.kingcdn.example.",
            "n.y.wild.kingcdn.example.",
            "any.cwild.kingcdn.example.",
            "child.kingcdn.example.",
            "ns.child.kingcdn.example.",
            "deep.in.child.kingcdn.example.",
            "_dns._udp.kingcdn.example.",
            "_udp.kingcdn.example.",
            "big.kingcdn.example.",
            "nothing.kingcdn.example.",
            "nothing.below.static.kingcdn.example.",
            "a1105.kingcdn.example.",
            "n.a1105.kingcdn.example.",
            "vanity.kingcdn.example.",
            "netcinema.example.",
            "www.netcinema.example.",
            "video.netcinema.example.",
            "hosts.netcinema.example.",
            "no.netcinema.example.",
            "NoThing.KingCDN.Example.",
            "moved.kingcdn.example.",
            "below.moved.kingcdn.example.",
            "below.away2.kingcdn.example.",
            "elsewhere.example.");

    @TempDir
    Path state;

    private final SteppingClock clock = new SteppingClock(Instant.parse("2026-03-01T12:00:00Z"));
    private final Map<String, ZoneSigner> signers = new HashMap<>();
    private final AnswerValidator validator = new AnswerValidator(signers, clock);
    private @Nullable ZoneKeys keys;
    private ServingSnapshot snapshot = SnapshotFixture.snapshot();

    @BeforeEach
    void sign() {
        sign(1_000_000);
    }

    private void sign(int budget) {
        close();
        ZoneKeys opened = OpenedKeys.of(KeyScheme.KSK_ZSK, 100_000, budget, state, clock);
        keys = opened;
        for (String zone : List.of("kingcdn.example", "netcinema.example")) {
            signers.put(zone, opened.signer(zone));
        }
        snapshot = SnapshotFixture.snapshot().signedBy(signers);
    }

    @AfterEach
    void close() {
        if (keys != null) {
            keys.close();
        }
    }

    /** Clients near nyc, fra and sin. */
    private List<ClientRoute> routes() {
        return Stream.of("8.8.8.0/24", "193.0.0.0/24", "203.0.113.0/24")
                .map(prefix -> IpPrefix.parse(prefix).address())
                .map(address -> snapshot.director().route(true, Addresses.high(address), 0))
                .toList();
    }

    private ZoneAnswer ask(String name, int type, ClientRoute route, boolean compactOk) {
        Name question = Name.fromConstantString(name);
        return snapshot.signed(question, type, snapshot.answer(question, type, route), compactOk);
    }

    private ZoneAnswer ask(String name, int type) {
        return ask(name, type, routes().get(0), false);
    }

    @ParameterizedTest
    @CsvSource({"1000000", "0"})
    void leavesNothingUnsigned(int budget) throws Exception {
        sign(budget);
        for (String name : NAMES) {
            for (int type : TYPES) {
                for (ClientRoute route : routes()) {
                    ZoneAnswer answer = ask(name, type, route, false);
                    String what = name + " " + Type.string(type) + " " + answer;
                    validator.check(answer, name, what);
                }
            }
        }
    }

    private static NSECRecord proof(ZoneAnswer answer) {
        return AnswerValidator.proofs(answer).get(0);
    }

    @Test
    void deniesANameCompactly_rfc9824_2() {
        ZoneAnswer answer = ask("nothing.kingcdn.example.", Type.A);
        assertThat(answer.rcode()).isEqualTo(Rcode.NOERROR);
        NSECRecord nsec = proof(answer);
        assertThat(nsec.getName()).hasToString("nothing.kingcdn.example.");
        assertThat(nsec.getNext()).hasToString("\\000.nothing.kingcdn.example.");
        assertThat(nsec.getTypes()).containsExactly(Type.RRSIG, Type.NSEC, 128);
        assertThat(nsec.getTTL()).as("RFC 9077").isEqualTo(60);
    }

    /** Unbound takes a proof that lists what it denies for none, also of types that every name has. */
    @ParameterizedTest
    @CsvSource({"1000000", "0"})
    void deniesNoTypeThatTheProofLists_rfc4035_5_4(int budget) {
        sign(budget);
        for (String name : NAMES) {
            for (int type : TYPES) {
                ZoneAnswer answer = ask(name, type);
                Name last = SignedAnswers.last(Name.fromConstantString(name), answer);
                boolean negative = answer.authority().stream().anyMatch(record -> record.getType() == Type.SOA);
                AnswerValidator.proofs(answer).stream()
                        .filter(proof -> negative && proof.getName().equals(last))
                        .forEach(proof -> assertThat(proof.getTypes())
                                .as(name + " " + Type.string(type))
                                .doesNotContain(type));
            }
        }
    }

    @Test
    void answersWithTheProofWhoeverAsksForIt() {
        for (boolean compactOk : new boolean[] {false, true}) {
            ZoneAnswer answer = ask("nothing.kingcdn.example.", Type.NSEC, routes().get(0), compactOk);
            assertThat(answer.rcode()).isEqualTo(Rcode.NOERROR);
            assertThat(answer.authority()).isEmpty();
            assertThat(answer.answer()).hasSize(2);
            assertThat(answer.answer().get(0))
                    .isInstanceOfSatisfying(NSECRecord.class, nsec -> assertThat(nsec.getTypes())
                            .containsExactly(Type.RRSIG, Type.NSEC, 128));
        }
    }

    @Test
    void restoresTheCodeForThoseWhoAskForIt_rfc9824_5() {
        assertThat(ask("nothing.kingcdn.example.", Type.A, routes().get(0), true)
                        .rcode())
                .isEqualTo(Rcode.NXDOMAIN);
        assertThat(ask("static.kingcdn.example.", Type.AAAA, routes().get(0), true)
                        .rcode())
                .isEqualTo(Rcode.NOERROR);
    }

    @Test
    void saysWhichTypesANameHas_rfc9824_3_1() {
        assertThat(proof(ask("static.kingcdn.example.", Type.AAAA)).getTypes())
                .containsExactly(Type.A, Type.TXT, Type.RRSIG, Type.NSEC);
        assertThat(proof(ask("ent.kingcdn.example.", Type.A)).getTypes()).containsExactly(Type.RRSIG, Type.NSEC);
        assertThat(proof(ask("any.wild.kingcdn.example.", Type.TXT)).getTypes())
                .containsExactly(Type.A, Type.MX, Type.RRSIG, Type.NSEC);
        // sin has no IPv6
        assertThat(proof(ask("a1105.kingcdn.example.", Type.AAAA, routes().get(2), false))
                        .getTypes())
                .contains(Type.A)
                .doesNotContain(Type.AAAA);
    }

    /** The same zones, with a line more. */
    private ServingSnapshot with(String line) {
        ServingInputs inputs = SnapshotFixture.inputs(HealthMode.ASSUMED, Set.of());
        ServedZone zone = new ServedZone(
                SnapshotFixture.zone("kingcdn.example", SnapshotFixture.CDN_ZONE + line), ServedZone.Kind.CDN);
        return ServingSnapshot.compile(new ServingInputs(
                        List.of(zone, inputs.zones().get(1)),
                        inputs.distributions(),
                        inputs.clusters(),
                        inputs.ttls(),
                        inputs.places(),
                        inputs.paths(),
                        inputs.upNodes()))
                .signedBy(signers);
    }

    @Test
    void signsWhatItSaysToAnyNotTheZonesOwnRecord_rfc8482_4_2() throws Exception {
        snapshot = with("host 3600 IN HINFO \"a machine\" \"a system\"\n");
        for (int type : new int[] {Type.HINFO, Type.ANY}) {
            ZoneAnswer answer = ask("host.kingcdn.example.", type);
            assertThat(answer.answer().get(0).rdataToString())
                    .isEqualTo(type == Type.ANY ? "\"RFC8482\" \"\"" : "\"a machine\" \"a system\"");
            validator.checkSection(answer, answer.answer(), Type.string(type));
        }
    }

    @Test
    void answersWithItsOwnKeysWhateverTheZoneFileHas() throws Exception {
        snapshot = with("@ 3600 IN DNSKEY 256 3 13 " + "A".repeat(86) + "==\n");

        ZoneAnswer answer = ask("kingcdn.example.", Type.DNSKEY);
        RRset own = Objects.requireNonNull(Objects.requireNonNull(signers.get("kingcdn.example"))
                .apexSets()
                .get(Type.DNSKEY));
        assertThat(answer.answer().stream().filter(record -> record.getType() == Type.DNSKEY))
                .containsExactlyInAnyOrderElementsOf(own.rrs(false));
        validator.checkSection(answer, answer.answer(), "DNSKEY");
    }

    @Test
    void provesThatADelegationHasNoDs_rfc4035_3_1_4_1() {
        ZoneAnswer answer = ask("deep.in.child.kingcdn.example.", Type.A);
        assertThat(answer.authoritative()).isFalse();
        assertThat(proof(answer).getName()).hasToString("child.kingcdn.example.");
        assertThat(proof(answer).getTypes()).containsExactly(Type.NS, Type.RRSIG, Type.NSEC);
        assertThat(answer.additional()).as("glue").isNotEmpty().noneMatch(record -> record.getType() == Type.RRSIG);
    }

    @Test
    void signsEachSetOnce() {
        double before = made();
        ask("static.kingcdn.example.", Type.A);
        double first = made();
        assertThat(first).isGreaterThan(before);
        for (int i = 0; i < 100; i++) {
            ask("static.kingcdn.example.", Type.A);
        }
        assertThat(made()).isEqualTo(first);
        // the same content in another snapshot
        snapshot = SnapshotFixture.snapshot().signedBy(signers);
        ask("static.kingcdn.example.", Type.A);
        assertThat(made()).isEqualTo(first);
    }

    @Test
    void aFloodOfNamesThatDoNotExistCostsNoSignaturesAboveTheBudget() {
        sign(10);
        for (int i = 0; i < 20; i++) {
            ask("warm" + i + ".kingcdn.example.", Type.A);
        }
        double before = made();
        for (int i = 0; i < 5000; i++) {
            assertThat(ask("n" + i + ".kingcdn.example.", Type.A).rcode()).isEqualTo(Rcode.NXDOMAIN);
        }
        // the chain of the zone has as many records as it has names
        assertThat(made() - before).isLessThan(60);
    }

    private static double made() {
        double sum = 0;
        for (String purpose : List.of("record", "renewal", "denial")) {
            sum += Objects.requireNonNull(CollectorRegistry.defaultRegistry.getSampleValue(
                    "kingcdn_redirector_dnssec_signatures_total", new String[] {"purpose"}, new String[] {purpose}));
        }
        return sum;
    }

    @Test
    void keepsSignedAnswersReadyUntilTheirSignaturesAreRenewed() {
        Name name = Name.fromConstantString("a1105.kingcdn.example.");
        byte[] wire = name.toWire();
        HandoffTable.Entry entry = Objects.requireNonNull(snapshot.handoffs().find(wire, 0, wire.length));
        ClusterChoice choice = Objects.requireNonNull(routes().get(0).choice(entry.placement()));
        PreparedAnswer first = snapshot.preparedSigned(entry, Type.A, choice);
        assertThat(snapshot.preparedSigned(entry, Type.A, choice)).isSameAs(first);
        assertThat(snapshot.prepared(entry, Type.A, choice).body().length).isLessThan(first.body().length);

        clock.step(Duration.ofDays(10));
        PreparedAnswer second = snapshot.preparedSigned(entry, Type.A, choice);
        assertThat(second).isNotSameAs(first);
        assertThat(second.remakeAt()).isGreaterThan(first.remakeAt());
    }

    @Test
    void keepsSignedAnswersOverAnotherMapForTheSameSignersOnly() {
        byte[] wire = Names.of("static.kingcdn.example.").toWire();
        ServingInputs inputs = SnapshotFixture.inputs(HealthMode.ASSUMED, Set.of());
        ServingSnapshot first = ServingSnapshot.compile(inputs).signedBy(signers);
        ReadyAnswer made = first.answered(Names.of("static.kingcdn.example."), Type.A, routes().get(0), true, false);
        ServingInputs otherMap = new ServingInputs(
                inputs.zones(),
                inputs.distributions(),
                inputs.clusters(),
                inputs.ttls(),
                PlaceSource.NONE,
                inputs.paths(),
                inputs.upNodes());
        assertThat(first.recompile(otherMap).signedBy(signers).ready(wire, 0, wire.length, Type.A, true, false))
                .isSameAs(made);
        ServingSnapshot unsigned = first.recompile(otherMap).signedBy(Map.of());
        assertThat(unsigned.isSigned()).isFalse();
        assertThat(unsigned.ready(wire, 0, wire.length, Type.A, false, false)).isNull();
        ServingSnapshot partly = first.recompile(otherMap)
                .signedBy(Map.of("netcinema.example", Objects.requireNonNull(signers.get("netcinema.example"))));
        assertThat(partly.ready(wire, 0, wire.length, Type.A, true, false)).isNull();
    }
}
