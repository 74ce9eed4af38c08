package com.kingcdn.edge;

import com.kingcdn.control.BearerToken;
import com.kingcdn.control.client.ControlPlaneClient;
import com.kingcdn.edge.agent.AgentTargets;
import com.kingcdn.edge.agent.EdgeAgent;
import com.kingcdn.edge.agent.EdgeIdentity;
import com.kingcdn.edge.agent.LoadCounters;
import com.kingcdn.edge.agent.RttReporter;
import com.kingcdn.edge.cache.HttpCache;
import com.kingcdn.edge.distribution.DistributionTable;
import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.probe.PassiveRtt;
import com.kingcdn.edge.probe.ProbeProperties;
import com.kingcdn.edge.probe.RttProber;
import com.kingcdn.edge.purge.CaughtUp;
import com.kingcdn.edge.purge.Purger;
import com.kingcdn.edge.purge.StoredEntries;
import com.kingcdn.edge.push.FillListener;
import com.kingcdn.edge.push.PushReceiver;
import com.kingcdn.edge.store.CacheStore;
import com.kingcdn.edge.store.PurgeScope;
import com.kingcdn.edge.upstream.PeerSeal;
import com.kingcdn.edge.upstream.TierTable;
import com.kingcdn.edge.web.ContentServer;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** The edge as a member of a CDN: configuration, purges and fills come from redirectors. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(name = "kingcdn.edge.origin", havingValue = "none", matchIfMissing = true)
class ControlPlaneConfiguration {

    /** In each interval: more tell little more, and each is a system call. */
    private static final int SAMPLED_CONNECTIONS = 1_000;

    @Bean
    DistributionTable distributions(CacheStore store) {
        DistributionTable distributions = DistributionTable.empty();
        distributions.subscribe(all -> store.divide(MemoryShares.of(all)));
        return distributions;
    }

    @Bean
    CaughtUp caughtUp() {
        return CaughtUp.unproven();
    }

    @Bean
    Purger purger(DistributionTable distributions, CacheStore store) {
        return new Purger(distributions, new Entries(store));
    }

    /** The one thread that fills wait and count on; what they fetch comes on the threads of the content port. */
    @Bean(destroyMethod = "dispose")
    Scheduler pushScheduler() {
        return Schedulers.newSingle("push", true);
    }

    @Bean
    PushReceiver pushReceiver(
            DistributionTable distributions, HttpCache cache, CacheStore store, Scheduler pushScheduler) {
        return new PushReceiver(distributions, new CacheFiller(cache, store), pushScheduler);
    }

    @Bean
    BearerToken edgeToken(EdgeProperties properties) {
        return BearerToken.read(required(properties.control().tokenFile()));
    }

    @Bean
    TierTable tiers(EdgeProperties properties, BearerToken edgeToken, CaughtUp caughtUp) {
        return new TierTable(
                properties.node(), properties.cluster(), new PeerSeal(edgeToken), caughtUp::appliedSequence);
    }

    @Bean
    ControlPlaneClient controlPlane(EdgeProperties properties, BearerToken edgeToken) {
        return new ControlPlaneClient(properties.control().url(), edgeToken);
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
                new LoadCounters(server::requests, server::bytesSent, server::openConnections, properties.capacity()),
                clock);
    }

    @Bean(destroyMethod = "close")
    @ConditionalOnBooleanProperty(name = "kingcdn.edge.probe.enabled", matchIfMissing = true)
    RttProber rttProber(EdgeProperties properties) {
        return new RttProber(properties.probe());
    }

    @Bean(initMethod = "start", destroyMethod = "close")
    RttReporter rttReporter(
            EdgeProperties properties,
            ControlPlaneClient controlPlane,
            ObjectProvider<RttProber> prober,
            ContentServer server) {
        ProbeProperties settings = properties.probe();
        PassiveRtt passive = new PassiveRtt(settings.localTargets());
        return new RttReporter(
                new EdgeIdentity(properties.node(), properties.cluster()),
                controlPlane,
                prober.getIfAvailable(),
                passive,
                () -> server.sampleDelays(
                        SAMPLED_CONNECTIONS, (client, millis) -> passive.sampled(client.getAddress(), millis)),
                new RttReporter.Periods(settings.refresh(), settings.passiveInterval(), settings.reportInterval()));
    }

    @Bean
    AgentTargets agentTargets(
            DistributionTable distributions, TierTable tiers, Purger purger, CaughtUp caughtUp, FillListener fills) {
        return new AgentTargets(distributions, tiers, purger, caughtUp, fills);
    }

    @Bean(initMethod = "listen", destroyMethod = "forget")
    Leave leave(EdgeProperties properties) {
        return new Leave(properties.leave(), System::exit);
    }

    @Bean
    EdgeLifecycle lifecycle(ContentServer server, EdgeAgent agent, Leave leave) {
        return new EdgeLifecycle(server, agent, leave);
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
        public void remove(PurgeScope scope) {
            store.remove(scope);
        }

        @Override
        public void markStale(PurgeScope scope) {
            store.markStale(scope);
        }

        @Override
        public CompletionStage<?> sync() {
            return store.sync();
        }
    }
}
