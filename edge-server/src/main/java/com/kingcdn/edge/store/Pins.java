package com.kingcdn.edge.store;

import com.kingcdn.edge.policy.CacheKey;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The keys of which all variants are kept from eviction, also those that replace them later. Safe for all threads. */
final class Pins {

    private final EntryIndex index;
    private final DiskTier disk;
    private final Set<CacheKey> keys = ConcurrentHashMap.newKeySet();

    Pins(EntryIndex index, DiskTier disk) {
        this.index = index;
        this.disk = disk;
    }

    boolean contains(CacheKey key) {
        return keys.contains(key);
    }

    /** Pins all variants of a key, or none. */
    PinOutcome pin(CacheKey key) {
        // before it is asked which they are: what is listed from now on sees to itself
        boolean added = keys.add(key);
        PinOutcome outcome = pin(index.variants(key));
        if (added && outcome != PinOutcome.PINNED) {
            unpin(key);
        }
        return outcome;
    }

    private PinOutcome pin(CacheEntry[] variants) {
        for (CacheEntry entry : variants) {
            if (!disk.hasRoomToPin(entry.id())) {
                return PinOutcome.NO_ROOM;
            }
            if (!disk.pin(entry.id())) {
                return PinOutcome.NOT_STORED;
            }
        }
        return variants.length == 0 ? PinOutcome.NOT_STORED : PinOutcome.PINNED;
    }

    void unpin(CacheKey key) {
        keys.remove(key);
        for (CacheEntry entry : index.variants(key)) {
            disk.unpin(entry.id());
        }
    }

    /** An entry can be found from now on: it is pinned as its key is. */
    void listed(CacheEntry entry) {
        if (keys.contains(entry.key())) {
            disk.pin(entry.id());
        }
    }

    /** An entry of this key turns out to be pinned on disk: its key is, and what was stored before that was known. */
    void found(CacheKey key) {
        if (keys.add(key)) {
            for (CacheEntry other : index.variants(key)) {
                disk.pin(other.id());
            }
        }
    }
}
