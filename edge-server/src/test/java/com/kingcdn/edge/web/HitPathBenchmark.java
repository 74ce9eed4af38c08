package com.kingcdn.edge.web;

import com.kingcdn.edge.cache.BenchmarkCache;
import com.kingcdn.edge.cache.EdgeResponse;
import com.kingcdn.edge.cache.HttpCache;
import com.kingcdn.edge.distribution.DistributionTable;
import com.kingcdn.edge.limits.LimitProperties;
import com.kingcdn.edge.store.CacheStore;
import com.kingcdn.edge.store.DiskTierSettings;
import com.kingcdn.edge.upstream.Downstream;
import com.kingcdn.edge.upstream.ForwardedFields;
import com.kingcdn.edge.upstream.ForwardedStyle;
import com.kingcdn.edge.upstream.TierTable;
import com.kingcdn.http.HeaderFields;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.RunnerException;
import org.springframework.util.unit.DataSize;

/** What a hit of 1 KiB in memory costs from the request's octets to the response's, without the sockets. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class HitPathBenchmark {

    private static final int OBJECTS = 64;
    private static final String FIELDS = " HTTP/1.1\r\nHost: video.netcinema.example\r\nUser-Agent: x/1.0\r\n\r\n";

    /** How many different objects are asked for in turn on the connection. */
    @Param({"1", "64"})
    int objects;

    private final CacheStore store =
            CacheStore.open(DataSize.ofMegabytes(64), DiskTierSettings.of(null, DataSize.ofMegabytes(16)));
    private final ForwardedFields forwarded = new ForwardedFields("nyc-1", ForwardedStyle.NONE);
    private final HttpCache cache = BenchmarkCache.ofOneKibibyte(store);
    private final ByteBuf[] requests = new ByteBuf[OBJECTS];
    private final EmbeddedChannel channel = new EmbeddedChannel();

    @Setup
    public void fill() {
        ContentServer.Limits limits = ContentServer.Limits.of(LimitProperties.defaults());
        ContentServer.Services services = new ContentServer.Services(
                "nyc-1",
                cache,
                DistributionTable.forAnyHost(BenchmarkCache.DISTRIBUTION),
                forwarded,
                TierTable.alone("nyc-1"),
                limits,
                Clock.systemUTC());
        EdgeHandler edge = new EdgeHandler(services, new RequestGate(limits), new ResponseWriter("nyc-1"), 0, null);
        Duration day = Duration.ofDays(1);
        ContentServerProperties settings =
                new ContentServerProperties(day, day, day, day, day, DataSize.ofMegabytes(1), 1);
        new Http1Path(edge, settings, "nyc-1", Clock.systemUTC()).prepare(channel);
        for (int i = 0; i < OBJECTS; i++) {
            EdgeResponse response = Objects.requireNonNull(cache.handle(
                            BenchmarkCache.request("/6Y7B23V/" + i, HeaderFields.EMPTY),
                            BenchmarkCache.DISTRIBUTION,
                            Downstream.NONE)
                    .block());
            if (response.body() instanceof EdgeResponse.Streamed streamed) {
                streamed.content().doOnNext(ByteBuf::release).blockLast();
            } else {
                response.close();
            }
            byte[] octets = ("GET /6Y7B23V/" + i + FIELDS).getBytes(StandardCharsets.US_ASCII);
            requests[i] = Unpooled.directBuffer(octets.length).writeBytes(octets);
        }
    }

    @TearDown
    public void close() {
        channel.close();
        store.close();
    }

    @Benchmark
    @OperationsPerInvocation(OBJECTS)
    public int hits() {
        int octets = 0;
        for (int i = 0; i < OBJECTS; i++) {
            channel.writeInbound(requests[i % objects].retainedDuplicate());
            ByteBuf response = Objects.requireNonNull(channel.readOutbound());
            octets += response.readableBytes();
            response.release();
        }
        return octets;
    }

    public static void main(String[] arguments) throws RunnerException {
        BenchmarkCache.run(HitPathBenchmark.class);
    }
}
