package com.kingcdn.edge.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.Unpooled;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Origins that break off, memory that does not suffice, and processes that are started again. */
class FailureIT {

    private static final int MIB = 1 << 20;
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    @TempDir
    Path disk;

    @Test
    void contentThatBreaksOffIsAnErrorAndIsContinuedLater() {
        byte[] content = Origin.content(4 * MIB, 1);
        try (CacheSetup setup = new CacheSetup()) {
            AtomicBoolean broken = new AtomicBoolean(true);
            setup.origin.on("/title", (request, response) -> {
                if (!broken.getAndSet(false)) {
                    return setup.origin.file(content, "\"one\"", "max-age=60").answer(request, response);
                }
                return response.header("etag", "\"one\"")
                        .header("cache-control", "max-age=60")
                        .header("content-length", "" + content.length)
                        .send(setup.origin
                                .pieces(content, 0, 2 * MIB)
                                .concatWith(Mono.error(new IllegalStateException("cut"))));
            });

            assertThatThrownBy(() -> setup.get("/title")).hasMessageContaining("content");
            Received whole = setup.get("/title");

            assertThat(whole.content()).isEqualTo(content);
            assertThat(setup.get("/title").cacheStatus().isHit()).isTrue();
        }
    }

    @Test
    void contentOfUnknownLengthThatBreaksOffIsForgotten() {
        try (CacheSetup setup = new CacheSetup()) {
            setup.origin.on("/live", (request, response) -> response.header("cache-control", "max-age=60")
                    .send(Flux.just(Unpooled.copiedBuffer(new byte[1000]))
                            .concatWith(Mono.error(new IllegalStateException("cut")))));

            assertThatThrownBy(() -> setup.get("/live")).isInstanceOf(RuntimeException.class);

            await().atMost(DEADLINE).until(() -> setup.store.size() == 0);
        }
    }

    @Test
    void contentOfUnknownLengthIsStoredOnceItsEndIsKnown() {
        byte[] content = Origin.content(700_000, 3);
        try (CacheSetup setup = new CacheSetup()) {
            setup.origin.on("/page", (request, response) -> response.header("cache-control", "max-age=60")
                    .send(setup.origin.pieces(content, 0, content.length)));

            Received first = setup.get("/page");
            Received part = setup.get("/page", "range", "bytes=600000-600009");

            assertThat(first.contentLength()).isEqualTo(EdgeResponse.UNKNOWN_LENGTH);
            assertThat(first.content()).isEqualTo(content);
            assertThat(part.status()).isEqualTo(206);
            assertThat(part.cacheStatus().isHit()).isTrue();
            assertThat(setup.origin.requests()).hasSize(1);
        }
    }

    /** Under three times what fits, with every octet checked. */
    @Test
    void theMemoryLimitIsKept() {
        DataSize limit = DataSize.ofMegabytes(16);
        try (CacheSetup setup = new CacheSetup(null, limit)) {
            List<byte[]> titles = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                byte[] content = Origin.content(3 * MIB, i);
                titles.add(content);
                setup.origin.on("/" + i, setup.origin.file(content, "\"" + i + "\"", "max-age=60"));
            }
            long most = 0;
            for (int round = 0; round < 12; round++) {
                List<Boolean> right = Flux.range(round, 5)
                        .map(i -> 7 * i % titles.size())
                        .flatMap(
                                i -> Mono.fromCallable(() ->
                                                Arrays.equals(setup.get("/" + i).content(), titles.get(i)))
                                        .subscribeOn(Schedulers.boundedElastic()),
                                5)
                        .collectList()
                        .block(DEADLINE);
                assertThat(right).hasSize(5).containsOnly(true);
                most = Math.max(most, setup.store.memoryBytes());
            }

            assertThat(most).isBetween(limit.toBytes() / 2, limit.toBytes());
        }
    }

    @Test
    void hitsComeFromDiskAfterARestart() {
        byte[] content = Origin.content(3 * MIB + 5, 4);
        try (CacheSetup setup = new CacheSetup(disk, DataSize.ofMegabytes(16))) {
            setup.origin.on("/title", setup.origin.file(content, "\"one\"", "max-age=3600"));
            setup.get("/title");
            setup.store.sync().toCompletableFuture().join();
        }
        try (CacheSetup setup = new CacheSetup(disk, DataSize.ofMegabytes(16))) {
            Received whole = setup.get("/title");
            Received part = setup.get("/title", "range", "bytes=1000000-1000009");

            assertThat(whole.cacheStatus().isHit()).isTrue();
            assertThat(whole.content()).isEqualTo(content);
            assertThat(part.cacheStatus().isHit()).isTrue();
            assertThat(setup.origin.requests()).isEmpty();
        }
    }

    @Test
    void aPurgeOutlivesARestart() {
        byte[] content = Origin.content(1000, 4);
        try (CacheSetup setup = new CacheSetup(disk, DataSize.ofMegabytes(16))) {
            setup.origin.on("/title", setup.origin.file(content, "\"one\"", "max-age=3600"));
            setup.origin.on("/other", setup.origin.file(content, "\"one\"", "max-age=3600"));
            setup.get("/title");
            setup.get("/other");
            setup.store.remove(setup.key("/title"));
            setup.store.markStale(setup.key("/other"));
            setup.store.sync().toCompletableFuture().join();
        }
        try (CacheSetup setup = new CacheSetup(disk, DataSize.ofMegabytes(16))) {
            setup.origin.on("/other", setup.origin.file(content, "\"one\"", "max-age=3600"));

            assertThat(setup.store.size()).isEqualTo(1);
            assertThat(setup.get("/other").cacheStatus().forwardStatus()).isEqualTo(304);
        }
    }

    /** A memory of four blocks over a disk: readers still get every octet, most of them from disk. */
    @Test
    void whatMemoryCannotHoldComesFromDisk() {
        byte[] content = Origin.content(20 * MIB, 6);
        try (CacheSetup setup = new CacheSetup(disk, DataSize.ofMegabytes(4))) {
            setup.origin.on("/title", setup.origin.file(content, "\"one\"", "max-age=3600"));
            setup.get("/title");
            setup.store.sync().toCompletableFuture().join();
            long sent = setup.origin.sent();

            assertThat(setup.get("/title").content()).isEqualTo(content);
            assertThat(setup.origin.sent()).isEqualTo(sent);
        }
    }
}
