package com.kingcdn.edge.cache;

import com.kingcdn.edge.store.CacheStore;
import com.kingcdn.edge.store.DiskTierSettings;
import com.kingcdn.edge.upstream.Downstream;
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
import org.openjdk.jmh.runner.RunnerException;
import org.springframework.util.unit.DataSize;

/** What a hit of 1 KiB in memory costs, from the request's value to the response's. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class HitBenchmark {

    private final CacheStore store =
            CacheStore.open(DataSize.ofMegabytes(64), DiskTierSettings.of(null, DataSize.ofMegabytes(16)));
    private final HttpCache cache = BenchmarkCache.ofOneKibibyte(store);

    @Setup
    public void fill() {
        Received.of(cache.handle(
                BenchmarkCache.request("/6Y7B23V", BenchmarkCache.REQUEST),
                BenchmarkCache.DISTRIBUTION,
                Downstream.NONE));
    }

    @TearDown
    public void close() {
        store.close();
    }

    @Benchmark
    public int hit() {
        // a new string, as each request brings one whose hash has not been computed
        String target = new String(new char[] {'/', '6', 'Y', '7', 'B', '2', '3', 'V'});
        EdgeResponse response = Objects.requireNonNull(
                cache.tryServe(BenchmarkCache.request(target, BenchmarkCache.REQUEST), BenchmarkCache.DISTRIBUTION));
        response.close();
        return response.status();
    }

    public static void main(String[] arguments) throws RunnerException {
        BenchmarkCache.run(HitBenchmark.class);
    }
}
