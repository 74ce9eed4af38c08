package com.kingcdn.edge.policy;

import com.kingcdn.http.HeaderFields;
import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** What a hit costs in rules: selecting, deciding and choosing the form, on a request as a browser, a player or curl sends it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PolicyBenchmark {

    private static final long NOW = 1_795_327_200_000L;

    @Param({"curl", "browser", "player", "revisit"})
    String client = "curl";

    private CacheRequest request = request(HeaderFields.EMPTY);
    private StoredResponse stored = StoredResponse.of(200, HeaderFields.EMPTY, Variant.NONE, NOW, NOW);
    private Lookup found = Lookup.URI_MISS;

    @Setup
    public void prepare() {
        HeaderFields.Builder fields = HeaderFields.builder().add("host", "video.netcinema.example");
        fields.add("user-agent", "x/1.0").add("accept", "*/*");
        if (!client.equals("curl")) {
            fields.add("accept-encoding", "gzip, br")
                    .add("accept-language", "en")
                    .add("referer", "http://a.example/");
            fields.add("sec-fetch-mode", "no-cors").add("cookie", "a=b").add("connection", "keep-alive");
        }
        if (client.equals("player")) {
            fields.add("range", "bytes=1000000-1999999");
        }
        if (client.equals("revisit")) {
            fields.add("if-none-match", "\"6Y7B23V\"").add("cache-control", "max-age=0");
        }
        request = request(fields.build());
        HeaderFields response = HeaderFields.of(
                "date",
                "Sun, 22 Nov 2026 06:00:00 GMT",
                "cache-control",
                "max-age=3600",
                "etag",
                "\"6Y7B23V\"",
                "content-length",
                "20000000",
                "content-type",
                "video/mp4");
        stored = StoredResponse.of(200, response, Variant.NONE, NOW, NOW);
        found = Lookup.found(stored);
    }

    private static CacheRequest request(HeaderFields fields) {
        return new CacheRequest("GET", "http", "video.netcinema.example", "/6Y7B23V", fields);
    }

    @Benchmark
    public Object decideOnAHit() {
        return stored.answers(request) ? CachePolicy.decide(request, found, NOW + 500) : found;
    }

    @Benchmark
    public Object chooseTheForm() {
        return ResponseForm.of(request, stored, 20_000_000, NOW + 500);
    }

    /** Runs it with the allocation profiler. */
    public static void main(String[] arguments) throws RunnerException {
        new Runner(new OptionsBuilder()
                        .include(PolicyBenchmark.class.getSimpleName())
                        .addProfiler(GCProfiler.class)
                        .build())
                .run();
    }
}
