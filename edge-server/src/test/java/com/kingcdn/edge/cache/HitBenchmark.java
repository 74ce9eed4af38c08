package com.kingcdn.edge.cache;

import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.edge.store.CacheStore;
import com.kingcdn.edge.store.DiskTierSettings;
import com.kingcdn.edge.upstream.Downstream;
import com.kingcdn.edge.upstream.UpstreamResponse;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.OriginEndpoint;
import io.netty.buffer.Unpooled;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.springframework.util.unit.DataSize;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What a hit of 1 KiB in memory costs, from the request's value to the response's. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class HitBenchmark {

    private static final Distribution DISTRIBUTION =
            new Distribution("a1105", null, List.of(new OriginEndpoint(URI.create("http://127.0.0.1"))), null);

    private static final HeaderFields FIELDS =
            HeaderFields.of("host", "video.netcinema.example", "user-agent", "x/1.0", "accept", "*/*");

    private final CacheStore store =
            CacheStore.open(DataSize.ofMegabytes(64), DiskTierSettings.of(null, DataSize.ofMegabytes(16)));
    private final HttpCache cache = new HttpCache(
            store,
            request -> Mono.just(new UpstreamResponse(
                    200,
                    HeaderFields.of("content-length", "1024", "cache-control", "max-age=86400", "etag", "\"one\""),
                    Flux.just(Unpooled.wrappedBuffer(new byte[1024])))),
            (validatedAt, now) -> true,
            Clock.systemUTC());

    @Setup
    public void fill() {
        Received.of(cache.handle(request("/6Y7B23V"), DISTRIBUTION, Downstream.NONE));
    }

    @TearDown
    public void close() {
        store.close();
    }

    private static CacheRequest request(String target) {
        return new CacheRequest("GET", "http", "video.netcinema.example", target, FIELDS);
    }

    @Benchmark
    public int hit() {
        // a new string, as each request brings one whose hash has not been computed
        String target = new String(new char[] {'/', '6', 'Y', '7', 'B', '2', '3', 'V'});
        EdgeResponse response = Objects.requireNonNull(cache.tryServe(request(target), DISTRIBUTION));
        response.close();
        return response.status();
    }

    public static void main(String[] arguments) throws RunnerException {
        new Runner(new OptionsBuilder()
                        .include(HitBenchmark.class.getName())
                        .addProfiler(GCProfiler.class)
                        .build())
                .run();
    }
}
