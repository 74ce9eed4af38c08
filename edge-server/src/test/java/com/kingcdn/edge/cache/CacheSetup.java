package com.kingcdn.edge.cache;

import static org.awaitility.Awaitility.await;

import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.edge.store.CacheStore;
import com.kingcdn.edge.store.DiskTierSettings;
import com.kingcdn.edge.transport.Transport;
import com.kingcdn.edge.upstream.Downstream;
import com.kingcdn.edge.upstream.ForwardedFields;
import com.kingcdn.edge.upstream.ForwardedStyle;
import com.kingcdn.edge.upstream.Peer;
import com.kingcdn.edge.upstream.Tier;
import com.kingcdn.edge.upstream.UpstreamClient;
import com.kingcdn.edge.upstream.UpstreamProperties;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.OriginEndpoint;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;
import reactor.core.publisher.Mono;

/** A cache in front of an {@link Origin}, with a clock that is set by hand. */
final class CacheSetup implements AutoCloseable {

    final Origin origin = new Origin();
    final AtomicLong now = new AtomicLong(1_800_000_000_000L);
    final CacheStore store;
    final HttpCache cache;
    volatile boolean purgesKnown = true;
    volatile long appliedSequence;

    private final Distribution distribution;
    private final Transport transport = Transport.open("cache-test", 2);
    private final UpstreamClient upstream = new UpstreamClient(
            new UpstreamProperties(
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(4),
                    1000,
                    1000,
                    ForwardedStyle.X_FORWARDED),
            new ForwardedFields("test", ForwardedStyle.X_FORWARDED),
            transport,
            Clock.systemUTC());

    CacheSetup() {
        this(null, DataSize.ofMegabytes(64));
    }

    CacheSetup(@Nullable Path disk, DataSize memory) {
        this(disk, memory, plain -> plain);
    }

    /** For a distribution with rules. */
    CacheSetup(UnaryOperator<Distribution> rules) {
        this(null, DataSize.ofMegabytes(64), rules);
    }

    private CacheSetup(@Nullable Path disk, DataSize memory, UnaryOperator<Distribution> rules) {
        store = CacheStore.open(memory, DiskTierSettings.of(disk, DataSize.ofMegabytes(256)));
        store.loaded().toCompletableFuture().join();
        distribution = rules.apply(new Distribution(
                "a1105", null, List.of(new OriginEndpoint(URI.create("http://127.0.0.1:" + origin.port()))), null));
        cache = new HttpCache(store, upstream, new Purges(), () -> Instant.ofEpochMilli(now.get()));
    }

    static CacheRequest request(String method, String target, String... fields) {
        return new CacheRequest(method, "http", "video.netcinema.example", target, HeaderFields.of(fields));
    }

    Mono<EdgeResponse> send(CacheRequest request) {
        return Mono.defer(() -> {
            EdgeResponse quick = cache.tryServe(request, distribution);
            return quick != null ? Mono.just(quick) : cache.handle(request, distribution, Downstream.NONE);
        });
    }

    Received get(String target, String... fields) {
        return Received.of(send(request("GET", target, fields)));
    }

    /** As another edge of the same CDN, which has applied the log up to an event. */
    Received getAsPeer(long sequence, String target, String... fields) {
        CacheRequest request = request("GET", target, fields);
        Peer peer = new Peer("nyc-2", Tier.SIBLING, sequence, "http");
        return Received.of(Mono.defer(() -> {
            EdgeResponse quick = cache.tryServe(request, distribution, peer);
            return quick != null
                    ? Mono.just(quick)
                    : cache.handle(request, distribution, new Downstream("http", null, null, null, peer));
        }));
    }

    private final class Purges implements PurgeState {

        @Override
        public boolean covers(long validatedAtMillis, long nowMillis) {
            return purgesKnown;
        }

        @Override
        public boolean hasApplied(long sequence) {
            return sequence <= appliedSequence;
        }
    }

    CacheKey key(String target) {
        return CacheKey.of(distribution, request("GET", target));
    }

    Distribution distribution() {
        return distribution;
    }

    void advance(Duration time) {
        now.addAndGet(time.toMillis());
    }

    /** Every octet that was given out must have come back. */
    @Override
    public void close() {
        store.close();
        await().atMost(Duration.ofSeconds(10)).until(() -> store.memoryBytes() == 0);
        upstream.close();
        origin.close();
        transport.close();
    }
}
