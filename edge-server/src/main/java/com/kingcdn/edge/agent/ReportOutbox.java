package com.kingcdn.edge.agent;

import com.kingcdn.control.FillProgress;
import com.kingcdn.control.PurgeReceipt;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a redirector has still to hear: receipts in order, and the last progress of each fill. Kept until a report with it is
 * accepted, and bounded: when no redirector listens for long, the oldest receipts go first. Safe for all threads.
 */
final class ReportOutbox {

    static final int MAX_RECEIPTS = 10_000;

    /** So that a report stays some hundred kilobytes. */
    static final int MAX_RECEIPTS_PER_REPORT = 1_000;

    static final int MAX_FILLS = LogPosition.MAX_FILLS;

    /** What one report carries. */
    record Batch(List<PurgeReceipt> receipts, List<FillProgress> fills) {

        boolean isEmpty() {
            return receipts.isEmpty() && fills.isEmpty();
        }
    }

    private final Deque<PurgeReceipt> receipts = new ArrayDeque<>();
    private final Map<String, FillProgress> fills = new LinkedHashMap<>();

    synchronized void add(Collection<PurgeReceipt> added) {
        for (PurgeReceipt receipt : added) {
            if (receipts.size() == MAX_RECEIPTS) {
                receipts.removeFirst();
                AgentMetrics.RECEIPTS_DROPPED.inc();
            }
            receipts.addLast(receipt);
        }
    }

    synchronized void add(FillProgress progress) {
        fills.put(progress.id(), progress);
        if (fills.size() > MAX_FILLS) {
            fills.remove(fills.keySet().iterator().next());
        }
    }

    synchronized boolean isEmpty() {
        return receipts.isEmpty() && fills.isEmpty();
    }

    /** The oldest of what waits; it goes on waiting until {@link #accepted}. */
    synchronized Batch next() {
        return new Batch(receipts.stream().limit(MAX_RECEIPTS_PER_REPORT).toList(), new ArrayList<>(fills.values()));
    }

    /** A redirector has it. Progress that changed meanwhile goes on waiting. */
    synchronized void accepted(Batch batch) {
        for (PurgeReceipt receipt : batch.receipts()) {
            // unless it was dropped meanwhile
            if (receipt.equals(receipts.peekFirst())) {
                receipts.removeFirst();
            }
        }
        batch.fills().forEach(progress -> fills.remove(progress.id(), progress));
    }
}
