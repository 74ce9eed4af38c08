package com.kingcdn.edge.agent;

import com.kingcdn.control.ConfigSnapshot;
import com.kingcdn.control.FillPlan;
import com.kingcdn.control.FillProgress;
import com.kingcdn.edge.distribution.DistributionTable;
import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.purge.CaughtUp;
import com.kingcdn.edge.purge.Purger;
import com.kingcdn.edge.purge.StoredEntries;
import com.kingcdn.edge.push.FillListener;
import com.kingcdn.edge.store.PurgeScope;
import com.kingcdn.edge.upstream.TierTable;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.OriginEndpoint;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/** The parts below the agent, which note what was asked of them. */
@NullMarked
final class FakeEdge implements StoredEntries, FillListener {

    final DistributionTable distributions = DistributionTable.empty();
    final CaughtUp caughtUp = CaughtUp.unproven();
    final List<String> purged = new CopyOnWriteArrayList<>();
    final List<String> fills = new CopyOnWriteArrayList<>();
    final Map<String, Consumer<FillProgress>> progress = new ConcurrentHashMap<>();
    private final Purger purger = new Purger(distributions, this);

    AgentTargets targets() {
        return new AgentTargets(distributions, TierTable.alone("nyc-1"), purger, caughtUp, this);
    }

    static ConfigSnapshot config(long version, String... hosts) {
        Distribution distribution = new Distribution(
                "a1105", List.of(hosts), List.of(new OriginEndpoint(URI.create("http://127.0.0.1:8600"))), null);
        return new ConfigSnapshot(version, "kingcdn.example", List.of(distribution), List.of());
    }

    @Override
    public int remove(CacheKey key) {
        purged.add(key.target());
        return 1;
    }

    @Override
    public int markStale(CacheKey key) {
        purged.add("soft " + key.target());
        return 1;
    }

    @Override
    public void remove(PurgeScope scope) {
        purged.add(scope.kind() + " " + scope.name());
    }

    @Override
    public void markStale(PurgeScope scope) {
        purged.add("soft " + scope.kind() + " " + scope.name());
    }

    @Override
    public CompletionStage<?> sync() {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void fill(String id, FillPlan plan, Consumer<FillProgress> told) {
        fills.add("fill " + id);
        progress.put(id, told);
    }

    @Override
    public void cancel(String id, @Nullable FillPlan plan) {
        fills.add("cancel " + id + (plan == null ? "" : " of " + plan.distribution()));
    }
}
