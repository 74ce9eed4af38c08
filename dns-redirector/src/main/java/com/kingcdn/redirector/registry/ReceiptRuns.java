package com.kingcdn.redirector.registry;

import com.kingcdn.control.PurgeReceipt;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * The receipts of one edge node, as runs of sequence numbers by where they begin. None lies within another, so they end in the order in
 * which they begin. One thread changes them, any number reads.
 */
final class ReceiptRuns {

    /** @param cluster that the node was in */
    record Run(String cluster, PurgeReceipt receipt) {}

    private final NavigableMap<Long, Run> runs = new ConcurrentSkipListMap<>();

    /** Whether a run covers all of the receipt's purges. */
    boolean cover(PurgeReceipt receipt) {
        Run run = find(receipt.first());
        return run != null && run.receipt().sequence() >= receipt.sequence();
    }

    /** The run that a purge is in; null for none. */
    @Nullable
    Run find(long sequence) {
        Map.Entry<Long, Run> before = runs.floorEntry(sequence);
        return before != null && before.getValue().receipt().sequence() >= sequence ? before.getValue() : null;
    }

    void add(String cluster, PurgeReceipt receipt) {
        if (cover(receipt)) {
            return;
        }
        // before those within it go, so that no reader misses what was there
        runs.put(receipt.first(), new Run(cluster, receipt));
        Map.Entry<Long, Run> within = runs.higherEntry(receipt.first());
        while (within != null && within.getValue().receipt().sequence() <= receipt.sequence()) {
            runs.remove(within.getKey());
            within = runs.higherEntry(receipt.first());
        }
    }

    /** Forgets runs that end here or before. */
    void forgetTo(long sequence) {
        Map.Entry<Long, Run> oldest = runs.firstEntry();
        while (oldest != null && oldest.getValue().receipt().sequence() <= sequence) {
            runs.remove(oldest.getKey());
            oldest = runs.firstEntry();
        }
    }

    List<Run> all() {
        return new ArrayList<>(runs.values());
    }
}
