package com.kingcdn.redirector.transfer;

import com.kingcdn.redirector.registry.Configuration;
import com.kingcdn.redirector.registry.ControlChange.ZoneChanged;
import com.kingcdn.redirector.registry.ControlStoreException;
import com.kingcdn.redirector.registry.SecondarySource;
import com.kingcdn.redirector.registry.ZoneOverlays;
import com.kingcdn.redirector.registry.ZoneOverlays.Overlay;
import com.kingcdn.redirector.registry.ZoneSource;
import com.kingcdn.redirector.zone.InvalidZoneException;
import com.kingcdn.redirector.zone.ServedZone;
import com.kingcdn.redirector.zone.ZoneContent;
import com.kingcdn.redirector.zone.ZoneDelta;
import com.kingcdn.redirector.zone.ZoneFile;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Serial;

/**
 * The zones as they are now: each file with what updates have added to it and taken away, each copy as it last came, under which serial
 * number, and what changed lately.
 *
 * <p>The file of a zone is its base. Updates are kept beside it and hold over edits of the file, until one makes a record as the file
 * says again. Whatever changes, the serial number goes up: to the file's when that is ahead, else by one.
 */
public final class LiveZones {

    private static final Logger log = LoggerFactory.getLogger(LiveZones.class);

    private final ZoneOverlays overlays;
    private final ZoneParser parser;
    private final Map<Name, LiveZone> zones = new ConcurrentHashMap<>();
    private final Map<Name, ZoneContent> copies = new ConcurrentHashMap<>();
    private final Map<ZoneSource, ReadZone> parsed = new HashMap<>();
    private final List<Consumer<LiveZone>> listeners = new CopyOnWriteArrayList<>();
    /** Changed, and not served yet; under the lock. */
    private final Map<Name, LiveZone> changed = new HashMap<>();
    /** Under which serial numbers zones are served that could not be kept; under the lock. */
    private final Map<String, Overlay> unkept = new HashMap<>();
    /** Whether the overlays may have a change that the zones here have not; under the lock. */
    private boolean behind;

    /**
     * The zones as they were taken at one moment.
     *
     * @param changed those that nobody has been told of yet
     */
    public record Taken(List<ServedZone> zones, List<LiveZone> changed) {}

    /** What a file says, and the digest of its text, for more to be added to a copy of it. */
    private record ReadZone(ZoneContent content, MessageDigest digest) {}

    public LiveZones(ZoneOverlays overlays, ZoneParser parser) {
        this.overlays = overlays;
        this.parser = parser;
    }

    /** Has this told of each zone that has changed, when that is served, on the thread that publishes: it must return at once. */
    void subscribe(Consumer<LiveZone> listener) {
        listeners.add(listener);
    }

    /** A zone, or null when it is not ours or not there yet. */
    @Nullable
    LiveZone find(Name origin) {
        return zones.get(origin);
    }

    List<LiveZone> all() {
        return List.copyOf(zones.values());
    }

    /**
     * Takes what the configuration says of zones now.
     *
     * @return all that is to be served, for {@link #served} when it is
     * @throws com.kingcdn.redirector.zone.ZoneFileException when a zone's file is none
     */
    public synchronized Taken take(Configuration config) {
        behind = behind && !overlays.settled().isDone();
        MappedNames mapped = new MappedNames(config);
        parsed.keySet().retainAll(new HashSet<>(config.zones()));
        Set<Name> present = new HashSet<>();
        List<ServedZone> served = new ArrayList<>();
        for (ZoneSource source : config.zones()) {
            LiveZone zone = ours(source, mapped.of(ZoneFile.name(source.name())));
            present.add(zone.origin());
            served.add(new ServedZone(zone.content(), zone.kind()));
        }
        for (SecondarySource source : config.secondaries()) {
            Name origin = ZoneFile.name(source.name());
            @Nullable ZoneContent copy = copies.get(origin);
            if (copy == null) {
                served.add(ServedZone.absent(origin));
            } else {
                present.add(origin);
                replace(new LiveZone(
                        ServedZone.Kind.SECONDARY,
                        source.policy(),
                        copy,
                        copy,
                        copy,
                        historyOf(origin, copy),
                        Set.of()));
                served.add(new ServedZone(copy, ServedZone.Kind.SECONDARY));
            }
        }
        zones.keySet().retainAll(present);
        changed.keySet().retainAll(present);
        return new Taken(served, List.copyOf(changed.values()));
    }

