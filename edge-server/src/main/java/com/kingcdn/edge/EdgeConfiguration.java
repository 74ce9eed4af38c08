package com.kingcdn.edge;

import com.kingcdn.edge.cache.HttpCache;
import com.kingcdn.edge.cache.PurgeState;
import com.kingcdn.edge.distribution.DistributionTable;
import com.kingcdn.edge.purge.CaughtUp;
import com.kingcdn.edge.store.CacheStore;
import com.kingcdn.edge.tls.CertificateDirectory;
import com.kingcdn.edge.transport.Transport;
import com.kingcdn.edge.upstream.ForwardedFields;
import com.kingcdn.edge.upstream.TierTable;
import com.kingcdn.edge.upstream.Upstream;
import com.kingcdn.edge.upstream.UpstreamClient;
import com.kingcdn.edge.web.ContentServer;
import com.kingcdn.log.JsonLinesLog;
import com.kingcdn.metrics.MetricsHandler;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.HostHeader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

/** The data plane: content port, cache, store, origins. */
@Configuration(proxyBeanMethods = false)
class EdgeConfiguration {

    private static final int ACCESS_LOG_QUEUE = 65_536;

    @Bean
    Clock clock() {
        return Clock.systemUTC();
    }

    /** One set of threads for both sides of the cache, so that most misses never change theirs. */
    @Bean(destroyMethod = "close")
    Transport transport(EdgeProperties properties) {
        return Transport.open("edge", properties.eventLoops(), properties.transport());
    }

    @Bean
    ForwardedFields forwardedFields(EdgeProperties properties) {
        return new ForwardedFields(properties.node(), properties.upstream().forwarded());
    }

    @Bean
    UpstreamClient upstream(
            EdgeProperties properties,
            ForwardedFields forwarded,
            TierTable tiers,
            DistributionTable distributions,
            Transport transport,
            Clock clock) {
        UpstreamClient client = new UpstreamClient(properties.upstream(), forwarded, tiers, transport, clock);
        client.checks().start(distributions::distributions);
        return client;
    }

    @Bean
    CacheStore cacheStore(EdgeProperties properties) {
        return CacheStore.open(properties.memory(), properties.disk());
    }

    @Bean
    HttpCache httpCache(CacheStore store, Upstream upstream, CaughtUp caughtUp, Clock clock) {
        return new HttpCache(store, upstream, new KnownPurges(caughtUp), clock);
    }

    @Bean
    @ConditionalOnProperty("kingcdn.edge.access-log")
    JsonLinesLog accessLog(EdgeProperties properties) {
        String target = Objects.requireNonNullElse(properties.accessLog(), JsonLinesLog.STANDARD_OUTPUT);
        try {
            return JsonLinesLog.open(target, ACCESS_LOG_QUEUE);
        } catch (IOException e) {
            throw new IllegalArgumentException("kingcdn.edge.access-log: cannot write to the file: " + e, e);
        }
    }

    @Bean(destroyMethod = "close")
    @ConditionalOnProperty("kingcdn.edge.tls.directory")
    CertificateDirectory certificates(EdgeProperties properties, Clock clock) {
        return CertificateDirectory.open(
                Objects.requireNonNull(properties.tls().directory()),
                properties.tls().reloadInterval(),
                clock);
    }

    private static ContentServer.Addresses addresses(
            EdgeProperties properties, @Nullable CertificateDirectory certificates) {
        InetSocketAddress secure = properties.tlsAddress();
        return new ContentServer.Addresses(
                properties.address(),
                secure == null || certificates == null
                        ? null
                        : new ContentServer.Secure(secure, properties.tls(), certificates));
    }

    @Bean
    ContentServer contentServer(
            EdgeProperties properties,
            Transport transport,
            HttpCache cache,
            DistributionTable distributions,
            ForwardedFields forwarded,
            TierTable tiers,
            ObjectProvider<CertificateDirectory> certificates,
            ObjectProvider<JsonLinesLog> accessLog) {
        return ContentServer.of(
                addresses(properties, certificates.getIfAvailable()),
                properties.server(),
                transport,
                new ContentServer.Services(
                        properties.node(),
                        cache,
                        distributions,
                        forwarded,
                        tiers,
                        ContentServer.Limits.of(properties.limits()),
                        clock()),
                accessLog.getIfAvailable());
    }

    @Bean
    @ConditionalOnWebApplication
    RouterFunction<ServerResponse> metrics() {
        return MetricsHandler.routes();
    }

    /** What the cache is told of purges. */
    private record KnownPurges(CaughtUp caughtUp) implements PurgeState {

        @Override
        public boolean covers(long validatedAtMillis, long nowMillis) {
            return caughtUp.covers(validatedAtMillis, nowMillis);
        }

        @Override
        public boolean hasApplied(long sequence) {
            return sequence <= caughtUp.appliedSequence();
        }
    }

    /** An edge without a control plane: one origin, any Host. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnProperty("kingcdn.edge.origin")
    static class Standalone {

        @Bean
        DistributionTable distributions(EdgeProperties properties) {
            return DistributionTable.forAnyHost(
                    new Distribution("standalone", null, List.of(properties.standaloneOrigin()), HostHeader.CLIENT));
        }

        @Bean
        TierTable tiers(EdgeProperties properties) {
            return TierTable.alone(properties.node());
        }

        @Bean
        CaughtUp caughtUp() {
            return CaughtUp.always();
        }

        @Bean
        EdgeLifecycle lifecycle(ContentServer server) {
            return new EdgeLifecycle(server);
        }
    }
}
