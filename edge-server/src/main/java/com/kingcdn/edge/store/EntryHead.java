package com.kingcdn.edge.store;

import com.kingcdn.edge.store.PurgeTable.Verdict;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.UnaryOperator;

/** The metadata of one entry, replaced as a whole; no change is lost to another one. Safe for all threads. */
final class EntryHead {

    private static final AtomicReferenceFieldUpdater<EntryHead, Metadata> METADATA =
            AtomicReferenceFieldUpdater.newUpdater(EntryHead.class, Metadata.class, "metadata");

    private volatile Metadata metadata;

    EntryHead(Metadata metadata) {
        this.metadata = metadata;
    }

    Metadata metadata() {
        return metadata;
    }

    /** Replaces it. */
    void change(UnaryOperator<Metadata> operation) {
        METADATA.updateAndGet(this, operation);
    }

    /** Looks at the purges that were made since it was stored or last confirmed. Returns {@code STALE} when it has just been marked so. */
    Verdict compareWith(Purges purges) {
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
