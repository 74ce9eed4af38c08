package com.kingcdn.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/** A whole edge that dies with kill -9 in the midst of a thousand writes, or whose disk is damaged, full or read-only. */
@NullMarked
@Timeout(180)
class DiskKillIT {

    private static final int OBJECTS = 1000;
    private static final int COMPLETE = 300;

    /** How long before the kill a response must have been whole to be a hit: a batch gathers for 1 ms, the rest is scheduling. */
    private static final long DURABLE_AFTER_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    @TempDir
    Path directory;

    private final AtomicInteger fetched = new AtomicInteger();

    /** When the last octet of an object was here. */
    private final Map<Integer, Long> cameAt = new ConcurrentHashMap<>();

    private long killedAt;
    private final DisposableServer origin = HttpServer.create()
            .host("127.0.0.1")
            .port(0)
            .handle((request, response) -> {
                if (!request.uri().startsWith("/o/")) {
                    return response.status(204).send();
                }
                fetched.incrementAndGet();
                byte[] content = content(Integer.parseInt(request.uri().substring(3)));
                return response.header("cache-control", "max-age=3600")
                        .header("etag", "\"" + request.uri() + "\"")
                        .header("content-length", String.valueOf(content.length))
                        .send(Mono.fromSupplier(() -> Unpooled.wrappedBuffer(content)));
            })
            .bindNow();

    @SuppressWarnings("NullAway.Init") // each test starts it
    private StandaloneEdge edge;

    private void start() throws IOException {
        start(List.of(), "--kingcdn.edge.disk.size=1GB");
    }

    private void start(List<String> wrapper, String... settings) throws IOException {
        List<String> all = new ArrayList<>(List.of(settings));
        all.add("--kingcdn.edge.memory=16MB");
        all.add("--kingcdn.edge.disk.write-queue=64MB");
        edge = new StandaloneEdge(
                directory, URI.create("http://127.0.0.1:" + origin.port()), wrapper, all.toArray(String[]::new));
    }

    @AfterEach
    void close() {
        edge.close();
        origin.disposeNow();
    }

    /** From a few octets to some blocks; most are small, as on the web. */
    private static byte[] content(int number) {
        Random random = new Random(number);
        byte[] octets = new byte[number % 50 == 0 ? 600_000 : 100 + random.nextInt(40_000)];
        random.nextBytes(octets);
        return octets;
    }

    private static boolean isHit(HttpResponse<byte[]> response) {
        return response.headers().firstValue("cache-status").orElse("").contains("; hit");
    }

    private boolean isRight(int number, HttpResponse<byte[]> response) {
        return response.statusCode() == 200 && Arrays.equals(response.body(), content(number));
    }

