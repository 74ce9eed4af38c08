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
    public record Overlay(long serial, String digest) {}

    private record Held(Overlay overlay, Map<String, Long> records) {}

    private final ControlStore store;
    private final Map<String, Held> overlays = new HashMap<>();
    private volatile CompletableFuture<Void> unsettled = CompletableFuture.completedFuture(null);

    ZoneOverlays(ControlStore store) {
        this.store = store;
    }

    /** A zone's, or null when it was never served with a state directory. */
    public synchronized @Nullable Overlay get(String zone) {
        @Nullable Held held = overlays.get(zone);
        return held == null ? null : held.overlay;
    }

    /** A copy of a zone's records, which may be very many: not for each change of one. */
    public synchronized Map<String, Long> records(String zone) {
        @Nullable Held held = overlays.get(zone);
        return held == null ? Map.of() : Map.copyOf(held.records);
    }

    /**
     * Keeps a change and waits for it. For one thread at a time.
     *
     * @throws ControlStoreException when it was not made durable, or it is not known yet whether it is ({@link #settled}); none is taken
     *     behind such a one
     */
    public void commit(ZoneChanged change) {
        if (!unsettled.isDone()) {
            throw new ControlStoreException(
                    ControlStoreException.Kind.BUSY,
                    "an earlier change of a zone is still being written; try again",
                    null);
        }
        CompletableFuture<Void> done;
        try {
            done = store.append(change);
        } catch (ControlStoreException e) {
            unsettled = CompletableFuture.failedFuture(e);
            throw e;
        }
        unsettled = done;
        Commits.await(done);
    }

    /** Completes when the last change is durable and here, or is known not to be. */
    public CompletableFuture<Void> settled() {
        return unsettled.copy();
    }

    synchronized void apply(ZoneChanged change) {
        @Nullable Held before = overlays.get(change.zone());
        Map<String, Long> records = before == null ? new TreeMap<>() : before.records;
        change.records().forEach((record, state) -> {
            if (state == AS_IN_FILE) {
                records.remove(record);
            } else {
                records.put(record, state);
            }
        });
        overlays.put(change.zone(), new Held(new Overlay(change.serial(), change.digest()), records));
    }

    synchronized List<ControlChange> changes() {
        List<ControlChange> changes = new ArrayList<>();
        overlays.forEach((zone, held) -> {
            Overlay overlay = held.overlay;
            Map<String, Long> chunk = new TreeMap<>();
            int length = 0;
            for (Map.Entry<String, Long> record : held.records.entrySet()) {
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
