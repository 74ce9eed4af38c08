package com.kingcdn.redirector.registry;

import com.kingcdn.control.ControlEvent;
import com.kingcdn.control.PurgeReceipt;
import com.kingcdn.control.PurgeRequest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** The purges that the log still holds, with the receipts of the edges. */
public final class PurgeRegistry {

    /** One purge and who has applied it. */
    public record PurgeRecord(ControlEvent.Purge event, List<NodeReceipt> receipts) {}

    /** An edge node's word that it has applied a purge. */
    public record NodeReceipt(String node, String cluster, PurgeReceipt receipt) {}

    private static final class Entry {
        private final ControlChange.PurgeAccepted accepted;
        private final Map<String, NodeReceipt> receipts = new ConcurrentSkipListMap<>();

        private Entry(ControlChange.PurgeAccepted accepted) {
            this.accepted = accepted;
        }
    }

    /** The most receipts in one change. */
    private static final int MOST_TOGETHER = 1000;

    private final EventLog log;
    private final ControlStore store;
    private final Map<String, Entry> purges = new ConcurrentHashMap<>();

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
        return Optional.ofNullable(purges.get(id))
                .map(entry -> new PurgeRecord(entry.accepted.event(), List.copyOf(entry.receipts.values())));
    }

    /**
     * Keeps receipts, of which those for unknown purges and those already known do not count.
     *
     * @return completes once the receipts are durable
     */
    public CompletableFuture<Void> report(String node, String cluster, Collection<PurgeReceipt> receipts) {
        List<PurgeReceipt> news =
                receipts.stream().filter(receipt -> isNew(node, receipt)).toList();
        return news.isEmpty()
                ? CompletableFuture.completedFuture(null)
                : store.append(new ControlChange.ReceiptsReported(node, cluster, news));
    }

    private boolean isNew(String node, PurgeReceipt receipt) {
        Entry entry = purges.get(receipt.id());
        return entry != null && !entry.receipts.containsKey(node);
    }

    void apply(ControlChange.PurgeAccepted change) {
        purges.put(change.event().id(), new Entry(change));
    }

    void apply(ControlChange.ReceiptsReported change) {
        for (PurgeReceipt receipt : change.receipts()) {
            Entry entry = purges.get(receipt.id());
            if (entry != null) {
                entry.receipts.put(change.node(), new NodeReceipt(change.node(), change.cluster(), receipt));
            }
        }
    }

    void forget(ControlChange.PurgeAccepted change) {
        purges.remove(change.event().id());
    }

    /** Only the receipts, those of a node together: the purges are the log's. */
    List<ControlChange> changes() {
        Map<String, List<NodeReceipt>> byNode = new HashMap<>();
        List<ControlChange> changes = new ArrayList<>();
        for (Entry entry : purges.values()) {
            for (NodeReceipt receipt : entry.receipts.values()) {
                List<NodeReceipt> together = byNode.computeIfAbsent(receipt.node(), node -> new ArrayList<>());
                together.add(receipt);
                if (together.size() == MOST_TOGETHER) {
                    changes.add(change(together));
                    together.clear();
                }
            }
        }
        byNode.values().stream()
                .filter(rest -> !rest.isEmpty())
                .map(PurgeRegistry::change)
                .forEach(changes::add);
        return changes;
    }

    private static ControlChange change(List<NodeReceipt> receipts) {
        NodeReceipt first = receipts.get(0);
        return new ControlChange.ReceiptsReported(
                first.node(),
                first.cluster(),
                receipts.stream().map(NodeReceipt::receipt).toList());
    }
}
