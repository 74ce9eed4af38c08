package com.kingcdn.redirector.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.kingcdn.redirector.dnssec.SteppingClock;
import com.kingcdn.redirector.registry.ConfigFileReader;
import com.kingcdn.redirector.registry.KeySource;
import com.kingcdn.redirector.registry.MemoryControlStore;
import com.kingcdn.redirector.registry.Registries;
import com.kingcdn.redirector.zone.ServedZone;
import com.kingcdn.redirector.zone.ZoneContent;
import com.kingcdn.redirector.zone.ZoneFile;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Type;

/** Copies of another server's zone. */
class SecondaryZonesTest {

    private static final Name ORIGIN = Name.fromConstantString("customer.example.");
    private static final Duration SOON = Duration.ofSeconds(20);

    private static final String SECRET = "c2VjcmV0IG9mIHR3ZW50eS1mb3VyIGJ5dGVz";
    private static final String CDN = "@ 60 SOA ns1 h 1 2 3 4 60\n@ 60 NS ns1\nns1 60 A 127.0.0.1\n";

    @TempDir
    Path directory;

    private final SteppingClock clock = new SteppingClock(Instant.parse("2026-03-01T12:00:00Z"));
    private final MemoryControlStore store = new MemoryControlStore();
    private final Registries registries = new Registries(store, Clock.systemUTC());
    private final LiveZones zones = new LiveZones(registries.zones(), new ZoneParser());
    private long memory = CopySettings.defaultMemory();
    private final FakePrimary primary = new FakePrimary(zone(1));

    SecondaryZonesTest() throws IOException {}

    private static ZoneContent zone(int serial) {
        return zone(serial, "");
    }

    private static ZoneContent zone(int serial, String more) {
        return ZoneFile.parse(
                "customer.example",
                "$TTL 60\n@ SOA ns1 host " + serial + " 7200 900 1209600 60\n@ NS ns1\nns1 A 192.0.2.1\n" + more,
                Path.of("zone"));
    }

    @BeforeEach
    void open() throws IOException {
        Files.writeString(directory.resolve("k"), SECRET);
        store.open(registries);
        configure("");
    }

    private void configure(String others) {
        configure(others, primary);
    }

    private void configure(String others, FakePrimary... primaries) {
        String servers = Stream.of(primaries)
                .map(server -> "{address: %s, port: %d}"
                        .formatted(
                                server.address().getAddress().getHostAddress(),
                                server.address().getPort()))
                .collect(Collectors.joining(", "));
        String yaml =
                """
                zones:
                  - {name: kingcdn.example, file: zone, cdn: true}
                %s  - {name: customer.example, primaries: [%s]}
                keys: [{name: k, file: "%s"}]
                """
                        .formatted(others, servers, directory.resolve("k"));
        registries
                .config()
                .replaceFile(new ConfigFileReader(source -> {}).parse(Path.of("/cdn.yaml"), yaml, file -> CDN));
    }

    @AfterEach
    void close() throws IOException {
        primary.close();
    }

    private SecondaryZones secondaries(Path copies) {
        return secondaries(copies, zones);
    }

    private SecondaryZones secondaries(Path copies, LiveZones live) {
        return new SecondaryZones(
                live,
                registries.config()::current,
                () -> new TsigKeys(List.of()),
                () -> CompletableFuture.completedFuture(null),
                new CopySettings(copies, memory),
                clock);
    }

    private void awaitSerial(long serial) {
        await("serial " + serial).atMost(SOON).until(() -> {
            @Nullable ZoneContent copy = zones.copy(ORIGIN);
            return copy != null && copy.serial() == serial;
        });
    }

    private void awaitSerialAsTimePasses(long serial) {
        awaitSerialAsTimePasses(serial, Duration.ofMillis(RefreshTimer.NOTICE_MILLIS / 4));
    }

    private void awaitSerialAsTimePasses(long serial, Duration step) {
        await("serial " + serial).atMost(SOON).until(() -> {
            clock.step(step);
            return Objects.requireNonNull(zones.copy(ORIGIN)).serial() == serial;
        });
    }

    @Test
    void servesACopyThatCannotBeKept() throws Exception {
        Path noDirectory = Files.writeString(directory.resolve("file"), "in the way");
        try (SecondaryZones secondaries = secondaries(noDirectory)) {
            secondaries.start();
            awaitSerial(1);
        }
    }

