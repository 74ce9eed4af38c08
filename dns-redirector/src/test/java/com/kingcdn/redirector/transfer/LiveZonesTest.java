package com.kingcdn.redirector.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.kingcdn.redirector.registry.AccessRule;
import com.kingcdn.redirector.registry.ConfigFileReader;
import com.kingcdn.redirector.registry.ControlStoreException;
import com.kingcdn.redirector.registry.MemoryControlStore;
import com.kingcdn.redirector.registry.Registries;
import com.kingcdn.redirector.registry.SlowControlStore;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.Type;

/** Zones over restarts. */
class LiveZonesTest {

    private static final Name ORIGIN = Name.fromConstantString("kingcdn.example.");
    private static final String YAML = "zones: [{name: kingcdn.example, file: zone, cdn: true}]\n";
    private static final String ZONE =
            "$TTL 60\n@ SOA ns1 host 7 7200 900 1209600 60\n@ NS ns1\nns1 A 192.0.2.1\nWWW A 127.0.0.1\n";

    private final MemoryControlStore store = new MemoryControlStore();
    private final Registries registries = new Registries(store, Clock.systemUTC());

    @BeforeEach
    void open() {
        store.open(registries);
        registries
                .config()
                .replaceFile(new ConfigFileReader(source -> {}).parse(Path.of("/cdn.yaml"), YAML, file -> ZONE));
    }

    private LiveZones start() {
        LiveZones zones = new LiveZones(registries.zones(), new ZoneParser());
        zones.take(registries.config().require());
        return zones;
    }

    private static void update(LiveZones zones, Record record) throws UpdateRefusal {
        LiveZone zone = Objects.requireNonNull(zones.find(ORIGIN));
        zones.update(zone, ZoneUpdate.of(zone, new AccessRule("k", List.of(), List.of()), List.of(record)));
    }

    @Test
    void keepsARecordThatIsDeletedAndComesBackSpelledOtherwise() throws Exception {
        Name www = Name.fromString("www", ORIGIN);
        LiveZones zones = start();
        update(zones, Record.newRecord(www, Type.A, DClass.ANY, 0));
        assertThat(Objects.requireNonNull(start().find(ORIGIN)).content().records(www, Type.A))
                .isEmpty();
        update(zones, new ARecord(www, DClass.IN, 60, InetAddress.getLoopbackAddress()));

        assertThat(Objects.requireNonNull(zones.find(ORIGIN)).content().records(www, Type.A))
                .hasSize(1);
        assertThat(Objects.requireNonNull(start().find(ORIGIN)).content().records(www, Type.A))
                .as("after a restart")
                .hasSize(1);
    }

    /** RFC 1996 section 4.1: who comes for the new version has to find it. */
    @Test
    void tellsOfAChangeWhenItIsServed() throws Exception {
        LiveZones zones = start();
        List<Long> told = new ArrayList<>();
        zones.subscribe(zone -> told.add(zone.shown().serial()));
        zones.served(zones.take(registries.config().require()));
        told.clear();

        update(zones, new ARecord(Name.fromString("a", ORIGIN), DClass.IN, 60, InetAddress.getLoopbackAddress()));
        LiveZones.Taken taken = zones.take(registries.config().require());
        assertThat(told).as("not served yet").isEmpty();
        update(zones, new ARecord(Name.fromString("b", ORIGIN), DClass.IN, 60, InetAddress.getLoopbackAddress()));
        zones.served(taken);
        assertThat(told).containsExactly(8L);
        LiveZones.Taken lost = zones.take(registries.config().require());
        assertThat(lost.changed()).as("what was taken and could not be served").hasSize(1);
        zones.served(zones.take(registries.config().require()));
        assertThat(told).containsExactly(8L, 9L);
        zones.served(zones.take(registries.config().require()));
        assertThat(told).as("told once").hasSize(2);
    }

    /** An update whose sender was told of no success may be durable all the same: then it is served, and others build on it. */
    @Test
    void servesAnUpdateThatIsWrittenLate() throws Exception {
        SlowControlStore slow = new SlowControlStore();
        Registries kept = new Registries(slow, Clock.systemUTC());
        slow.open(kept);
        kept.config().replaceFile(new ConfigFileReader(source -> {}).parse(Path.of("/cdn.yaml"), YAML, file -> ZONE));
        LiveZones zones = new LiveZones(kept.zones(), new ZoneParser());
        zones.take(kept.config().require());

        Name late = Name.fromString("late", ORIGIN);
        Name next = Name.fromString("next", ORIGIN);
        slow.slow();
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> update(zones, new ARecord(late, DClass.IN, 60, InetAddress.getLoopbackAddress())))
                .isInstanceOf(ControlStoreException.class);
        assertThat(Thread.interrupted()).isTrue();
        CompletableFuture<Void> settled = zones.settled();
        assertThat(settled).isNotDone();
        assertThat(zones.isBehind()).isTrue();
        zones.take(kept.config().require());
        assertThatThrownBy(() -> update(zones, new ARecord(next, DClass.IN, 60, InetAddress.getLoopbackAddress())))
                .as("it would have the serial number of the one before")
                .isInstanceOf(ControlStoreException.class);

