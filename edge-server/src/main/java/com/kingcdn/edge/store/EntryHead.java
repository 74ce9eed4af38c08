package com.kingcdn.edge.store;

import com.kingcdn.edge.store.PurgeTable.Verdict;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.UnaryOperator;

/**
 * An entry as far as its metadata goes, which is replaced as a whole; no change is lost to another one. Safe for all threads.
 *
 * <p>What an entry has is in layers of one object, this, {@link EntryClaims}, {@link EntryReaders} and {@link CacheEntry}, rather than in
 * objects beside each other, since there may be millions.
 */
abstract class EntryHead {

    private static final AtomicReferenceFieldUpdater<EntryHead, Metadata> METADATA =
            AtomicReferenceFieldUpdater.newUpdater(EntryHead.class, Metadata.class, "metadata");

    private volatile Metadata metadata;

    EntryHead(Metadata metadata) {
        this.metadata = metadata;
    }

    abstract EntryOnDisk onDisk();

    Metadata metadata() {
        return metadata;
    }

    /** Replaces it. */
    void change(UnaryOperator<Metadata> operation) {
        METADATA.updateAndGet(this, operation);
    }

    /** It is of what a request brought that was sent at this generation. */
    void broughtAt(long generation) {
        if (metadata.generation() != generation) {
            change(known -> known.ofGeneration(generation));
        }
    }

    /** Has it validated before it is used again, and the disk know so. */
    void markStale() {
        if (!metadata.validationRequired()) {
            change(Metadata::stale);
            onDisk().update();
        }
    }

    /** Whether all purges up to this one are known to change nothing here. */
    boolean isComparedUpTo(long generation) {
        return metadata.comparedUpTo() == generation;
    }

    /**
     * Looks at the purges that were made since it was stored or last confirmed.
     *
     * @return false when a hard one is about it; after a soft one it is marked stale
     */
    boolean compareWith(Purges purges) {
        Verdict verdict = verdict(purges);
        if (verdict == Verdict.STALE) {
            onDisk().update();
        }
        return verdict != Verdict.GONE;
    }

    /** Returns {@code STALE} when it has just been marked so. */
    private Verdict verdict(Purges purges) {
        while (true) {
            Metadata known = metadata;
            long generation = purges.generation();
            Verdict verdict = purges.verdict(known);
            if (verdict == Verdict.GONE) {
                return Verdict.GONE;
            }
            if (verdict == Verdict.KEPT || known.validationRequired()) {
                known.comparedUpTo(generation);
                return Verdict.KEPT;
            }
            Metadata stale = known.stale();
            stale.comparedUpTo(generation);
            // unless a validation has come in between, which may be from after the purge
            if (METADATA.compareAndSet(this, known, stale)) {
                return Verdict.STALE;
            }
        }
    }
}
