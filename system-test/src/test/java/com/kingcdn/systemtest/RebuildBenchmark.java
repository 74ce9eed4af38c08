package com.kingcdn.systemtest;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.LoggerFactory;
import org.springframework.util.FileSystemUtils;

/**
 * What queries see of the redirector's other work: a process whose map is made from the measurements of many clusters, with them reporting
 * every second and the map rebuilt as often as it is, asked at a steady rate meanwhile.
 *
 * <p>{@code RebuildBenchmark [prefixes] [clusters] [queries per second] [seconds]}, 100000, 200, 20000 and 60 when left out; needs the
 * redirector's jar. The system property {@code redirector.java} has further options of its JVM, {@code redirector.first} what stands before
 * them, as {@code taskset -c 0}. The reports come from this process, the queries from another one ({@link LoadProcess}), or from
 * {@code docs/bench/dns-delay.c} when the property {@code load} says how that is run.
 */
final class RebuildBenchmark {

    private static final String COMPILE = "kingcdn_redirector_snapshot_compile_seconds";
    private static final int MEASUREMENTS = 50;
    private static final int IDLE_SECONDS = 15;

    private final int perSecond;
    private final int seconds;
    private final LoneRedirector redirector;
    private final ReportingEdges edges;
    private final int prefixes;

    private RebuildBenchmark(LoneRedirector redirector, int prefixes, int clusters, int perSecond, int seconds)
            throws IOException {
        this.redirector = redirector;
        this.perSecond = perSecond;
        this.seconds = seconds;
        this.prefixes = prefixes;
        this.edges = new ReportingEdges(redirector, clusters, ReportingEdges.prefixes(prefixes));
    }

    private void measure(String what, int forSeconds) throws Exception {
        double compiled = redirector.metric(COMPILE + "_count");
        double compiling = redirector.metric(COMPILE + "_sum");
        Duration cpu = redirector.process().cpu();
        String result;
        String rebuilds;
        try (RebuildSeconds seconds = new RebuildSeconds(redirector.process().pid())) {
            result = LoadProcess.run(redirector.dns(), perSecond, forSeconds, prefixes);
            rebuilds = seconds.of(result);
        }
        double rounds = redirector.metric(COMPILE + "_count") - compiled;
        System.out.printf(
                "%s: %s; %s%.0f rebuilds of %.2f s each; %.2f cores; %s%n",
                what,
                result,
                rebuilds,
                rounds,
                rounds == 0 ? 0 : (redirector.metric(COMPILE + "_sum") - compiling) / rounds,
                redirector.process().cpu().minus(cpu).toMillis() / 1000.0 / forSeconds,
                memory(redirector));
    }

    /** Of a redirector's process: the most, and now. */
    static String memory(LoneRedirector redirector) throws Exception {
        return Files.readAllLines(Path.of("/proc/" + redirector.process().pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmHWM") || line.startsWith("VmRSS"))
                .map(line -> line.replaceAll("\\s+", " "))
                .reduce((one, other) -> one + ", " + other)
                .orElse("");
    }

    private void run() throws Exception {
        redirector.start();
        redirector.awaitReady();
        edges.reportOnce(0, 0);
        measure("nothing else to do", Math.min(seconds, IDLE_SECONDS));
        AtomicBoolean done = new AtomicBoolean();
        Thread reporter = new Thread(() -> report(done), "reports");
        reporter.start();
        long begin = System.nanoTime();
        edges.reportAll();
        System.out.printf(
                "all measurements told after %.1f s, %s%n", (System.nanoTime() - begin) / 1e9, memory(redirector));
        measure("reports and rebuilds", seconds);
        done.set(true);
        reporter.join();
    }

    private void report(AtomicBoolean done) {
        for (int second = 0; !done.get(); second++) {
            long began = System.nanoTime();
            edges.reportOnce(second, MEASUREMENTS);
            LockSupport.parkNanos(1_000_000_000 - (System.nanoTime() - began));
        }
    }

    static int argument(String[] arguments, int at, int otherwise) {
        return arguments.length > at ? Integer.parseInt(arguments[at]) : otherwise;
    }

    /** What starts the redirector's jar. */
    static List<String> java() throws IOException {
        List<String> java = new ArrayList<>(
                List.of(System.getProperty("redirector.first", "").strip().split("\\s+")));
        java.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        java.add("-Xmx512m");
        if (Runtime.version().feature() >= 24) {
            java.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        }
        java.addAll(List.of(System.getProperty("redirector.java", "").strip().split("\\s+")));
        java.removeIf(String::isEmpty);
        java.addAll(List.of("-jar", ServiceJar.packed("dns-redirector").toString()));
        return java;
    }

    /** Runs it. */
    public static void main(String[] arguments) throws Exception {
        ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
        int clusters = argument(arguments, 1, 200);
        Path directory = Files.createTempDirectory("rebuild-benchmark");
        try (LoneRedirector redirector = new LoneRedirector(directory, clusters, "reported", java())) {
            new RebuildBenchmark(
                            redirector,
                            argument(arguments, 0, 100_000),
                            clusters,
                            argument(arguments, 2, 20_000),
                            argument(arguments, 3, 60))
                    .run();
        } finally {
            FileSystemUtils.deleteRecursively(directory);
        }
    }
}
