package com.kingcdn.control;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One edge's word that it has applied a purge, or a run of purges that follow each other in the log: a thousand purges a second are
 * some tens of receipts.
 *
 * @param id of the purge; of a run, of its last
 * @param sequence of its event; of a run, of its last
 * @param appliedAtMillis Unix time in milliseconds, by the edge's clock; of a run, when its last had been applied
 * @param entries how many entries it removed or marked; of a run, each of its purges
 * @param firstSequence where a run begins; null for a single purge, as edges of before sent
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PurgeReceipt(String id, long sequence, long appliedAtMillis, long entries, @Nullable Long firstSequence) {

    public PurgeReceipt {
        Objects.requireNonNull(id, "a receipt needs the id of its purge");
    }

    /** Of a single purge. */
    public PurgeReceipt(String id, long sequence, long appliedAtMillis, long entries) {
        this(id, sequence, appliedAtMillis, entries, null);
    }

    /** The sequence number of the first purge that this is about. */
    public long first() {
        return firstSequence == null ? sequence : Math.min(firstSequence, sequence);
    }

    /**
     * This run with the next purge.
     *
     * @return null when that does not follow in the log, or had another effect
     */
    public @Nullable PurgeReceipt followedBy(PurgeReceipt next) {
        return next.first() == sequence + 1 && next.entries == entries
                ? new PurgeReceipt(next.id, next.sequence, next.appliedAtMillis, entries, first())
                : null;
    }
}
