package com.kingcdn.redirector.registry;

import com.kingcdn.redirector.registry.ControlChange.ZoneChanged;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What updates have made of the zones beside their files, and under which serial numbers that was served.
 *
 * <p>A record is its wire form with a TTL of 0, in Base64; beside it stands the TTL it has, or {@link #ABSENT} for one that the file has
 * and an update deleted. Records that are again as the file says are not here.
 */
public final class ZoneOverlays {

    /** The file has the record, the zone has not. */
    public static final long ABSENT = -1;

    /** In a change: the record is as the file says again. */
    public static final long AS_IN_FILE = -2;

    /** Characters of records a change when the journal is compacted: keeps one well below the longest frame. */
    private static final int CHUNK = 1 << 20;

    /** What a record takes beside its text. */
    private static final int OF_RECORD = 32;

    /**
     * One zone's.
     *
     * @param serial served last
     * @param digest of what was served, updates apart
     */
    public record Overlay(long serial, String digest, Map<String, Long> records) {}

    private final ControlStore store;
    private final Map<String, Overlay> overlays = new HashMap<>();

    ZoneOverlays(ControlStore store) {
        this.store = store;
    }

    /** A copy of a zone's, or null when it was never served with a state directory. */
    public synchronized @Nullable Overlay get(String zone) {
        @Nullable Overlay overlay = overlays.get(zone);
        return overlay == null ? null : new Overlay(overlay.serial, overlay.digest, Map.copyOf(overlay.records));
    }

    /**
     * Keeps a change.
     *
     * @return completes when it is durable
     * @throws ControlStoreException when the store cannot take it now
     */
    public CompletableFuture<Void> append(ZoneChanged change) {
        return store.append(change);
    }

    /**
     * Keeps a change and waits for it.
     *
     * @throws ControlStoreException when it was not made durable
     */
    public void commit(ZoneChanged change) {
        Commits.await(append(change));
    }

    synchronized void apply(ZoneChanged change) {
        @Nullable Overlay before = overlays.get(change.zone());
        Map<String, Long> records = before == null ? new TreeMap<>() : before.records;
        change.records().forEach((record, state) -> {
            if (state == AS_IN_FILE) {
                records.remove(record);
            } else {
                records.put(record, state);
            }
        });
        overlays.put(change.zone(), new Overlay(change.serial(), change.digest(), records));
    }

    synchronized List<ControlChange> changes() {
        List<ControlChange> changes = new ArrayList<>();
        overlays.forEach((zone, overlay) -> {
            Map<String, Long> chunk = new TreeMap<>();
            int length = 0;
            for (Map.Entry<String, Long> record : overlay.records.entrySet()) {
                chunk.put(record.getKey(), record.getValue());
                length += record.getKey().length() + OF_RECORD;
                if (length >= CHUNK) {
                    changes.add(new ZoneChanged(zone, overlay.serial, overlay.digest, Map.copyOf(chunk)));
                    chunk.clear();
                    length = 0;
                }
            }
            changes.add(new ZoneChanged(zone, overlay.serial, overlay.digest, Map.copyOf(chunk)));
        });
        return changes;
    }
}
