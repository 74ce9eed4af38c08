package com.kingcdn.redirector.dnssec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.DClass;
import org.xbill.DNS.DNSKEYRecord;
import org.xbill.DNS.DNSSEC;
import org.xbill.DNS.Name;
import org.xbill.DNS.RRSIGRecord;
import org.xbill.DNS.RRset;
import org.xbill.DNS.Record;
import org.xbill.DNS.Type;

/** Keys on disk and through their lives. */
class ZoneKeysTest {

    private static final String ZONE = "kingcdn.example";

    @TempDir
    Path state;

    private final SteppingClock clock = new SteppingClock(Instant.parse("2026-03-01T12:00:00Z"));
    private final List<ZoneKeys> opened = new ArrayList<>();
    private @Nullable ZoneKeys managing;

    /** Who managed the keys before has ended, as over a restart. */
    private ZoneKeys open(KeyScheme scheme, boolean manage) {
        if (manage && managing != null) {
            managing.close();
        }
        ZoneKeys keys = openBeside(scheme, manage);
        managing = manage ? keys : managing;
        return keys;
    }

    private ZoneKeys openBeside(KeyScheme scheme, boolean manage) {
        ZoneKeys keys = new ZoneKeys(
                new DnssecSettings(
                        null, manage, scheme, Duration.ofDays(90), Duration.ofDays(1), Duration.ofDays(14), 1000, 100),
                state,
                clock);
        opened.add(keys);
        return keys;
    }

