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

    /** The only entry of a key, as most are, or all of its variants. */
    sealed interface Variants permits CacheEntry, Several {}

    /** The latest first; replaced, never changed. */
    private static final class Several implements Variants {

        private final CacheEntry[] entries;

        Several(CacheEntry[] entries) {
            this.entries = entries;
        }
    }

    private final ConcurrentHashMap<CacheKey, Variants> entries = new ConcurrentHashMap<>();

    /** The variant that a request selects, or null. */
    @Nullable
    CacheEntry find(CacheKey key, CacheRequest request) {
        Variants variants = entries.get(key);
        if (variants instanceof CacheEntry only) {
            return only.response().answers(request) ? only : null;
        }
        return variants == null
                ? null
                : StoredResponse.select(Arrays.asList(all(variants)), CacheEntry::response, request);
    }

    private static CacheEntry[] all(@Nullable Variants variants) {
        if (variants instanceof CacheEntry only) {
            return new CacheEntry[] {only};
        }
        return variants instanceof Several several ? several.entries : NONE;
    }

    private static @Nullable Variants of(List<CacheEntry> entries) {
        return switch (entries.size()) {
            case 0 -> null;
            case 1 -> entries.get(0);
            default -> new Several(entries.toArray(NONE));
        };
    }

    boolean contains(CacheKey key) {
        return entries.containsKey(key);
    }

    /** All variants of a key; the array is not to be changed. */
    CacheEntry[] variants(CacheKey key) {
        return all(entries.get(key));
    }

    /** Puts an entry in. Returns those that it makes superfluous. */
    List<CacheEntry> put(CacheEntry entry) {
        if (entries.putIfAbsent(entry.key(), entry) == null) {
            return List.of();
        }
        List<CacheEntry> superfluous = new ArrayList<>(1);
        entries.compute(entry.key(), (key, present) -> {
            List<CacheEntry> kept = new ArrayList<>(2);
            kept.add(entry);
            for (CacheEntry other : all(present)) {
                boolean same =
                        other.response().variant().equals(entry.response().variant());
                (same || kept.size() == MOST_VARIANTS ? superfluous : kept).add(other);
            }
            return of(kept);
        });
        return superfluous;
    }

    /** Puts an entry in behind those that are there. Returns it again if there is one in its place already, or no place. */
    List<CacheEntry> putBehind(CacheEntry entry) {
        List<CacheEntry> superfluous = new ArrayList<>(1);
        entries.compute(entry.key(), (key, present) -> {
            List<CacheEntry> kept = new ArrayList<>(Arrays.asList(all(present)));
            boolean same = kept.stream()
                    .anyMatch(other ->
                            other.response().variant().equals(entry.response().variant()));
            (same || kept.size() == MOST_VARIANTS ? superfluous : kept).add(entry);
            return of(kept);
        });
        return superfluous;
    }

    /** Takes out an entry. Returns whether it was there. */
    boolean remove(CacheEntry entry) {
        if (entries.remove(entry.key(), entry)) {
            return true;
        }
        boolean[] removed = {false};
        entries.computeIfPresent(entry.key(), (key, present) -> {
            List<CacheEntry> kept = new ArrayList<>(Arrays.asList(all(present)));
            removed[0] = kept.remove(entry);
            return of(kept);
        });
        return removed[0];
    }

    /** Takes out all variants of a key, and returns them. */
    CacheEntry[] remove(CacheKey key) {
        return all(entries.remove(key));
    }
}
