package com.kingcdn.redirector.registry;

import com.kingcdn.redirector.registry.ControlChange.ClusterDrained;
import com.kingcdn.redirector.registry.ControlChange.ClusterPut;
import com.kingcdn.redirector.registry.ControlChange.ClusterRemoved;
import com.kingcdn.redirector.registry.ControlChange.ConfigVersioned;
import com.kingcdn.redirector.registry.ControlChange.DistributionPut;
import com.kingcdn.redirector.registry.ControlChange.DistributionRemoved;
import com.kingcdn.redirector.registry.ControlChange.EventsTrimmed;
import com.kingcdn.redirector.registry.ControlChange.FillAccepted;
import com.kingcdn.redirector.registry.ControlChange.FillCancelled;
import com.kingcdn.redirector.registry.ControlChange.NodesDown;
import com.kingcdn.redirector.registry.ControlChange.Numbered;
import com.kingcdn.redirector.registry.ControlChange.ProgressReported;
import com.kingcdn.redirector.registry.ControlChange.PurgeAccepted;
import com.kingcdn.redirector.registry.ControlChange.ReceiptsReported;
import com.kingcdn.redirector.registry.ControlChange.ZoneChanged;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** All registries over one store: what its changes add up to. */
public final class Registries implements ControlState {

    private final ControlStore store;
    private final ConfigRegistry config;
    private final EventLog events;
    private final PurgeRegistry purges;
    private final FillRegistry fills;
    private final ZoneOverlays zones;
    private volatile List<String> nodesDown = List.of();

    /** The store is to be opened with this before anything is changed. */
    public Registries(ControlStore store, Clock clock) {
        this.store = store;
        this.config = new ConfigRegistry(store, clock);
        this.events = new EventLog(store);
        this.purges = new PurgeRegistry(events, store);
        this.fills = new FillRegistry(events, store);
        this.zones = new ZoneOverlays(store);
    }

    public ConfigRegistry config() {
        return config;
    }

    public EventLog events() {
        return events;
    }

    public PurgeRegistry purges() {
        return purges;
    }

    public FillRegistry fills() {
        return fills;
    }

    public ZoneOverlays zones() {
        return zones;
    }

    /** The nodes that were down when the state was last kept. */
    public List<String> nodesDown() {
        return nodesDown;
    }

    /** Keeps which nodes are down, for the next start. */
    public CompletableFuture<Void> keepNodesDown(List<String> nodes) {
        return store.append(new NodesDown(nodes));
    }

    @Override
    public void apply(ControlChange change) {
        if (change instanceof Numbered numbered) {
            applyNumbered(numbered);
        } else if (change instanceof ClusterPut put) {
            config.apply(put);
        } else if (change instanceof ClusterRemoved removed) {
            config.apply(removed);
        } else if (change instanceof ClusterDrained drained) {
            config.apply(drained);
        } else if (change instanceof DistributionPut put) {
            config.apply(put);
        } else if (change instanceof DistributionRemoved removed) {
            config.apply(removed);
        } else if (change instanceof ConfigVersioned versioned) {
            config.apply(versioned);
        } else if (change instanceof EventsTrimmed trimmed) {
            events.apply(trimmed);
        } else if (change instanceof ReceiptsReported receipts) {
            purges.apply(receipts);
        } else if (change instanceof ProgressReported progress) {
            fills.apply(progress);
        } else if (change instanceof ZoneChanged zone) {
            zones.apply(zone);
        } else if (change instanceof NodesDown down) {
            nodesDown = List.copyOf(down.nodes());
        }
    }

    private void applyNumbered(Numbered change) {
        // known by its id before anybody can hear of it
        if (change instanceof PurgeAccepted purge) {
            purges.apply(purge);
        } else if (change instanceof FillAccepted fill) {
            fills.apply(fill);
        } else if (change instanceof FillCancelled cancelled) {
            fills.apply(cancelled);
        }
        for (Numbered trimmed : events.apply(change)) {
            if (trimmed instanceof PurgeAccepted purge) {
                purges.forget(purge);
            }
        }
    }

    @Override
    public List<ControlChange> changes() {
        List<ControlChange> changes = new ArrayList<>(config.changes());
        changes.add(new EventsTrimmed(events.oldestReachable()));
        changes.addAll(fills.changesUpTo(events.oldestReachable()));
        changes.addAll(events.changes());
        changes.addAll(fills.progressChanges());
        changes.addAll(purges.changes());
        changes.addAll(zones.changes());
        changes.add(new NodesDown(nodesDown));
        return changes;
    }
}
