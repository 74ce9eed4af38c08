package com.kingcdn.redirector.registry;

import com.kingcdn.control.ControlEvent;
import com.kingcdn.control.PurgeReceipt;
import com.kingcdn.control.PurgeRequest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/** The purges that the log still holds, with the receipts of the edges. */
public final class PurgeRegistry {

    /** One purge and who has applied it. */
    public record PurgeRecord(ControlEvent.Purge event, List<NodeReceipt> receipts) {}

    /** An edge node's word that it has applied a purge. */
    public record NodeReceipt(String node, String cluster, PurgeReceipt receipt) {}

    /** The most receipts in one change. */
    private static final int MOST_TOGETHER = 1000;

    private final EventLog log;
    private final ControlStore store;
    private final Map<String, ControlEvent.Purge> purges = new ConcurrentHashMap<>();

    /** By node, in the order in which they are shown. */
    private final Map<String, ReceiptRuns> receipts = new ConcurrentSkipListMap<>();

    PurgeRegistry(EventLog log, ControlStore store) {
        this.log = log;
        this.store = store;
    }

    /**
     * Accepts a purge.
     *
     * @return completes once it is durable and edges are being told
     * @throws ControlStoreException when nothing can be accepted now
     */
    public CompletableFuture<ControlEvent.Purge> accept(PurgeRequest request, long nowMillis) {
        String id = RandomId.next();
        ControlEvent.Purge[] event = new ControlEvent.Purge[1];
        return log.append(sequence -> {
                    event[0] = new ControlEvent.Purge(id, sequence, nowMillis, request);
                    return new ControlChange.PurgeAccepted(event[0]);
                })
                .thenApply(done -> event[0]);
    }

    public Optional<PurgeRecord> find(String id) {
        return Optional.ofNullable(purges.get(id)).map(purge -> new PurgeRecord(purge, receipts(purge)));
    }

    private List<NodeReceipt> receipts(ControlEvent.Purge purge) {
        List<NodeReceipt> found = new ArrayList<>();
        receipts.forEach((node, runs) -> {
            ReceiptRuns.@Nullable Run run = runs.find(purge.sequence());
            if (run != null) {
                PurgeReceipt receipt = run.receipt();
                found.add(new NodeReceipt(
                        node,
                        run.cluster(),
                        new PurgeReceipt(purge.id(), purge.sequence(), receipt.appliedAtMillis(), receipt.entries())));
            }
        });
        return List.copyOf(found);
    }

    /**
     * Keeps receipts, of which those for unknown purges and those already known do not count.
     *
     * @return completes once the receipts are durable
     */
    public CompletableFuture<Void> report(String node, String cluster, Collection<PurgeReceipt> reported) {
        @Nullable ReceiptRuns known = receipts.get(node);
        List<PurgeReceipt> news = reported.stream()
                .filter(receipt -> isKnown(receipt) && (known == null || !known.cover(receipt)))
                .toList();
        return news.isEmpty()
                ? CompletableFuture.completedFuture(null)
                : store.append(new ControlChange.ReceiptsReported(node, cluster, news));
    }

    /** Whether it is about this log: an edge may have followed another one. */
    private boolean isKnown(PurgeReceipt receipt) {
        ControlEvent.@Nullable Purge last = purges.get(receipt.id());
        return last != null && last.sequence() == receipt.sequence();
    }

    void apply(ControlChange.PurgeAccepted change) {
        purges.put(change.event().id(), change.event());
    }

    void apply(ControlChange.ReceiptsReported change) {
        ReceiptRuns runs = receipts.computeIfAbsent(change.node(), node -> new ReceiptRuns());
        change.receipts().stream().filter(this::isKnown).forEach(receipt -> runs.add(change.cluster(), receipt));
    }

    void forget(ControlChange.PurgeAccepted change) {
        purges.remove(change.event().id());
        receipts.values().forEach(runs -> runs.forgetTo(change.sequence()));
    }

    /** Only the receipts, those of a node together: the purges are the log's. */
    List<ControlChange> changes() {
        List<ControlChange> changes = new ArrayList<>();
        receipts.forEach((node, runs) -> {
            List<ReceiptRuns.Run> all = runs.all();
            for (int from = 0; from < all.size(); from += MOST_TOGETHER) {
                List<ReceiptRuns.Run> together = all.subList(from, Math.min(all.size(), from + MOST_TOGETHER));
                changes.add(new ControlChange.ReceiptsReported(
                        node,
                        together.get(0).cluster(),
                        together.stream().map(ReceiptRuns.Run::receipt).toList()));
            }
        });
        return changes;
    }
}