    /** Queries are answered from what was taken: only now does whoever is told of a change find it. */
    public void served(Taken taken) {
        for (LiveZone zone : taken.changed) {
            synchronized (this) {
                // a newer one is told of when it is served itself
                changed.remove(zone.origin(), zone);
            }
            listeners.forEach(listener -> listener.accept(zone));
        }
    }

    private LiveZone ours(ZoneSource source, Map<Name, List<Record>> mapped) {
        ReadZone read = parsed.computeIfAbsent(source, zone -> new ReadZone(parser.parse(zone), digest(zone.text())));
        ZoneContent base = read.content;
        Name origin = base.origin();
        String digest = digest(read, mapped);
        long serial = serial(base, last(source.name()), digest);
        @Nullable LiveZone before = zones.get(origin);
        ServedZone.Kind kind = source.cdn() ? ServedZone.Kind.CDN : ServedZone.Kind.PRIMARY;
        if (before != null
                && before.base() == base
                && before.mapped().equals(mapped.keySet())
                && before.content().serial() == serial) {
            LiveZone same = new LiveZone(
                    kind, source.policy(), base, before.content(), before.shown(), before.history(), before.mapped());
            zones.put(origin, same);
            keepSerial(source.name(), serial, digest);
            return same;
        }
        ZoneContent content = content(base, overlays.records(source.name()), mapped.keySet(), serial);
        ZoneContent shown = shown(content, mapped);
        keepSerial(source.name(), serial, digest);
        LiveZone zone =
                new LiveZone(kind, source.policy(), base, content, shown, historyOf(origin, shown), mapped.keySet());
        replace(zone);
        return zone;
    }

    private static long serial(ZoneContent base, @Nullable Overlay overlay, String digest) {
        if (overlay == null) {
            return base.serial();
        }
        if (overlay.digest().equals(digest)) {
            return overlay.serial();
        }
        return Serial.compare(base.serial(), overlay.serial()) > 0 ? base.serial() : Serial.increment(overlay.serial());
    }

    /** What a zone was served as last, whether that could be kept or not: another content never has the same number. */
    private @Nullable Overlay last(String zone) {
        @Nullable Overlay kept = overlays.get(zone);
        @Nullable Overlay served = unkept.get(zone);
        return served == null || (kept != null && Serial.compare(kept.serial(), served.serial()) >= 0) ? kept : served;
    }

    private void keepSerial(String zone, long serial, String digest) {
        Overlay served = new Overlay(serial, digest);
        if (served.equals(overlays.get(zone))) {
            unkept.remove(zone);
            return;
        }
        try {
            overlays.commit(new ZoneChanged(zone, serial, digest, Map.of()));
            unkept.remove(zone);
        } catch (ControlStoreException e) {
            // tried again whenever zones are taken, and said once: after a restart the number would be used again
            if (!served.equals(unkept.put(zone, served))) {
                log.warn("zone {} is served with serial {}, which could not be kept: {}", zone, serial, e.toString());
            }
        }
    }

    /** The file with what updates have made of it. */
    private static ZoneContent content(ZoneContent base, Map<String, Long> records, Set<Name> mapped, long serial) {
        SOARecord soa = ZoneText.withSerial(base.soa(), serial);
        List<Record> removed = new ArrayList<>();
        List<Record> added = new ArrayList<>();
        if (records.isEmpty() && serial == base.serial()) {
            return base;
        }
        records.forEach((text, ttl) -> {
            Record record = ZoneText.read(text, Math.max(0, ttl));
            @Nullable Record own = base.find(record);
            if (own != null) {
                removed.add(own);
            }
            if (ttl >= 0 && !mapped.contains(record.getName())) {
                added.add(record);
            }
        });
        try {
            return base.with(new ZoneDelta(base.soa(), soa, removed, added));
        } catch (InvalidZoneException e) {
            log.error(
                    "the file of zone {} contradicts updates of it, which stay unserved until one of them changes: {}",
                    base.origin(),
                    e.getMessage());
            return base.with(new ZoneDelta(base.soa(), soa, List.of(), List.of()));
        }
    }