    @AfterEach
    void close() {
        opened.forEach(ZoneKeys::close);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(state.resolve("keys"))) {
            return files.filter(file -> !file.endsWith("keys.lock")).sorted().toList();
        }
    }

    private static List<Integer> tags(RRset set) {
        return set.rrs(false).stream()
                .map(record -> ((DNSKEYRecord) record).getFootprint())
                .sorted()
                .toList();
    }

    private static RRset dnskeys(ZoneSigner signer) {
        return Objects.requireNonNull(signer.apexSets().get(Type.DNSKEY));
    }

    private static RRset address(String name) {
        try {
            return new RRset(Record.fromString(Name.fromString(name), Type.A, DClass.IN, 60, "192.0.2.1", Name.root));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void makesOneKeyThatOnlyItsOwnerCanReadAndKeepsIt() throws Exception {
        ZoneSigner first = open(KeyScheme.CSK, true).signer(ZONE);

        assertThat(files()).hasSize(2);
        for (Path file : files()) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
        }
        assertThat(files().get(1).getFileName().toString()).matches("Kkingcdn\\.example\\.\\+013\\+\\d{5}\\.private");
        assertThat(dnskeys(first).rrs(false)).singleElement().satisfies(record -> {
            assertThat(((DNSKEYRecord) record).getFlags()).isEqualTo(257);
            assertThat(((DNSKEYRecord) record).getAlgorithm()).isEqualTo(13);
        });
        assertThat(first.apexSets()).containsKeys(Type.CDS, Type.CDNSKEY);

        ZoneSigner second = open(KeyScheme.CSK, true).signer(ZONE + ".");
        assertThat(tags(dnskeys(second))).isEqualTo(tags(dnskeys(first)));
    }

    @Test
    void twoDoNotManageOneDirectory() {
        ZoneKeys first = open(KeyScheme.CSK, true);
        List<Integer> tags = tags(dnskeys(first.signer(ZONE)));
        ZoneKeys second = openBeside(KeyScheme.CSK, true);
        assertThatThrownBy(() -> second.signer(ZONE))
                .isInstanceOf(KeyException.class)
                .hasMessageContaining("another redirector manages the keys in " + state.resolve("keys"))
                .hasMessageContaining("dnssec.manage=false");
        assertThat(tags(dnskeys(openBeside(KeyScheme.CSK, false).signer(ZONE)))).isEqualTo(tags);
        first.close();
        assertThat(tags(dnskeys(second.signer(ZONE)))).isEqualTo(tags);
    }

    /** As on a volume that is mounted for reading only. */
    @Test
    void saysWhatToDoWhereTheDirectoryCannotBeLocked() throws Exception {
        Files.createDirectories(state.resolve("keys").resolve("keys.lock"));
        assertThatThrownBy(() -> open(KeyScheme.CSK, true).signer(ZONE))
                .isInstanceOf(KeyException.class)
                .hasMessageContaining("cannot be locked")
                .hasMessageContaining("dnssec.manage=false");
    }

    /** A machine whose clock has lost its battery must answer, with the keys it had. */
    @Test
    void signsWithItsKeysThoughTheClockSaysThatTheyAreForLater() throws Exception {
        List<Integer> tags = tags(dnskeys(open(KeyScheme.CSK, true).signer(ZONE)));
        clock.step(Duration.ofDays(-400));

        ZoneSigner signer = open(KeyScheme.CSK, true).signer(ZONE);
        assertThat(tags(dnskeys(signer))).isEqualTo(tags);
        assertThat(flags(signer, dnskeys(signer), address("www.kingcdn.example.")))
                .isEqualTo(Set.of(257));
        assertThat(files()).as("no key is made").hasSize(2);
    }

    @Test
    void afterARolloverItIsTheNewKeysThatAClockSetBackUses() throws Exception {
        ZoneKeys beginning = open(KeyScheme.CSK, true);
        beginning.signer(ZONE);
        clock.step(Duration.ofDays(30));
        assertThat(beginning.roll(ZONE, true)).isTrue();
        List<Integer> both = tags(dnskeys(beginning.signer(ZONE)));
        assertThat(both).hasSize(2);
        clock.step(Duration.ofDays(-400));

        assertThat(tags(dnskeys(open(KeyScheme.CSK, true).signer(ZONE)))).isEqualTo(both);
        clock.step(Duration.ofDays(400));
        assertThat(tags(dnskeys(open(KeyScheme.CSK, true).signer(ZONE)))).isEqualTo(both);
    }

    /** Redirectors of one zone answer with the same keys: one manages the directory, the others read it. */
    @Test
    void redirectorsThatShareADirectoryHaveTheSameKeys() {
        ZoneKeys managing = open(KeyScheme.KSK_ZSK, true);
        List<Integer> tags = tags(dnskeys(managing.signer(ZONE)));
        ZoneKeys reading = open(KeyScheme.KSK_ZSK, false);
        assertThat(tags(dnskeys(reading.signer(ZONE)))).isEqualTo(tags);

        assertThat(managing.roll(ZONE, false)).isTrue();
        reading.watch();
        assertThat(tags(dnskeys(reading.signer(ZONE)))).hasSize(3).isEqualTo(tags(dnskeys(managing.signer(ZONE))));
    }

    @Test
    void signsKeysWithTheKskAndDataWithTheZsk() throws Exception {
        ZoneSigner signer = open(KeyScheme.KSK_ZSK, true).signer(ZONE);
        RRset keys = dnskeys(signer);
        assertThat(keys.size()).isEqualTo(2);
        RRset cds = Objects.requireNonNull(signer.apexSets().get(Type.CDS));
        RRset data = address("www.kingcdn.example.");

        assertThat(flags(signer, keys, keys)).isEqualTo(Set.of(257));
        assertThat(flags(signer, keys, cds)).isEqualTo(Set.of(257));
        assertThat(flags(signer, keys, data)).isEqualTo(Set.of(256));
    }

    /** The flags of the keys whose signatures of the set validate. */
    private Set<Integer> flags(ZoneSigner signer, RRset keys, RRset set) throws DNSSEC.DNSSECException {
        List<Integer> flags = new ArrayList<>();
        for (Signature signature : signer.sign(set)) {
            RRSIGRecord record = signature.record();
            DNSKEYRecord key = keys.rrs(false).stream()
                    .map(candidate -> (DNSKEYRecord) candidate)
                    .filter(candidate -> candidate.getFootprint() == record.getFootprint())
                    .findFirst()
                    .orElseThrow();
            DNSSEC.verify(set, record, key, clock.instant());
            flags.add(key.getFlags());
        }
        return Set.copyOf(flags);
    }

    @Test
    void goesThroughARolloverOverRestarts() {
        int old = tags(dnskeys(open(KeyScheme.CSK, true).signer(ZONE))).get(0);
        ZoneKeys beginning = open(KeyScheme.CSK, true);
        beginning.signer(ZONE);
        assertThat(beginning.dsPublished(ZONE)).as("nothing is awaited").isFalse();
        assertThat(beginning.roll(ZONE, true)).isTrue();
        assertThat(beginning.roll(ZONE, true)).as("one at a time").isFalse();
        ZoneSigner both = beginning.signer(ZONE);
        assertThat(tags(dnskeys(both))).hasSize(2);
        assertThat(both.sign(dnskeys(both))).as("both sign the keys").hasSize(2);
        assertThat(both.keys().data().state().tag()).isEqualTo(old);
        assertThat(both.keys().askedFor()).extracting(key -> key.state().tag()).containsExactly(old);

        clock.step(Duration.ofHours(3));
        ZoneKeys asking = open(KeyScheme.CSK, true);
        int fresh = asking.signer(ZONE).keys().data().state().tag();
        assertThat(fresh).isNotEqualTo(old);
        assertThat(asking.signer(ZONE).keys().askedFor())
                .as("CDS")
                .extracting(key -> key.state().tag())
                .containsExactly(fresh);
        assertThat(asking.report(ZONE).orElseThrow().awaitsDs()).isTrue();
        assertThat(asking.report(ZONE).orElseThrow().ds())
                .singleElement()
                .asString()
                .contains(fresh + " 13 2 ");

        clock.step(Duration.ofDays(30));
        ZoneKeys waiting = open(KeyScheme.CSK, true);
        assertThat(tags(dnskeys(waiting.signer(ZONE))))
                .as("without the operator's word the old key stays")
                .contains(old, fresh);
        assertThat(waiting.dsPublished(ZONE)).isTrue();

        clock.step(Duration.ofDays(8));
        assertThat(tags(dnskeys(open(KeyScheme.CSK, true).signer(ZONE)))).containsExactly(fresh);
    }

    @Test
    void usesKeysOfDnssecKeygen() throws Exception {
        Path keys = Files.createDirectories(state.resolve("keys"));
        // made by dnssec-keygen of BIND 9.18
        Files.writeString(keys.resolve("Kkingcdn.example.+013+" + BindKey.TAG + ".key"), BindKey.PUBLIC);
        Files.writeString(keys.resolve("Kkingcdn.example.+013+" + BindKey.TAG + ".private"), BindKey.PRIVATE);
        ZoneKeys unmanaged = open(KeyScheme.CSK, false);

        ZoneSigner signer = unmanaged.signer(ZONE);
        assertThat(tags(dnskeys(signer))).containsExactly(Integer.valueOf(BindKey.TAG));
        assertThat(flags(signer, dnskeys(signer), dnskeys(signer))).isEqualTo(Set.of(257));
        assertThat(unmanaged.report(ZONE).orElseThrow().ds()).hasSize(1);
        assertThatThrownBy(() -> unmanaged.roll(ZONE, true)).isInstanceOf(KeyException.class);
        assertThat(files()).hasSize(2);
    }

    @Test
    void refusesWhatItCannotSignWith() throws Exception {
        assertThatThrownBy(() -> open(KeyScheme.CSK, false).signer(ZONE))
                .isInstanceOf(KeyException.class)
                .hasMessageContaining("keys");
        open(KeyScheme.CSK, true).signer(ZONE);
        open(KeyScheme.CSK, true).signer("other.example");
        Path key = files().stream()
                .filter(file ->
                        file.toString().contains("Kkingcdn") && file.toString().endsWith(".private"))
                .findFirst()
                .orElseThrow();
        Path foreign = files().stream()
                .filter(file ->
                        file.toString().contains("Kother") && file.toString().endsWith(".private"))
                .findFirst()
                .orElseThrow();
        Files.write(key, Files.readAllBytes(foreign));

        assertThatThrownBy(() -> open(KeyScheme.CSK, true).signer(ZONE))
                .isInstanceOf(KeyException.class)
                .hasMessageContaining("does not belong")
                .hasMessageNotContaining(Files.readAllLines(foreign).get(2));
        assertThatThrownBy(() -> new ZoneKeys(DnssecSettings.DEFAULT, null, clock).signer(ZONE))
                .hasMessageContaining("kingcdn.redirector.state");
    }

    @Test
    void leavesOutWhatACrashLeftBehind() throws Exception {
        open(KeyScheme.CSK, true).signer(ZONE);
        Path keys = state.resolve("keys");
        Files.writeString(keys.resolve("Kkingcdn.example.+013+00001.private.new"), "Private-key-for");
        Files.writeString(keys.resolve("Kkingcdn.example.+013+00001.key"), "kingcdn.example. IN DNSKEY 257 3 13 AAAA");

        assertThat(tags(dnskeys(open(KeyScheme.CSK, true).signer(ZONE)))).hasSize(1);
    }

    @Test
    void makesASignatureOnceAndRenewsItBeforeItEnds() {
        ZoneSigner signer = open(KeyScheme.CSK, true).signer(ZONE);
        RRset keys = dnskeys(signer);
        Signature first = signer.sign(keys).get(0);
        assertThat(signer.sign(new RRset(keys)).get(0)).as("the same content").isSameAs(first);

        clock.step(Duration.ofDays(6));
        assertThat(signer.sign(keys).get(0)).isSameAs(first);
        clock.step(Duration.ofDays(2));
        Signature second = signer.sign(keys).get(0);
        assertThat(second.record().getExpire()).isAfter(first.record().getExpire());
        assertThat(Instant.ofEpochMilli(first.remakeAt()))
                .isBefore(first.record().getExpire().minus(Duration.ofDays(3)));
    }

    @Test
    void signsAnewWhenTheClockWasSetBack() {
        ZoneKeys keys = open(KeyScheme.CSK, false);
        open(KeyScheme.CSK, true).signer(ZONE);
        clock.step(Duration.ofDays(2));
        ZoneSigner before = keys.signer(ZONE);
        Signature ahead = before.sign(address("www.kingcdn.example.")).get(0);
        AtomicInteger told = new AtomicInteger();
        keys.subscribe(told::incrementAndGet);

        keys.watch();
        assertThat(told).hasValue(0);
        clock.step(Duration.ofDays(-1));
        assertThat(ahead.record().getTimeSigned()).as("not valid yet").isAfter(clock.instant());
        keys.watch();

        assertThat(told).as("whoever holds signatures").hasValue(1);
        assertThat(keys.signer(ZONE)).isNotSameAs(before);
        assertThat(keys.signer(ZONE)
                        .sign(address("www.kingcdn.example."))
                        .get(0)
                        .record()
                        .getTimeSigned())
                .isBefore(clock.instant());
        keys.watch();
        assertThat(told).hasValue(1);
    }

    @Test
    void signsWhatOnlyQueriesBringUpWithinABudget() {
        ZoneSigner signer = open(KeyScheme.CSK, true).signer(ZONE);
        RRset keys = dnskeys(signer);
        int signed = 0;
        for (int i = 0; i < 300; i++) {
            RRset set = address("n" + i + ".kingcdn.example.");
            signed += signer.signPassing(set) == null ? 0 : 1;
        }
        assertThat(signed).isEqualTo(100);
        assertThat(signer.sign(keys))
                .as("the zone's own records are none of it")
                .hasSize(1);
        clock.step(Duration.ofMillis(500));
        assertThat(signer.signPassing(keys)).isNotNull();
    }

    @Test
    void tellsSettingsThatCannotBe() {
        assertThatThrownBy(() -> new DnssecSettings(
                        null,
                        true,
                        KeyScheme.CSK,
                        Duration.ofDays(1),
                        Duration.ofDays(1),
                        Duration.ofDays(14),
                        1000,
                        100))
                .hasMessageContaining("zsk-lifetime");
    }
}
