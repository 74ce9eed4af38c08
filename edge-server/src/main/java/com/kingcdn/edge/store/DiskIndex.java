package com.kingcdn.edge.store;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Every entry on disk, and those being written. Safe for use by several threads. */
final class DiskIndex {

    private final Map<EntryId, DiskEntry> entries = new ConcurrentHashMap<>();
    private final Set<DiskEntry> pinned = ConcurrentHashMap.newKeySet();

    @Nullable
    DiskEntry get(EntryId id) {
        return entries.get(id);
    }

    /** The entry of that name, made if need be. */
    DiskEntry obtain(EntryId id) {
        return entries.computeIfAbsent(id, DiskEntry::new);
    }

    /** A new entry, or null if there is one of that name already. */
    @Nullable
    DiskEntry add(EntryId id) {
        DiskEntry entry = new DiskEntry(id);
        return entries.putIfAbsent(id, entry) == null ? entry : null;
    }

    /**
     * Takes an entry out.
     *
     * @return whether it was there
     */
    boolean remove(DiskEntry entry) {
        pinned.remove(entry);
        return entries.remove(entry.id(), entry);
    }

    void setPinned(DiskEntry entry, boolean value) {
        entry.setPinned(value);
        if (value) {
            pinned.add(entry);
        } else {
            pinned.remove(entry);
        }
    }

    long pinnedBytes() {
        return pinned.stream().mapToLong(DiskEntry::recordBytes).sum();
    }

    Iterable<DiskEntry> all() {
        return entries.values();
    }

    void clear() {
        entries.clear();
        pinned.clear();
    }

    int size() {
        return entries.size();
    }
}
