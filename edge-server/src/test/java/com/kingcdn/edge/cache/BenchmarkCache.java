package com.kingcdn.edge.cache;

import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.edge.store.CacheStore;
import com.kingcdn.edge.upstream.UpstreamResponse;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.OriginEndpoint;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.function.Supplier;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What benchmarks of the cache share: a distribution, requests, and a cache whose upstream answers at once. */
public final class BenchmarkCache {

    public static final Distribution DISTRIBUTION =
            new Distribution("a1105", null, List.of(new OriginEndpoint(URI.create("http://127.0.0.1"))), null);

    static final HeaderFields REQUEST =
            HeaderFields.of("host", "video.netcinema.example", "user-agent", "x/1.0", "accept", "*/*");

    private BenchmarkCache() {}

    /** One that stores 1 KiB for each target. */
    public static HttpCache ofOneKibibyte(CacheStore store) {
        return over(
                store,
                HeaderFields.of("content-length", "1024", "cache-control", "max-age=86400", "etag", "\"one\""),
                () -> Unpooled.wrappedBuffer(new byte[1024]));
    }

    static HttpCache over(CacheStore store, HeaderFields fields, Supplier<ByteBuf> content) {
        return new HttpCache(
                store,
                request -> Mono.just(new UpstreamResponse(200, fields, Flux.just(content.get()))),
                (validatedAt, now) -> true,
                Clock.systemUTC());
    }

    public static CacheRequest request(String target, HeaderFields fields) {
        return new CacheRequest("GET", "http", "video.netcinema.example", target, fields);
    }

    /** Runs all of a class, and shows what they allocate. */
    public static void run(Class<?> benchmarks) throws RunnerException {
        new Runner(new OptionsBuilder()
                        .include(benchmarks.getName())
                        .addProfiler(GCProfiler.class)
                        .build())
                .run();
    }
}