    /** Such as a thread or a class that is not to be had. */
    @Test
    void anErrorEndsNoTimer() {
        AtomicInteger looks = new AtomicInteger();
        try (SecondaryZones secondaries = new SecondaryZones(
                zones,
                () -> {
                    int look = looks.incrementAndGet();
                    if (look == 2 || look == 3) {
                        throw new NoClassDefFoundError("as thrown when a jar was replaced");
                    }
                    return registries.config().current();
                },
                () -> new TsigKeys(List.of()),
                () -> CompletableFuture.completedFuture(null),
                new CopySettings(directory, memory),
                clock)) {
            secondaries.start();
            awaitSerial(1);
            assertThat(looks).hasValueGreaterThan(3);
        }
    }

    /** With its whole name such a record is longer than a message, in which names are compressed. */
    @Test
    void keepsTheLongestRecordsOverARestart() throws Exception {
        String owner = "a".repeat(60) + "." + "b".repeat(60) + "." + "c".repeat(60);
        String text = "\"" + "x".repeat(255) + "\" ";
        ZoneContent long1 = zone(1, owner + " TXT " + text.repeat(255) + "\n");
        new ZoneCopyFile(directory, ORIGIN).write(long1);
        ZoneContent kept = new ZoneCopyFile(directory, ORIGIN).read(ORIGIN);
        assertThat(Objects.requireNonNull(kept).sorted()).isEqualTo(long1.sorted());
    }

    /** As when there is no memory to read it. */
    @Test
    void aCopyOnDiskThatCannotBeReadKeepsNoZoneWaiting() throws Exception {
        byte[] file = new byte[16];
        ByteBuffer.wrap(file).putInt(0x4b435a32).putInt(1).putInt(-1);
        CRC32C crc = new CRC32C();
        crc.update(file, 0, 12);
        ByteBuffer.wrap(file).putInt(12, (int) crc.getValue());
        Files.write(directory.resolve("customer.example.copy"), file);
        assertThatThrownBy(() -> new ZoneCopyFile(directory, ORIGIN).read(ORIGIN))
                .isInstanceOf(NegativeArraySizeException.class);
        try (SecondaryZones secondaries = secondaries(directory)) {
            secondaries.start();
            awaitSerial(1);
        }
    }

    @Test
    void asksAgainWhenTheClockWasSetBack() {
        try (SecondaryZones secondaries = secondaries(directory)) {
            secondaries.start();
            awaitSerial(1);
            primary.have(zone(2));
            clock.step(Duration.ofDays(-400));
            awaitSerial(2);
        }
    }

    @Test
    void aCopyThatHasExpiredIsNotServedAndItsZoneStaysOurs() throws Exception {
        try (SecondaryZones secondaries = secondaries(directory)) {
            secondaries.start();
            awaitSerial(1);
            assertThat(served()).singleElement().satisfies(zone -> assertThat(zone.content())
                    .isNotNull());
            primary.close();
            clock.step(Duration.ofDays(15));
            await("expired").atMost(SOON).until(() -> zones.copy(ORIGIN) == null);
            await("counted").atMost(SOON).until(() -> TransferMetrics.MISSING.get() == 1);
            assertThat(served()).containsExactly(ServedZone.absent(ORIGIN));
        }
        LiveZones others = new LiveZones(registries.zones(), new ZoneParser());
        try (SecondaryZones secondaries = secondaries(directory, others)) {
            secondaries.start();
            assertThat(others.copy(ORIGIN)).as("from disk").isNull();
        }
    }

    private List<ServedZone> served() {
        return zones.take(registries.config().require()).zones().stream()
                .filter(zone -> zone.origin().equals(ORIGIN))
                .toList();
    }

    @Test
    void aPrimaryThatHangsHoldsUpNoOther() throws Exception {
        try (DatagramSocket hanging = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                SecondaryZones secondaries = secondaries(directory)) {
            StringBuilder others = new StringBuilder();
            for (int i = 0; i < 60; i++) {
                others.append("  - {name: z%d.example, primaries: [{address: 127.0.0.1, port: %d}]}\n"
                        .formatted(i, hanging.getLocalPort()));
            }
            configure(others.toString());
            secondaries.start();

            awaitSerial(1);
        }
    }

