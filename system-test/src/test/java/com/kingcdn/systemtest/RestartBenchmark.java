package com.kingcdn.systemtest;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.LoggerFactory;
import org.springframework.util.FileSystemUtils;

/**
 * What it takes to keep measurements over a restart: how long a redirector takes to stop and to be ready again, without any and with all from
 * all clusters, and its memory.
 *
 * <p>{@code RestartBenchmark [prefixes] [clusters]}, 100000 and 100 when left out; needs the redirector's jar. The system properties are those of
 * {@link RebuildBenchmark}.
 */
final class RestartBenchmark {

    private final LoneRedirector redirector;

    private RestartBenchmark(LoneRedirector redirector) {
        this.redirector = redirector;
    }

    private void start(String what) throws Exception {
        long begin = System.nanoTime();
        redirector.start();
        redirector.awaitReady();
        System.out.printf(
                "%s: ready after %.1f s, %s of CPU, %s, %.0f prefixes in the map%n",
                what,
                (System.nanoTime() - begin) / 1e9,
                redirector.process().cpu(),
                RebuildBenchmark.memory(redirector),
                redirector.metric("kingcdn_redirector_measured_prefixes"));
    }

    private void stop(String what) throws Exception {
        String memory = RebuildBenchmark.memory(redirector);
        long begin = System.nanoTime();
        redirector.process().stop();
        System.out.printf("%s: ended after %.1f s; before that %s%n", what, (System.nanoTime() - begin) / 1e9, memory);
    }

    /** Runs it. */
    public static void main(String[] arguments) throws Exception {
        ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
        int prefixes = RebuildBenchmark.argument(arguments, 0, 100_000);
        int clusters = RebuildBenchmark.argument(arguments, 1, 100);
        Path directory = Files.createTempDirectory("restart-benchmark");
        try (LoneRedirector redirector = new LoneRedirector(directory, clusters, "assumed", RebuildBenchmark.java());
                ReportingEdges edges = new ReportingEdges(redirector, clusters, ReportingEdges.prefixes(prefixes))) {
            RestartBenchmark benchmark = new RestartBenchmark(redirector);
            benchmark.start("nothing measured");
            benchmark.stop("nothing measured");
            benchmark.start("nothing measured, again");
            edges.reportAll();
            benchmark.stop("all measured");
            System.out.printf("%d MB written%n", Files.size(directory.resolve("state/rtt-map")) >> 20);
            benchmark.start("all measured");
            benchmark.stop("all measured, once more");
            redirector
                    .process()
                    .logged()
                    .lines()
                    .filter(line -> line.contains("rtt-map"))
                    .forEach(System.out::println);
        } finally {
            FileSystemUtils.deleteRecursively(directory);
        }
    }
}