        slow.write();
        assertThat(settled).isCompleted();
        assertThatThrownBy(() -> update(zones, new ARecord(next, DClass.IN, 60, InetAddress.getLoopbackAddress())))
                .as("not taken yet")
                .isInstanceOf(ControlStoreException.class);
        zones.take(kept.config().require());
        assertThat(Objects.requireNonNull(zones.find(ORIGIN)).content().records(late, Type.A))
                .hasSize(1);
        assertThat(zones.isBehind()).isFalse();
        update(zones, new ARecord(next, DClass.IN, 60, InetAddress.getLoopbackAddress()));
        LiveZone zone = Objects.requireNonNull(zones.find(ORIGIN));
        assertThat(zone.content().serial()).isEqualTo(9);
        LiveZones restarted = new LiveZones(kept.zones(), new ZoneParser());
        restarted.take(kept.config().require());
        assertThat(Objects.requireNonNull(restarted.find(ORIGIN)).content().sorted())
                .containsExactlyInAnyOrderElementsOf(zone.content().sorted());
    }

    /** Else who may update makes us compile the zones as often as it likes while the disk is full. */
    @Test
    void isNotBehindAnUpdateThatIsRefusedForGood() throws Exception {
        SlowControlStore full = new SlowControlStore();
        Registries kept = new Registries(full, Clock.systemUTC());
        full.open(kept);
        LiveZones zones = new LiveZones(kept.zones(), new ZoneParser());
        assertThat(serialOf(zones, kept, ZONE)).isEqualTo(7);
        Record record = new ARecord(Name.fromString("a", ORIGIN), DClass.IN, 60, InetAddress.getLoopbackAddress());
        full.refuse(change -> true);
        assertThatThrownBy(() -> update(zones, record)).isInstanceOf(ControlStoreException.class);
        assertThat(zones.isBehind()).isFalse();
        full.refuse(change -> false);
        update(zones, record);
        assertThat(Objects.requireNonNull(zones.find(ORIGIN)).content().serial())
                .isEqualTo(8);
    }

    /** As on a disk that is full for a while: whoever copies the zone goes by the number. */
    @Test
    void countsOnThoughNumbersCannotBeKept() {
        SlowControlStore full = new SlowControlStore();
        Registries kept = new Registries(full, Clock.systemUTC());
        full.open(kept);
        LiveZones zones = new LiveZones(kept.zones(), new ZoneParser());
        assertThat(serialOf(zones, kept, ZONE)).isEqualTo(7);
        full.refuse(change -> true);
        assertThat(serialOf(zones, kept, ZONE + "a A 192.0.2.2\n")).isEqualTo(8);
        assertThat(serialOf(zones, kept, ZONE + "a A 192.0.2.3\n")).isEqualTo(9);
        full.refuse(change -> false);
        assertThat(serialOf(zones, kept, ZONE + "a A 192.0.2.3\n"))
                .as("the same, which is kept now")
                .isEqualTo(9);
        LiveZones restarted = new LiveZones(kept.zones(), new ZoneParser());
        assertThat(serialOf(restarted, kept, ZONE + "a A 192.0.2.3\n")).isEqualTo(9);
    }

    private static long serialOf(LiveZones zones, Registries registries, String text) {
        registries
                .config()
                .replaceFile(new ConfigFileReader(source -> {}).parse(Path.of("/cdn.yaml"), YAML, file -> text));
        zones.take(registries.config().require());
        return Objects.requireNonNull(zones.find(ORIGIN)).content().serial();
    }

    /** A primary, or who may update, can change few records that are long again and again. */
    @Test
    void remembersNoMoreOfLongRecordsThanOfShortOnes() throws Exception {
        LiveZones zones = start();
        Name name = Name.fromString("t", ORIGIN);
        Record text = new TXTRecord(name, DClass.IN, 60, Collections.nCopies(230, "x".repeat(250)));
        for (int i = 0; i < 30; i++) {
            update(zones, text);
            update(zones, Record.newRecord(name, Type.TXT, DClass.ANY, 0));
        }
        LiveZone zone = Objects.requireNonNull(zones.find(ORIGIN));
        assertThat(zone.history().stream().mapToLong(LiveZone.Change::bytes).sum())
                .isBetween(1L << 19, 1L << 21);
        assertThat(zone.since(zone.shown().serial() - 1)).hasSize(1);
        assertThat(zone.since(zone.shown().serial() - 60)).as("too long ago").isNull();
    }
}
