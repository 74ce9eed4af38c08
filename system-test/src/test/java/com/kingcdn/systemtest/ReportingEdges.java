package com.kingcdn.systemtest;

import com.kingcdn.control.BearerToken;
import com.kingcdn.control.HealthReport;
import com.kingcdn.control.LoadReport;
import com.kingcdn.control.RttReport;
import com.kingcdn.control.client.ControlPlaneClient;
import com.kingcdn.topology.IpPrefix;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What the clusters of a {@link LoneRedirector} would report, without the edges: their health, load and measurements. */
final class ReportingEdges implements AutoCloseable {

    /** Measurements in a report of those that tell all. */
    private static final int MANY = 5_000;

    private static final int AT_ONCE = 2;

    /** Of a report that a busy machine did not take in time; an edge would only go on with the next. */
    private static final int TRIES = 10;

    private final ControlPlaneClient control;
    private final int clusters;
    private final List<IpPrefix> prefixes;
    private final List<String> texts;
    private final String base;
    private final String token;
    private final Random random = new Random(1);

    ReportingEdges(LoneRedirector redirector, int clusters, List<IpPrefix> prefixes) throws IOException {
        control = new ControlPlaneClient(List.of(redirector.api()), BearerToken.read(redirector.edgeToken()));
        this.clusters = clusters;
        this.prefixes = prefixes;
        texts = prefixes.stream().map(IpPrefix::toString).toList();
        base = redirector.api() + "/v1";
        token = Files.readString(redirector.edgeToken());
    }

    /** Different /24s in no order. */
    static List<IpPrefix> prefixes(int count) {
        Random random = new Random(2);
        return random.ints(1 << 16, 223 << 16)
                .distinct()
                .limit(count)
                .mapToObj(number ->
                        IpPrefix.of(new byte[] {(byte) (number >> 16), (byte) (number >> 8), (byte) number, 0}, 24))
                .toList();
    }

    /** The least delay from any cluster to a prefix. */
    double leastMillis(int prefix) {
        return IntStream.range(0, clusters)
                .mapToDouble(cluster -> millis(cluster, prefix))
                .min()
                .orElseThrow();
    }

    /** The delay from a cluster to a prefix, which is as good as random: each prefix has an order of clusters of its own. */
    double millis(int cluster, int prefix) {
        return 5 + new SplittableRandom(prefix * 1_000_003L + cluster).nextInt(200_000) / 1000.0;
    }

    /** Every cluster has measured every prefix; returns when all that is told. Written by hand, since it may be gigabytes. */
    void reportAll() throws IOException {
        ExecutorService tellers = Executors.newFixedThreadPool(AT_ONCE);
        List<Future<?>> told = new ArrayList<>();
        for (int cluster = 0; cluster < clusters; cluster++) {
            int number = cluster;
            told.add(tellers.submit(() -> {
                reportAll(number);
                return number;
            }));
        }
        tellers.shutdown();
        try {
            for (Future<?> each : told) {
                each.get();
            }
        } catch (ExecutionException | InterruptedException e) {
            throw new IOException("measurements were not told", e);
        } finally {
            tellers.shutdownNow();
        }
    }

    private void reportAll(int cluster) throws IOException, InterruptedException {
        ControlApi api = new ControlApi(base, token);
        for (int from = 0; from < prefixes.size(); from += MANY) {
            StringBuilder json = new StringBuilder(
                    "{\"node\":\"c%d-1\",\"cluster\":\"c%d\",\"measurements\":[".formatted(cluster, cluster));
            for (int i = from; i < Math.min(from + MANY, prefixes.size()); i++) {
                json.append(i == from ? "" : ",")
                        .append("{\"prefix\":\"")
                        .append(texts.get(i))
                        .append("\",\"rttMillis\":")
                        .append(millis(cluster, i))
                        .append(",\"jitterMillis\":1,\"loss\":0,\"probes\":10}");
            }
            int status = api.post("/reports/rtt", json.append("]}").toString()).status();
            if (status / 100 != 2) {
                throw new IOException("a report of " + MANY + " measurements was answered by " + status);
            }
        }
    }

    /**
     * What all clusters report in one of many seconds: each that it is well, how loaded it is, and some measurements.
     *
     * @param measurements of each cluster
     */
    void reportOnce(int second, int measurements) {
        List<Mono<Void>> reports = new ArrayList<>();
        for (int cluster = 0; cluster < clusters; cluster++) {
            String id = "c" + cluster;
            reports.add(control.report(new HealthReport(id + "-1", id, true, 0, 0, null, null)));
            reports.add(control.report(new LoadReport(id + "-1", id, 100, 1e6 * random.nextInt(1_000), 10)));
            if (measurements > 0) {
                reports.add(control.report(
                        rtt(cluster, Math.floorMod(second * measurements, prefixes.size()), measurements)));
            }
        }
        Flux.fromIterable(reports)
                .flatMap(report -> report.retry(TRIES), AT_ONCE)
                .blockLast();
    }

    private RttReport rtt(int cluster, int from, int count) {
        List<RttReport.Measurement> measurements = new ArrayList<>();
        for (int i = from; i < Math.min(from + count, prefixes.size()); i++) {
            measurements.add(new RttReport.Measurement(prefixes.get(i), millis(cluster, i), 1, 0, 10));
        }
        return new RttReport("c" + cluster + "-1", "c" + cluster, measurements);
    }

    @Override
    public void close() {
        control.close();
    }
}