    /** RFC 1996 section 4.4 has one query for a notice: what anybody sends in the primary's name must not make thousands of it. */
    @Test
    void aFloodOfNoticesIsOneQuestion() throws Exception {
        try (SecondaryZones secondaries = secondaries(directory)) {
            secondaries.start();
            awaitSerial(1);
            int before = primary.asked();
            primary.have(zone(2));
            ZoneRequest notice = notice();
            for (int i = 0; i < 5_000; i++) {
                assertThat(secondaries.notified(notice)).isEqualTo(Rcode.NOERROR);
            }
            awaitSerialAsTimePasses(2);
            assertThat(primary.asked()).isEqualTo(before + 1);
        }
    }

    @Test
    void aNoticeAfterAWhileIsFollowedAtOnce() throws Exception {
        try (SecondaryZones secondaries = secondaries(directory)) {
            secondaries.start();
            awaitSerial(1);
            clock.step(Duration.ofMinutes(1));
            primary.have(zone(2));
            secondaries.notified(notice());
            awaitSerialAsTimePasses(2);
        }
    }

    /** RFC 1996 section 3.11: the others may not have the change yet. */
    @Test
    void asksThePrimaryThatGivesNotice() throws Exception {
        InetAddress second = InetAddress.getByAddress(new byte[] {127, 0, 0, 2});
        try (FakePrimary other = new FakePrimary(zone(1), second);
                SecondaryZones secondaries = secondaries(directory)) {
            configure("", primary, other);
            secondaries.start();
            awaitSerial(1);
            int before = primary.asked();
            other.have(zone(2));
            assertThat(secondaries.notified(notice(second))).isEqualTo(Rcode.NOERROR);
            awaitSerialAsTimePasses(2);
            assertThat(primary.asked()).isEqualTo(before);
        }
    }

    /** As behind one address of a balancer, or in a test: by its address alone nobody can tell which of them has the change. */
    @Test
    void asksAllPrimariesAtTheAddressThatGivesNotice() throws Exception {
        try (FakePrimary other = new FakePrimary(zone(1));
                SecondaryZones secondaries = secondaries(directory)) {
            configure("", primary, other);
            secondaries.start();
            awaitSerial(1);
            other.have(zone(2));
            assertThat(secondaries.notified(notice())).isEqualTo(Rcode.NOERROR);
            awaitSerialAsTimePasses(2);
        }
    }

    /** As when it copies from others itself, and has not heard from them for long. */
    @Test
    void asksTheNextPrimaryWhenOneIsBehind() throws Exception {
        try (FakePrimary other = new FakePrimary(zone(3));
                SecondaryZones secondaries = secondaries(directory)) {
            primary.have(zone(2));
            configure("", primary, other);
            secondaries.start();
            awaitSerial(2);
            primary.have(zone(1));
            clock.step(Duration.ofHours(3));
            awaitSerial(3);
        }
    }

    @Test
    void aPrimaryThatIsBehindDoesNotConfirmACopy() throws Exception {
        primary.have(zone(2));
        try (SecondaryZones secondaries = secondaries(directory)) {
            secondaries.start();
            awaitSerial(2);
            primary.have(zone(1));
            // some looks at it, and the expiry time of two weeks
            await("fetched as if for the first time").atMost(SOON).until(() -> {
                clock.step(Duration.ofHours(12));
                @Nullable ZoneContent copy = zones.copy(ORIGIN);
                return copy != null && copy.serial() == 1;
            });
        }
    }

    /** Two that copy from each other would keep a zone for ever. */
    @Test
    void aCopyOfACopyIsGoodForNoLongerThanThat_rfc7314_4() throws Exception {
        primary.isACopyFor(Duration.ofHours(1));
        try (SecondaryZones secondaries = secondaries(directory)) {
            secondaries.start();
            awaitSerial(1);
            zones.take(registries.config().require());
            LiveZone zone = Objects.requireNonNull(zones.find(ORIGIN));
            assertThat(secondaries.secondsLeft(zone)).isEqualTo(3600);
            clock.step(Duration.ofMinutes(20));
            assertThat(secondaries.secondsLeft(zone)).isEqualTo(2400);
            primary.close();
            clock.step(Duration.ofHours(1));
            await("expired").atMost(SOON).until(() -> zones.copy(ORIGIN) == null);
        }
    }

