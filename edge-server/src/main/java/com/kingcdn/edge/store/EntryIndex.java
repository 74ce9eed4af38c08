package com.kingcdn.edge.store;

import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.edge.policy.StoredResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The entries that requests can find: the variants of each key. Safe for all threads; looking takes no lock. */
final class EntryIndex {

    /** How many variants of one key are kept: origins that vary on too much shall not fill the store. */
    private static final int MOST_VARIANTS = 64;

    private static final CacheEntry[] NONE = new CacheEntry[0];

    /** Variants by key, the latest first; arrays are replaced, never changed. */
    private final ConcurrentHashMap<CacheKey, CacheEntry[]> entries = new ConcurrentHashMap<>();

    /** The variant that a request selects, or null. */
    @Nullable
    CacheEntry find(CacheKey key, CacheRequest request) {
        CacheEntry[] variants = entries.get(key);
        if (variants == null) {
            return null;
        }
        if (variants.length == 1) {
            return variants[0].response().answers(request) ? variants[0] : null;
        }
        return StoredResponse.select(Arrays.asList(variants), CacheEntry::response, request);
    }

    boolean contains(CacheKey key) {
        return entries.containsKey(key);
    }

    /** All variants of a key; the array is not to be changed. */
    CacheEntry[] variants(CacheKey key) {
        return entries.getOrDefault(key, NONE);
    }

    /** Puts an entry in. Returns those that it makes superfluous. */
    List<CacheEntry> put(CacheEntry entry) {
        if (entries.putIfAbsent(entry.key(), new CacheEntry[] {entry}) == null) {
            return List.of();
        }
        List<CacheEntry> superfluous = new ArrayList<>(1);
        entries.compute(entry.key(), (key, present) -> {
            List<CacheEntry> kept = new ArrayList<>(2);
            kept.add(entry);
            for (CacheEntry other : present == null ? NONE : present) {
                boolean same =
                        other.response().variant().equals(entry.response().variant());
                (same || kept.size() == MOST_VARIANTS ? superfluous : kept).add(other);
            }
            return kept.toArray(NONE);
        });
        return superfluous;
    }

    /** Puts an entry in behind those that are there. Returns it again if there is one in its place already, or no place. */
    List<CacheEntry> putBehind(CacheEntry entry) {
        List<CacheEntry> superfluous = new ArrayList<>(1);
        entries.compute(entry.key(), (key, present) -> {
            CacheEntry[] others = present == null ? NONE : present;
            boolean same = Arrays.stream(others)
                    .anyMatch(other ->
                            other.response().variant().equals(entry.response().variant()));
            if (same || others.length == MOST_VARIANTS) {
                superfluous.add(entry);
                return present;
            }
            CacheEntry[] more = Arrays.copyOf(others, others.length + 1);
            more[others.length] = entry;
            return more;
        });
        return superfluous;
    }

    /** Takes out an entry. Returns whether it was there. */
    boolean remove(CacheEntry entry) {
        CacheEntry[] all = entries.get(entry.key());
        if (all != null && all.length == 1 && all[0].equals(entry) && entries.remove(entry.key(), all)) {
            return true;
        }
        boolean[] removed = {false};
        entries.computeIfPresent(entry.key(), (key, present) -> {
            List<CacheEntry> kept = new ArrayList<>(Arrays.asList(present));
            removed[0] = kept.remove(entry);
            return kept.isEmpty() ? null : kept.toArray(NONE);
        });
        return removed[0];
    }

    /** Takes out all variants of a key, and returns them. */
    CacheEntry[] remove(CacheKey key) {
        CacheEntry[] removed = entries.remove(key);
        return removed == null ? NONE : removed;
    }
}
