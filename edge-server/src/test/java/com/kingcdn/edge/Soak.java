package com.kingcdn.edge;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.store.CacheStore;
import com.kingcdn.edge.store.PurgeScope;
import com.kingcdn.edge.web.ContentServer;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.util.ResourceLeakDetector;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.util.FileSystemUtils;

/**
 * An edge with memory and disk under hits, misses, ranges, purges, clients that hang up and an origin that restarts, for as long as one
 * likes. Every octet that comes is compared; content has versions, and after a purge no older one may come.
 *
 * <p>{@code Soak [seconds]}, 600 when left out; prints a line every 30 seconds, and ends with 1 when something was wrong or a buffer was
 * lost.
 */
@NullMarked
final class Soak implements AutoCloseable {

    static final int MEMORY_MEGABYTES = 32;

    private static final int WORKERS = 6;
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final Duration REPORT = Duration.ofSeconds(30);

    /** What was done, and what was wrong first. */
    record Result(
            long verified,
            long octets,
            long hits,
            long unavailable,
            long aborted,
            long purges,
            long restarts,
            long heapEarly,
            long heapLate,
            long mostMemory,
            @Nullable String wrong) {}

    private final Path directory = Files.createTempDirectory("soak");
    private final VersionedOrigin origin = new VersionedOrigin();

    /** The version that the last purge of an object has made the oldest to be served. */
    private final AtomicIntegerArray oldest = new AtomicIntegerArray(VersionedOrigin.SMALL + VersionedOrigin.LARGE);

    private final LongAdder verified = new LongAdder();
    private final LongAdder octets = new LongAdder();
    private final LongAdder hits = new LongAdder();
    private final LongAdder parts = new LongAdder();
    private final LongAdder unavailable = new LongAdder();
    private final LongAdder aborted = new LongAdder();
    private final LongAdder purges = new LongAdder();
    private final AtomicReference<@Nullable String> wrong = new AtomicReference<>();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ConfigurableApplicationContext edge;
    private final CacheStore store;
    private final int port;

    Soak() throws IOException {
        edge = SpringApplication.run(
                EdgeApplication.class,
                "--spring.main.web-application-type=none",
                "--kingcdn.edge.listen=127.0.0.1:0",
                "--kingcdn.edge.memory=" + MEMORY_MEGABYTES + "MB",
                "--kingcdn.edge.disk.directory=" + directory.resolve("disk"),
                "--kingcdn.edge.disk.size=64MB",
                "--kingcdn.edge.origin=http://127.0.0.1:" + origin.port());
        store = edge.getBean(CacheStore.class);
        port = edge.getBean(ContentServer.class).port();
    }

    // ------------------------------------------------------------------------------------------------------- clients

    /** Few are asked for often. */
    private static int choose(Random random) {
        double skewed = random.nextDouble() * random.nextDouble() * random.nextDouble();
        return random.nextInt(8) == 0
                ? VersionedOrigin.SMALL + random.nextInt(VersionedOrigin.LARGE)
                : (int) (skewed * VersionedOrigin.SMALL);
    }

    private void work(Random random, long deadline) throws InterruptedException {
        while (System.nanoTime() < deadline && wrong.get() == null) {
            int object = choose(random);
            int what = random.nextInt(100);
            try {
                if (what < 3) {
                    hangUp(object, random);
                } else if (what < 6) {
                    purge(object, random);
                } else {
                    get(object, what < 25, random);
                }
            } catch (IOException e) {
                unavailable.increment();
            }
        }
    }