    private static ZoneRequest notice() throws IOException {
        return notice(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
    }

    private static ZoneRequest notice(InetAddress sender) throws IOException {
        Message notice = Message.newQuery(Record.newRecord(ORIGIN, Type.SOA, DClass.IN));
        notice.getHeader().setOpcode(Opcode.NOTIFY);
        return ZoneRequest.read(notice.toWire(), sender, true, new TsigKeys(List.of()));
    }

    /** RFC 1034 section 4.3.1: what it has heard of the zone somewhere confirms no copy. */
    @Test
    void takesNoSerialNumberFromAServerThatIsNotAuthoritative() {
        primary.servesNoMore();
        assertThatThrownBy(() -> TransferIn.version(ORIGIN, primary.address(), null))
                .isInstanceOf(TransferException.class)
                .hasMessageContaining("not authoritative");
    }

    @Test
    void keepsTheCopyItHasWhenThereIsNoRoomForTheNext() throws Exception {
        memory = 1 << 20;
        try (SecondaryZones secondaries = secondaries(directory)) {
            secondaries.start();
            awaitSerial(1);
            double refused = TransferMetrics.NO_ROOM.get();
            StringBuilder set = new StringBuilder();
            String owner = "a".repeat(60);
            for (int i = 0; i < 3_900; i++) {
                set.append(owner)
                        .append(" A 10.0.")
                        .append(i / 256)
                        .append('.')
                        .append(i % 256)
                        .append('\n');
            }
            primary.have(zone(2, set.toString()));
            clock.step(Duration.ofHours(3));
            await("refused").atMost(SOON).until(() -> TransferMetrics.NO_ROOM.get() > refused);
            assertThat(Objects.requireNonNull(zones.copy(ORIGIN)).serial()).isEqualTo(1);
            primary.have(zone(3));
            // the one before may end only now, and with it begins the time until the next
            awaitSerialAsTimePasses(3, Duration.ofMinutes(20));
        }
    }

    @Test
    void asksTheNextPrimaryWhenOneHangs() throws Exception {
        try (DatagramSocket hanging = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                SecondaryZones secondaries = secondaries(directory)) {
            StringBuilder all = new StringBuilder();
            for (int i = 0; i < 20; i++) {
                all.append(
                        "  - {name: z%d.example, primaries: [{address: 127.0.0.1, port: %d}, {address: 127.0.0.1, port: %d}]}\n"
                                .formatted(
                                        i,
                                        hanging.getLocalPort(),
                                        primary.address().getPort()));
            }
            configure(all.toString());
            int before = primary.asked();
            secondaries.start();

            await("each zone was asked for at the second").atMost(SOON).until(() -> primary.asked() >= before + 21);
        }
    }

    /** As when a new configuration, without the key, has come since the zone was found due. */
    @Test
    void asksNobodyWithoutTheKeyThatWasConfigured() throws Exception {
        try (FakePrimary signing = new FakePrimary(zone(1));
                SecondaryZones secondaries = secondaries(directory)) {
            configure("  - {name: signed.example, primaries: [{address: 127.0.0.1, port: %d, key: k}]}\n"
                    .formatted(signing.address().getPort()));
            double failed = TransferMetrics.FAILED.get();
            secondaries.start();

            await("an attempt").atMost(SOON).until(() -> TransferMetrics.FAILED.get() > failed);
            assertThat(signing.asked()).isZero();
        }
    }

    /** RFC 8945 section 5.3: who has not the key must not tell us that nothing has changed. */
    @Test
    void takesNoSerialNumberFromWhoeverDoesNotSign() throws Exception {
        TsigKeys keys = new TsigKeys(List.of(new KeySource("k", "hmac-sha256", Path.of("k"), SECRET)));

        assertThat(TransferIn.version(ORIGIN, primary.address(), null).serial()).isEqualTo(1);
        assertThatThrownBy(() -> TransferIn.version(ORIGIN, primary.address(), keys.find(Name.fromString("k."))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not signed");
    }
}
