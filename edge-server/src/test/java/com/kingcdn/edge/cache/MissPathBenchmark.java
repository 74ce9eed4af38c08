package com.kingcdn.edge.cache;

import com.kingcdn.edge.store.CacheStore;
import com.kingcdn.edge.store.DiskTierSettings;
import com.kingcdn.edge.upstream.Downstream;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.http.HttpDate;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.RunnerException;
import org.springframework.util.FileSystemUtils;
import org.springframework.util.unit.DataSize;
import reactor.core.publisher.BaseSubscriber;

/**
 * What a miss of 1 KiB costs between the server and the upstream, from the request's value to the last octet of the response: each
 * request is for another target, the upstream answers at once, and the stores are full.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class MissPathBenchmark {

    private static final int LENGTH = 1024;

    /** Whether there is a disk tier, or memory only. */
    @Param({"false", "true"})
    boolean disk;

    private final Sink sink = new Sink();
    private final ByteBuf content =
            PooledByteBufAllocator.DEFAULT.directBuffer(LENGTH).writeZero(LENGTH);
    private final HeaderFields fields = HeaderFields.of(
            "server", "nginx",
            "date", HttpDate.format(System.currentTimeMillis()),
            "content-type", "application/octet-stream",
            "content-length", Integer.toString(LENGTH),
            "last-modified", "Sun, 06 Nov 2022 08:49:37 GMT",
            "etag", "\"636774a1-400\"",
            "cache-control", "max-age=86400",
            "accept-ranges", "bytes");
    private @Nullable Path directory;
    private @Nullable CacheStore store;
    private @Nullable HttpCache cache;
    private long asked;

    @Setup
    public void open() throws IOException {
        directory = disk ? Files.createTempDirectory("miss-path") : null;
        store = CacheStore.open(DataSize.ofMegabytes(64), DiskTierSettings.of(directory, DataSize.ofMegabytes(512)));
        cache = BenchmarkCache.over(store, fields, content::retainedDuplicate);
    }

    @TearDown
    public void close() throws IOException {
        Objects.requireNonNull(store).close();
        content.release();
        if (directory != null) {
            FileSystemUtils.deleteRecursively(directory);
        }
    }

    @Benchmark
    public long miss() {
        String target = "/6Y7B23V/" + ++asked;
        long before = sink.octets;
        Objects.requireNonNull(cache)
                .handle(
                        BenchmarkCache.request(target, BenchmarkCache.REQUEST),
                        BenchmarkCache.DISTRIBUTION,
                        Downstream.NONE)
                .subscribe(sink.head());
        if (sink.octets != before + LENGTH) {
            throw new IllegalStateException("not answered at once: " + (sink.octets - before) + " octets");
        }
        return sink.octets;
    }

    /** Takes responses as a server does that can write at once. */
    private static final class Sink {

        private long octets;

        BaseSubscriber<EdgeResponse> head() {
            return new BaseSubscriber<>() {
                @Override
                protected void hookOnNext(EdgeResponse response) {
                    if (response.body() instanceof EdgeResponse.Whole whole) {
                        take(whole.content());
                    } else if (response.body() instanceof EdgeResponse.Streamed streamed) {
                        streamed.content().subscribe(body());
                    }
                }
            };
        }

        private BaseSubscriber<ByteBuf> body() {
            return new BaseSubscriber<>() {
                @Override
                protected void hookOnNext(ByteBuf buffer) {
                    take(buffer);
                }
            };
        }

        private void take(ByteBuf buffer) {
            octets += buffer.readableBytes();
            buffer.release();
        }
    }

    public static void main(String[] arguments) throws RunnerException {
        BenchmarkCache.run(MissPathBenchmark.class);
    }
}
