package com.kingcdn.redirector.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.kingcdn.redirector.dnssec.SteppingClock;
import com.kingcdn.redirector.registry.ConfigFileReader;
import com.kingcdn.redirector.registry.KeySource;
import com.kingcdn.redirector.registry.MemoryControlStore;
import com.kingcdn.redirector.registry.Registries;
import com.kingcdn.redirector.zone.ZoneContent;
import com.kingcdn.redirector.zone.ZoneFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.Name;

/** Copies of another server's zone. */
class SecondaryZonesTest {

    private static final Name ORIGIN = Name.fromConstantString("customer.example.");
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private final SteppingClock clock = new SteppingClock(Instant.parse("2026-03-01T12:00:00Z"));
    private final MemoryControlStore store = new MemoryControlStore();
    private final Registries registries = new Registries(store, Clock.systemUTC());
    private final LiveZones zones = new LiveZones(registries.zones());
    private final FakePrimary primary = new FakePrimary(zone(1));

    SecondaryZonesTest() throws IOException {}

    private static ZoneContent zone(int serial) {
        return ZoneFile.parse(
                "customer.example",
                "$TTL 60\n@ SOA ns1 host " + serial + " 7200 900 1209600 60\n@ NS ns1\nns1 A 192.0.2.1\n",
                Path.of("zone"));
    }

    @BeforeEach
    void configure() {
        store.open(registries);
        String yaml =
                """
                zones:
                  - {name: kingcdn.example, file: zone, cdn: true}
                  - {name: customer.example, primaries: [{address: 127.0.0.1, port: %d}]}
                """
                        .formatted(primary.address().getPort());
        registries
                .config()
                .replaceFile(new ConfigFileReader(source -> {}).parse(Path.of("/cdn.yaml"), yaml, file -> ""));
    }

    @AfterEach
    void close() throws IOException {
        primary.close();
    }

    private SecondaryZones secondaries(Path copies) {
        return new SecondaryZones(
                zones, registries.config()::current, () -> new TsigKeys(List.of()), () -> {}, copies, clock);
    }

    private void awaitSerial(long serial) {
        await("serial " + serial).atMost(SOON).until(() -> {
            @Nullable ZoneContent copy = zones.copy(ORIGIN);
            return copy != null && copy.serial() == serial;
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

    /** RFC 8945 section 5.3: who has not the key must not tell us that nothing has changed. */
    @Test
    void takesNoSerialNumberFromWhoeverDoesNotSign() throws Exception {
        TsigKeys keys = new TsigKeys(
                List.of(new KeySource("k", "hmac-sha256", Path.of("k"), "c2VjcmV0IG9mIHR3ZW50eS1mb3VyIGJ5dGVz")));

        assertThat(TransferIn.serial(ORIGIN, primary.address(), null)).isEqualTo(1);
        assertThatThrownBy(() -> TransferIn.serial(ORIGIN, primary.address(), keys.find(Name.fromString("k."))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not signed");
    }
}
