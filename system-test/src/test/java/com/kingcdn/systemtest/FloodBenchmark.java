package com.kingcdn.systemtest;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.springframework.util.FileSystemUtils;

/**
 * What others see of a redirector that one /24 floods: a process that limits its answers, asked at a steady rate from an address apart
 * while 64 addresses of that network send what they can.
 *
 * <p>{@code FloodBenchmark [queries per second of the others] [seconds] [queries per second of the flood]}, 2000, 10 and, for as many as
 * one thread can send, 0 when left out; needs the redirector's jar. The first line is without a flood.
 *
 * <p>{@code -Dredirector.first="taskset -c 0 nice -n -19"} goes before the redirector's command and {@code -Dload.first="chrt -f 50"}
 * before that of the others, so that each may have what it would have on a machine of its own; {@code -Dredirector.jar} is another jar,
 * to compare with.
 */
final class FloodBenchmark {

    private static final int SOURCES = 64;
    private static final int BURST = 8;
    private static final int CLUSTERS = 20;
    private static final int PREFIXES = 1_000;

    private final LoneRedirector redirector;
    private final int perSecond;
    private final int seconds;
    private long sent;

    private FloodBenchmark(LoneRedirector redirector, int perSecond, int seconds) {
        this.redirector = redirector;
        this.perSecond = perSecond;
        this.seconds = seconds;
    }

    private void flood(AtomicBoolean stop, int limit) {
        List<DatagramChannel> channels = new ArrayList<>();
        ByteBuffer query = ByteBuffer.allocateDirect(512);
        query.put(LoneRedirector.question().apply(0)).flip();
        ByteBuffer answers = ByteBuffer.allocateDirect(4096);
        try {
            for (int i = 1; i <= SOURCES; i++) {
                DatagramChannel channel = DatagramChannel.open();
                channel.bind(new InetSocketAddress(InetAddress.getByName("127.0.7." + i), 0));
                channel.connect(redirector.dns());
                channel.configureBlocking(false);
                channels.add(channel);
            }
            long begin = System.nanoTime();
            while (!stop.get()) {
                for (DatagramChannel channel : channels) {
                    for (int i = 0; i < BURST; i++) {
                        channel.write(query.rewind());
                        sent++;
                    }
                    while (channel.read(answers.clear()) > 0) {
                        // what slips through is read, so that it costs the kernel what it would cost elsewhere
                    }
                }
                if (limit > 0) {
                    LockSupport.parkNanos((long) (sent * 1e9 / limit) - (System.nanoTime() - begin));
                }
            }
            for (DatagramChannel channel : channels) {
                channel.close();
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void run(int limit) throws Exception {
        System.out.println("no flood: " + LoadProcess.run(redirector.dns(), perSecond, seconds, PREFIXES));
        AtomicBoolean stop = new AtomicBoolean();
        Thread thread = new Thread(() -> flood(stop, limit), "flood");
        Duration before = redirector.process().cpu();
        long begin = System.nanoTime();
        thread.start();
        String others = LoadProcess.run(redirector.dns(), perSecond, seconds, PREFIXES);
        stop.set(true);
        thread.join();
        double took = (System.nanoTime() - begin) / 1e9;
        System.out.printf(
                "flood of %.0f queries a second: %s; the redirector took %.2f cores, withheld or cut short %.0f answers; the kernel"
                        + " dropped %.0f%n",
                sent / took,
                others,
                redirector.process().cpu().minus(before).toMillis() / 1000.0 / took,
                redirector.metric("kingcdn_redirector_limited_answers_total"),
                redirector.metric("kingcdn_redirector_udp_dropped_total"));
    }

    private static List<String> java() throws IOException {
        List<String> java = new ArrayList<>(
                List.of(System.getProperty("redirector.first", "").strip().split("\\s+")));
        java.removeIf(String::isEmpty);
        java.addAll(RebuildBenchmark.java());
        String jar = System.getProperty("redirector.jar", "");
        if (!jar.isEmpty()) {
            java.set(java.size() - 1, jar);
        }
        return java;
    }

    /** Runs it. */
    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createTempDirectory("flood-benchmark");
        try (LoneRedirector redirector = new LoneRedirector(
                directory,
                CLUSTERS,
                "assumed",
                java(),
                "--kingcdn.redirector.rate-limit.rate=100",
                "--kingcdn.redirector.rate-limit.burst=100",
                "--kingcdn.redirector.rate-limit.exempt=127.0.0.1/32")) {
            redirector.start();
            redirector.awaitReady();
            new FloodBenchmark(
                            redirector,
                            RebuildBenchmark.argument(arguments, 0, 2_000),
                            RebuildBenchmark.argument(arguments, 1, 10))
                    .run(RebuildBenchmark.argument(arguments, 2, 0));
        } finally {
            FileSystemUtils.deleteRecursively(directory);
        }
    }
}
