package com.kingcdn.systemtest;

import com.kingcdn.control.FillPlan;
import com.kingcdn.control.FillProgress;
import com.kingcdn.control.client.ControlPlaneClient;
import com.kingcdn.edge.agent.AgentTargets;
import com.kingcdn.edge.agent.EdgeAgent;
import com.kingcdn.edge.agent.EdgeIdentity;
import com.kingcdn.edge.agent.LoadCounters;
import com.kingcdn.edge.distribution.DistributionTable;
import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.purge.CaughtUp;
import com.kingcdn.edge.purge.Purger;
import com.kingcdn.edge.purge.StoredEntries;
import com.kingcdn.edge.push.FillListener;
import com.kingcdn.edge.store.CacheStore;
import com.kingcdn.edge.store.DiskTierSettings;
import com.kingcdn.edge.store.PurgeScope;
import com.kingcdn.edge.upstream.TierTable;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/** An edge without its content port: the real agent, purger and store, following a real redirector over a socket of its own. */
final class LightEdge implements AutoCloseable {

    private final ControlPlaneClient control;
    private final CacheStore store;
    private final DistributionTable distributions = DistributionTable.empty();
    private final CaughtUp caughtUp = CaughtUp.unproven();
    private final EdgeAgent agent;

    /**
     * Of a node that the redirector knows.
     *
     * @param control closed with this
     * @param purged told the path or tag of each purge as soon as it is true here
     */
    LightEdge(EdgeIdentity identity, ControlPlaneClient control, Path state, Consumer<String> purged) {
        this.control = control;
        store = CacheStore.open(DataSize.ofMegabytes(1), DiskTierSettings.of(null, DataSize.ofMegabytes(16)));
        Purger purger = new Purger(distributions, new Entries(store, purged));
        agent = new EdgeAgent(
                identity,
                control,
                state,
                new AgentTargets(distributions, TierTable.alone(identity.node()), purger, caughtUp, new NoFills()),
                new LoadCounters(() -> 0, () -> 0, () -> 0, null),
                Clock.systemUTC());
    }

    void start() {
        agent.restore();
        agent.start(agent::isConfigured);
    }

    /** Whether it has a configuration, and can show that it knows all purges. */
    boolean isReady() {
        return agent.isConfigured() && caughtUp.isProven(System.currentTimeMillis());
    }

    @Override
    public void close() {
        agent.stop();
        control.close();
        store.close();
    }

    private record Entries(CacheStore store, Consumer<String> purged) implements StoredEntries {

        @Override
        public int remove(CacheKey key) {
            int removed = store.remove(key);
            purged.accept(key.target());
            return removed;
        }

        @Override
        public int markStale(CacheKey key) {
            int marked = store.markStale(key);
            purged.accept(key.target());
            return marked;
        }

        @Override
        public void remove(PurgeScope scope) {
            store.remove(scope);
            purged.accept(scope.name());
        }

        @Override
        public void markStale(PurgeScope scope) {
            store.markStale(scope);
            purged.accept(scope.name());
        }

        @Override
        public CompletionStage<?> sync() {
            return store.sync();
        }
    }

    private static final class NoFills implements FillListener {

        @Override
        public void fill(String id, FillPlan plan, Consumer<FillProgress> progress) {}

        @Override
        public void cancel(String id, @Nullable FillPlan plan) {}
    }
}
