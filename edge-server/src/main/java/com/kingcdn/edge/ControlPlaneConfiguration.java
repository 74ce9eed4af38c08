package com.kingcdn.edge;

import com.kingcdn.control.BearerToken;
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
import com.kingcdn.edge.web.ContentServer;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The edge as a member of a CDN: configuration, purges and fills come from redirectors. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(name = "kingcdn.edge.origin", havingValue = "none", matchIfMissing = true)
class ControlPlaneConfiguration {

    @Bean
    DistributionTable distributions() {
        return DistributionTable.empty();
    }

    @Bean
    CaughtUp caughtUp() {
        return CaughtUp.unproven();
    }

    @Bean
    Purger purger(DistributionTable distributions, CacheStore store, CaughtUp caughtUp, Clock clock) {
        return new Purger(distributions, new Entries(store), caughtUp, clock);
    }

    @Bean
    ControlPlaneClient controlPlane(EdgeProperties properties) {
        return new ControlPlaneClient(
                properties.control().url(),
                BearerToken.read(required(properties.control().tokenFile())));
    }

    @Bean
    EdgeAgent agent(
            EdgeProperties properties,
            ControlPlaneClient controlPlane,
            AgentTargets targets,
            ContentServer server,
            Clock clock) {
        return new EdgeAgent(
                new EdgeIdentity(properties.node(), properties.cluster()),
                controlPlane,
                required(properties.state()),
                targets,
                new LoadCounters(server::requests, server::bytesSent, server::openConnections),
                clock);
    }

    @Bean
    AgentTargets agentTargets(
            DistributionTable distributions, Purger purger, CaughtUp caughtUp, ObjectProvider<FillListener> fills) {
        return new AgentTargets(distributions, purger, caughtUp, fills.getIfAvailable(NoFills::new));
    }

    @Bean
    EdgeLifecycle lifecycle(ContentServer server, EdgeAgent agent) {
        return new EdgeLifecycle(server, agent);
    }

    private static Path required(@Nullable Path path) {
        return Objects.requireNonNull(path, "checked by EdgeProperties");
    }

    /** The store as purges see it. */
    private record Entries(CacheStore store) implements StoredEntries {

        @Override
        public int remove(CacheKey key) {
            return store.remove(key);
        }

        @Override
        public int markStale(CacheKey key) {
            return store.markStale(key);
        }

        @Override
        public CompletionStage<?> sync() {
            return store.sync();
        }
    }

    /** An edge that does not fetch ahead of demand: it says so to whoever asks. */
    private static final class NoFills implements FillListener {

        @Override
        public void fill(String id, FillPlan plan, Consumer<FillProgress> progress) {
            int paths = plan.paths().size();
            progress.accept(new FillProgress(
                    id, FillProgress.State.FAILED, paths, paths, paths, 0, "this edge does not take fills"));
        }

        @Override
        public void cancel(String id, @Nullable FillPlan plan) {
            // nothing was begun
        }
    }
}