    private void get(int object, boolean part, Random random) throws IOException, InterruptedException {
        int least = oldest.get(object);
        int from = part ? random.nextInt(VersionedOrigin.size(object)) : 0;
        int to = part
                ? Math.min(VersionedOrigin.size(object), from + 1 + random.nextInt(400_000))
                : VersionedOrigin.size(object);
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + port + VersionedOrigin.path(object)))
                .timeout(TIMEOUT);
        if (part) {
            request.header("range", "bytes=" + from + "-" + (to - 1));
        }
        HttpResponse<byte[]> response = http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        if (response.statusCode() >= 500) {
            unavailable.increment();
            return;
        }
        String etag = response.headers().firstValue("etag").orElse("");
        int version = Integer.parseInt(etag.substring(etag.indexOf('-') + 1, etag.length() - 1));
        String cacheStatus = response.headers().firstValue("cache-status").orElse("");
        // nothing is cut out of what cannot be kept: the whole is an answer to a range, too (RFC 9110 section 14.2)
        boolean whole = !part || (response.statusCode() == 200 && cacheStatus.contains("no-room"));
        boolean right = response.statusCode() == (whole ? 200 : 206)
                && Arrays.equals(
                        response.body(),
                        whole
                                ? VersionedOrigin.content(object, version, 0, VersionedOrigin.size(object))
                                : VersionedOrigin.content(object, version, from, to));
        if (!right || version < least) {
            wrong.compareAndSet(
                    null,
                    "%d of %s, %d-%d of version %d (at least %d): status %d, %d octets, %s"
                            .formatted(
                                    object,
                                    VersionedOrigin.path(object),
                                    from,
                                    to,
                                    version,
                                    least,
                                    response.statusCode(),
                                    response.body().length,
                                    response.headers().map()));
        }
        verified.increment();
        parts.add(part ? 1 : 0);
        octets.add(response.body().length);
        if (cacheStatus.contains("; hit")) {
            hits.increment();
        }
    }

    private void hangUp(int object, Random random) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(5000);
            socket.getOutputStream()
                    .write(("GET " + VersionedOrigin.path(object) + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            int unused = in.readNBytes(random.nextInt(Math.min(30_000, VersionedOrigin.size(object)))).length;
        }
        aborted.increment();
    }

    private void purge(int object, Random random) {
        int version = origin.change(object);
        switch (random.nextInt(4)) {
            case 0 -> store.remove(PurgeScope.prefix("standalone", "127.0.0.1", VersionedOrigin.path(object)));
            case 1 -> store.markStale(PurgeScope.tag("standalone", "group-" + object % 10));
            case 2 -> store.markStale(new CacheKey("standalone", "127.0.0.1", VersionedOrigin.path(object)));
            default -> store.remove(new CacheKey("standalone", "127.0.0.1", VersionedOrigin.path(object)));
        }
        oldest.accumulateAndGet(object, version, Math::max);
        purges.increment();
    }

    // ---------------------------------------------------------------------------------------------------------- run

    private static long heap() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    /** Of this process, from {@code /proc/self/status}; 0 where there is no such file. */
    private static long residentMegabytes() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024)
                    .sum();
        } catch (IOException | UncheckedIOException e) {
            return 0;
        }
    }

    private void report(long seconds, long restarts) {
        System.out.printf(
                "%4d s: %,d verified (%,d hits, %,d misses, %,d ranges), %,d unavailable, %,d aborted, %,d purges, %d restarts;"
                        + " wrong: %s; MB: %d resident, %d heap, %d direct, %d content%n",
                seconds,
                verified.sum(),
                hits.sum(),
                verified.sum() - hits.sum(),
                parts.sum(),
                unavailable.sum(),
                aborted.sum(),
                purges.sum(),
                restarts,
                wrong.get() == null ? "0" : wrong.get(),
                residentMegabytes(),
                (Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory()) >> 20,
                ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT)
                                .metric()
                                .usedDirectMemory()
                        >> 20,
                store.memoryBytes() >> 20);
    }

    Result run(Duration time) throws InterruptedException {
        long begin = System.nanoTime();
        long deadline = begin + time.toNanos();
        ExecutorService workers = Executors.newFixedThreadPool(WORKERS);
        for (int i = 0; i < WORKERS; i++) {
            Random random = new Random(i);
            workers.submit(() -> {
                work(random, deadline);
                return null;
            });
        }
        workers.shutdown();
        long restarts = 0;
        long mostMemory = 0;
        long early = 0;
        long nextRestart = begin + time.toNanos() / 6;
        long nextReport = begin + REPORT.toNanos();
        while (System.nanoTime() < deadline && wrong.get() == null) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            mostMemory = Math.max(mostMemory, store.memoryBytes());
            if (early == 0 && System.nanoTime() > begin + time.toNanos() / 3) {
                early = heap();
            }
            if (System.nanoTime() > nextReport) {
                report((System.nanoTime() - begin) / 1_000_000_000, restarts);
                nextReport += REPORT.toNanos();
            }
            if (System.nanoTime() > nextRestart) {
                origin.restart(Duration.ofMillis(500));
                restarts++;
                nextRestart = System.nanoTime() + Math.min(time.toNanos() / 4, TimeUnit.SECONDS.toNanos(20));
            }
        }
        workers.awaitTermination(60, TimeUnit.SECONDS);
        return new Result(
                verified.sum(),
                octets.sum(),
                hits.sum(),
                unavailable.sum(),
                aborted.sum(),
                purges.sum(),
                restarts,
                early,
                heap(),
                mostMemory,
                wrong.get());
    }

    /** Content that is still in memory after everything was closed. */
    long closeAndCount() throws IOException {
        edge.close();
        origin.close();
        FileSystemUtils.deleteRecursively(directory);
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        while (store.memoryBytes() > 0 && System.nanoTime() < deadline) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
        return store.memoryBytes();
    }

    @Override
    public void close() throws IOException {
        long unused = closeAndCount();
    }

    public static void main(String[] arguments) throws Exception {
        // before the first buffer
        System.setProperty("io.netty.leakDetection.level", "paranoid");
        ListAppender<ILoggingEvent> leaks = new ListAppender<>();
        int seconds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 600;
        Result result;
        long left;
        try (Soak soak = new Soak()) {
            // only now, since the application makes its own logging
            leaks.start();
            ((Logger) LoggerFactory.getLogger(ResourceLeakDetector.class)).addAppender(leaks);
            result = soak.run(Duration.ofSeconds(seconds));
            left = soak.closeAndCount();
        }
        System.out.println(result);
        System.out.println("octets of content left in memory: " + left);
        System.gc();
        // Netty looks for what was collected when it makes a buffer
        ByteBufAllocator.DEFAULT.directBuffer(16).release();
        System.out.println("buffers lost: " + leaks.list.size());
        System.exit(result.wrong() == null && left == 0 && leaks.list.isEmpty() ? 0 : 1);
    }
}