    /** Fetches objects with some threads; returns how many came. */
    private int fetch(int from, int to, int stopAfter) throws Exception {
        AtomicInteger next = new AtomicInteger(from);
        AtomicInteger came = new AtomicInteger();
        ExecutorService clients = Executors.newFixedThreadPool(8);
        for (int i = 0; i < 8; i++) {
            clients.submit(() -> {
                for (int number = next.getAndIncrement(); number < to; number = next.getAndIncrement()) {
                    edge.get("/o/" + number);
                    cameAt.put(number, System.nanoTime());
                    came.incrementAndGet();
                }
                return null;
            });
        }
        clients.shutdown();
        if (stopAfter < to - from) {
            await().atMost(Duration.ofMinutes(1))
                    .pollInterval(Duration.ofMillis(2))
                    .until(() -> came.get() >= stopAfter);
            killedAt = System.nanoTime();
            edge.kill9();
        }
        assertThat(clients.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        return came.get();
    }

    @Test
    void whatWasCompleteIsAHitAndNothingIsWrong() throws Exception {
        start();
        assertThat(fetch(0, COMPLETE, OBJECTS)).isEqualTo(COMPLETE);
        await().until(() -> edge.metric("kingcdn_edge_disk_write_queue_bytes") == 0);
        int killedAfter = fetch(COMPLETE, OBJECTS, 350);
        assertThat(killedAfter).as("killed in the middle").isLessThan(OBJECTS - COMPLETE);

        edge.start();
        edge.awaitLoaded();
        int before = fetched.get();
        int hits = 0;
        long latestLost = 0;
        for (int number = 0; number < OBJECTS; number++) {
            HttpResponse<byte[]> response = edge.get("/o/" + number);
            assertThat(isRight(number, response)).as("object %d", number).isTrue();
            long age = killedAt - cameAt.getOrDefault(number, killedAt);
            if (isHit(response)) {
                hits++;
            } else {
                latestLost = Math.max(latestLost, age);
            }
            if (number == COMPLETE - 1) {
                assertThat(hits).as("what was complete").isEqualTo(COMPLETE);
                assertThat(fetched.get()).isEqualTo(before);
            }
        }
        System.out.printf(
                "kill -9 after %d objects: %d were hits; the oldest that was lost had been whole for %.1f ms%n",
                COMPLETE + killedAfter, hits, latestLost / 1e6);
        assertThat(latestLost)
                .as("nanoseconds that the oldest lost object was whole")
                .isLessThan(DURABLE_AFTER_NANOS);
        assertThat(hits).isLessThan(OBJECTS);
        assertThat(edge.complaints()).isEmpty();
    }

    @Test
    void aFlippedOctetIsFoundCountedAndFetchedAgain() throws Exception {
        start();
        fetch(0, 20, OBJECTS);
        await().until(() -> edge.metric("kingcdn_edge_disk_write_queue_bytes") == 0);
        edge.close();
        flip(7);
        edge.start();
        edge.awaitLoaded();
        int before = fetched.get();

        HttpResponse<byte[]> damaged = edge.get("/o/7");
        assertThat(isRight(7, damaged)).isTrue();
        assertThat(edge.metric("kingcdn_edge_disk_checksum_failures_total")).isEqualTo(1);
        assertThat(edge.metric("kingcdn_edge_disk_reads_total{outcome=\"corrupt\",}"))
                .isEqualTo(1);
        assertThat(fetched.get()).isEqualTo(before + 1);
        HttpResponse<byte[]> again = edge.get("/o/7");
        assertThat(isRight(7, again)).isTrue();
        assertThat(isHit(again)).isTrue();
        for (int number = 0; number < 20; number++) {
            assertThat(isRight(number, edge.get("/o/" + number))).isTrue();
        }
        assertThat(fetched.get()).as("the others were whole").isEqualTo(before + 1);
    }

    /** A file system that really is full, in the midst of a segment. Large objects fill it soon; the oldest segment goes for each new one. */
    @Test
    void aFullDiskIsSaidAndCostsNoAnswer() throws Exception {
        start(
                RealDisk.small(directory.resolve("disk")),
                "--kingcdn.edge.disk.size=64MB",
                "--kingcdn.edge.disk.retry-after=1s");
        int hits = 0;
        for (int large = 0; large < 60; large++) {
            assertThat(isRight(50 * large, edge.get("/o/" + 50 * large))).isTrue();
            hits += isHit(edge.get("/o/" + 50 * large)) ? 1 : 0;
        }
        assertThat(hits).as("from the disk, and from memory afterwards").isGreaterThan(30);
        await("it is said").until(() -> !edge.logged("going on without it").isEmpty());
        assertThat(edge.logged("going on without it"))
                .allSatisfy(line -> assertThat(line).containsAnyOf("No space left on device", "File too large"));
        await("it is tried again")
                .until(() -> !edge.logged("can be written again").isEmpty());
        for (int large = 0; large < 60; large++) {
            assertThat(isRight(50 * large, edge.get("/o/" + 50 * large))).isTrue();
        }
        assertThat(edge.metric("kingcdn_edge_disk_dropped_writes_total{reason=\"unavailable\",}"))
                .isPositive();
        assertThat(edge.complaints()).isEmpty();
    }

    @Test
    void aReadOnlyDiskIsSaidAndCostsNoAnswer() throws Exception {
        start(
                RealDisk.readOnly(directory.resolve("disk")),
                "--kingcdn.edge.disk.size=64MB",
                "--kingcdn.edge.disk.retry-after=1s");
        for (int number = 1; number < 100; number++) {
            assertThat(isRight(number, edge.get("/o/" + number))).isTrue();
            assertThat(isHit(edge.get("/o/" + number))).isTrue();
        }
        assertThat(edge.metric("kingcdn_edge_disk_up")).isZero();
        assertThat(edge.metric("kingcdn_edge_disk_loading")).isZero();
        assertThat(edge.logged("going on without it")).hasSize(1);
        assertThat(edge.complaints()).isEmpty();
    }

    /** One bit in the middle of an object's content, wherever that lies. */
    private void flip(int number) throws IOException {
        byte[] content = content(number);
        byte[] begin = Arrays.copyOf(content, 64);
        List<Path> segments;
        try (Stream<Path> files = Files.list(edge.disk())) {
            segments =
                    files.filter(file -> file.toString().endsWith(".segment")).toList();
        }
        int found = 0;
        for (Path segment : segments) {
            byte[] octets = Files.readAllBytes(segment);
            for (int at = 0; at + content.length <= octets.length; at++) {
                if (octets[at] == begin[0] && Arrays.equals(octets, at, at + begin.length, begin, 0, begin.length)) {
                    try (RandomAccessFile file = new RandomAccessFile(segment.toFile(), "rw")) {
                        int middle = at + content.length / 2;
                        file.seek(middle);
                        file.write(octets[middle] ^ 4);
                    }
                    found++;
                }
            }
        }
        assertThat(found).isEqualTo(1);
    }
}