    private static ZoneContent shown(ZoneContent content, Map<Name, List<Record>> mapped) {
        List<Record> added = new ArrayList<>();
        mapped.values().forEach(added::addAll);
        if (added.isEmpty()) {
            return content;
        }
        try {
            return content.with(new ZoneDelta(content.soa(), content.soa(), List.of(), added));
        } catch (InvalidZoneException e) {
            // the snapshot will not compile either, and says what contradicts what
            return content;
        }
    }

    private static MessageDigest digest(String text) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(text.getBytes(StandardCharsets.UTF_8));
            return digest;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static String digest(ReadZone read, Map<Name, List<Record>> mapped) {
        try {
            MessageDigest digest = (MessageDigest) read.digest.clone();
            Set<String> lines = new TreeSet<>();
            mapped.values().forEach(records -> records.forEach(record -> lines.add(record.toString())));
            lines.forEach(line -> digest.update(line.getBytes(StandardCharsets.UTF_8)));
            return HexFormat.of().formatHex(digest.digest());
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the platform's SHA-256 can be copied", e);
        }
    }

    private List<LiveZone.Change> historyOf(Name origin, ZoneContent shown) {
        @Nullable LiveZone before = zones.get(origin);
        if (before == null || before.shown().serial() == shown.serial()) {
            return before == null ? List.of() : before.history();
        }
        return before.remember(ZoneDelta.between(before.shown(), shown));
    }

    private void replace(LiveZone zone) {
        @Nullable LiveZone before = zones.put(zone.origin(), zone);
        if (before == null || before.shown().serial() != zone.shown().serial()) {
            changed.put(zone.origin(), zone);
        }
    }

    /**
     * Changes a zone of ours, durably: it is served when it is next taken.
     *
     * @param delta leads on from the content
     * @throws ControlStoreException when the change cannot be made durable; nothing has changed then, but it may still be written: it is
     *     served then, and no zone is changed before that is known ({@link #settled})
     * @throws InvalidZoneException when the zone would be none any more
     */
    synchronized void update(LiveZone zone, ZoneDelta delta) {
        if (behind) {
            throw new ControlStoreException(
                    ControlStoreException.Kind.BUSY, "an earlier update is not served yet; try again", null);
        }
        ZoneContent content = zone.content().with(delta);
        ZoneDelta visible = new ZoneDelta(zone.shown().soa(), delta.to(), delta.removed(), delta.added());
        ZoneContent shown =
                zone.shown() == zone.content() ? content : zone.shown().with(visible);
        Map<String, Long> records = new HashMap<>();
        for (Record record : delta.removed()) {
            boolean inFile = zone.base().find(record) != null;
            records.put(ZoneText.write(record), inFile ? ZoneOverlays.ABSENT : ZoneOverlays.AS_IN_FILE);
        }
        for (Record record : delta.added()) {
            @Nullable Record inFile = zone.base().find(record);
            boolean same = inFile != null && inFile.getTTL() == record.getTTL();
            records.put(ZoneText.write(record), same ? ZoneOverlays.AS_IN_FILE : Long.valueOf(record.getTTL()));
        }
        String name = zone.origin().toString(true);
        @Nullable Overlay overlay = last(name);
        try {
            overlays.commit(new ZoneChanged(name, content.serial(), overlay == null ? "" : overlay.digest(), records));
        } catch (ControlStoreException e) {
            behind = !overlays.settled().isCompletedExceptionally();
            throw e;
        }
        replace(new LiveZone(
                zone.kind(), zone.policy(), zone.base(), content, shown, zone.remember(visible), zone.mapped()));
    }

    /** Whether an update has failed that may be durable, and the zones have not been taken since; no other is until they are. */
    synchronized boolean isBehind() {
        return behind;
    }

    /** Completes when the last update is durable and may be taken; exceptionally when it never will. */
    CompletableFuture<Void> settled() {
        return overlays.settled();
    }

    /** Takes a copy of another server's zone, or takes it away when that is null. */
    void copied(Name origin, @Nullable ZoneContent content) {
        if (content == null) {
            copies.remove(origin);
        } else {
            copies.put(origin, content);
        }
    }

    /** Our copy of another server's zone, or null. */
    @Nullable
    ZoneContent copy(Name origin) {
        return copies.get(origin);
    }
}
