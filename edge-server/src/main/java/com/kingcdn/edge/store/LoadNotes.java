package com.kingcdn.edge.store;

import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.store.PurgeTable.Verdict;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * The purges of keys while nobody knew yet what the disk has of them: they are about everything that was stored before. Purges of scopes need
 * no note, since entries bear their number.
 *
 * <p>Safe for all threads. An entry is judged under its key's lock, and so is a purge of the key noted, so either comes first.
 */
final class LoadNotes {

    /** How many purged keys are noted; with more, everything that is on disk counts as purged: too much goes, and nothing too little. */
    private final int mostKeys;

    private final Map<CacheKey, Verdict> purged = new HashMap<>();
    private final Map<Long, Verdict> verdicts = new HashMap<>();
    private boolean overflown;

    LoadNotes(int mostKeys) {
        this.mostKeys = mostKeys;
    }

    /** All of a key are gone. */
    void removed(CacheKey key) {
        note(key, Verdict.GONE);
    }

    /** All of a key have to be validated. */
    void markedStale(CacheKey key) {
        note(key, Verdict.STALE);
    }

    private synchronized void note(CacheKey key, Verdict verdict) {
        if (purged.size() >= mostKeys && !purged.containsKey(key)) {
            overflown = true;
            return;
        }
        purged.merge(key, verdict, LoadNotes::stricter);
        verdicts.merge(key.digest(), verdict, LoadNotes::stricter);
    }

    private static Verdict stricter(Verdict one, Verdict other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    /** Has the purge of a key be one of its canonical key too, now that it is known which that is. */
    synchronized void canonicalize(UnaryOperator<CacheKey> canonical) {
        Map.copyOf(purged).forEach((key, verdict) -> {
            CacheKey other = canonical.apply(key);
            if (!other.equals(key)) {
                verdicts.merge(other.digest(), verdict, LoadNotes::stricter);
            }
        });
    }

    /** What the purges say about an entry that was stored before all of them. */
    synchronized Verdict verdict(long keyHash) {
        return overflown ? Verdict.GONE : verdicts.getOrDefault(keyHash, Verdict.KEPT);
    }

    /** Whether there are any: such a purge is true on this edge as long as the process lives, and on disk only later. */
    synchronized boolean isEmpty() {
        return purged.isEmpty();
    }
}
