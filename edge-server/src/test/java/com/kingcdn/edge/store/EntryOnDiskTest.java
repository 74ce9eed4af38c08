package com.kingcdn.edge.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.policy.StoredResponse;
import com.kingcdn.edge.policy.Variant;
import com.kingcdn.http.HeaderFields;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

/** What the disk knows of an entry, when others change it at the same moment, or when it cannot be read. */
@NullMarked
@Timeout(60)
class EntryOnDiskTest {

    private static final CacheKey KEY = new CacheKey("a1105", null, "/title");
    private static final StoredResponse RESPONSE = StoredResponse.of(
            200, HeaderFields.of("etag", "\"one\"", "cache-control", "max-age=60"), Variant.NONE, 0, 0);
    private static final int SIZE = 100;
    private static final int ROUNDS = 1_000;

    @TempDir
    Path directory;

    private final FailingDisk disk = new FailingDisk();
    private final AtomicInteger fetched = new AtomicInteger();
    private CacheStore store;

    @BeforeEach
    void open() {
        store = CacheStore.open(
                DataSize.ofMegabytes(32),
                DiskTierSettings.of(directory, DataSize.ofMegabytes(64)),
                disk,
                Purges.MOST_SCOPES);
        store.loaded().toCompletableFuture().join();
    }

    @AfterEach
    void close() {
        store.close();
    }

    private CacheEntry create() {
        ByteBuf content = Unpooled.wrappedBuffer(new byte[SIZE]);
        CacheEntry entry = store.create(KEY, RESPONSE, content);
        content.release();
        return entry;
    }

    private void list(CacheEntry entry) {
        Admission admission = store.admit(KEY);
        assertThat(store.list(entry, admission)).isTrue();
        store.end(admission);
        entry.expectNoMore();
    }

    private CacheEntry add() {
        CacheEntry entry = create();
        list(entry);
        return entry;
    }

    private void fetch(CacheEntry entry, int first, int end) {
        EntryWriter writer = entry.claim(first, end);
        if (writer != null) {
            fetched.incrementAndGet();
            ByteBuf content = Unpooled.wrappedBuffer(new byte[SIZE]);
            writer.write(content);
            content.release();
            writer.complete();
        }
    }

    private int read(CacheEntry entry) {
        List<Integer> sizes = new ArrayList<>();
        CompletableFuture<Void> done = new CompletableFuture<>();
        entry.read(0, SIZE, this::fetch)
                .subscribe(
                        octets -> {
                            sizes.add(octets.readableBytes());
                            octets.release();
                        },
                        done::completeExceptionally,
                        () -> done.complete(null));
        assertThat(done).succeedsWithin(Duration.ofSeconds(10));
        return sizes.stream().mapToInt(Integer::intValue).sum();
    }

    private void sync() {
        assertThat(store.sync().toCompletableFuture()).succeedsWithin(Duration.ofSeconds(10));
    }

    @Test
    void aBlockThatCouldNotBeReadIsReadAgainOnceItHasBeenWrittenAnew() {
        CacheEntry entry = add();
        sync();
        store.memory().evictAll();
        disk.readsFail = true;
        assertThat(read(entry)).isEqualTo(SIZE);
        assertThat(fetched).as("a failing disk is a miss").hasValue(1);

        disk.readsFail = false;
        sync();
        store.memory().evictAll();
        assertThat(read(entry)).isEqualTo(SIZE);
        assertThat(fetched).as("it is on disk again").hasValue(1);
    }

    @Test
    void whoWaitsForABlockIsToldWhenMemoryRunsOutUnderTheRead() {
        CacheEntry entry = add();
        sync();
        store.memory().evictAll();
        disk.readsRunOutOfMemory = true;
        assertThat(read(entry)).isEqualTo(SIZE);
        assertThat(fetched).hasValue(1);
    }

    /** Has two things done at the same moment. */
    private static void together(Runnable one, Runnable other) {
        CyclicBarrier start = new CyclicBarrier(2);
        CompletableFuture<Void> beside = CompletableFuture.runAsync(() -> {
            await(start);
            other.run();
        });
        await(start);
        one.run();
        beside.join();
    }

    private static void await(CyclicBarrier start) {
        try {
            start.await();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private DiskEntry onDisk(CacheEntry entry) {
        return Objects.requireNonNull(store.disk().entry(entry.id()));
    }

    private boolean isStaleOnDisk(CacheEntry entry) {
        return onDisk(entry).has(DiskEntry.STALE);
    }

    @Test
    void aSoftPurgeIsNotOvertakenByAConfirmationOnTheWayToDisk() {
        CacheEntry entry = create();
        list(entry);
        for (int round = 0; round < ROUNDS; round++) {
            together(() -> entry.freshen(RESPONSE), entry::markStale);
            assertThat(isStaleOnDisk(entry))
                    .as("round %d", round)
                    .isEqualTo(entry.lookup().validationRequired());
        }
    }

    @Test
    void aSoftPurgeMeetsWhatIsBeingMade() {
        for (int round = 0; round < ROUNDS; round++) {
            CacheEntry entry = create();
            together(() -> list(entry), entry::markStale);
            assertThat(isStaleOnDisk(entry)).as("round %d", round).isTrue();
        }
    }

    @Test
    void aPurgeMeetsWhatIsLeavingTheHeap() {
        for (int round = 0; round < ROUNDS; round++) {
            CacheEntry entry = create();
            list(entry);
            together(() -> store.remove(KEY), () -> store.evictions().unload(entry));
            assertThat(store.contains(KEY)).as("round %d", round).isFalse();
        }
    }

    @Test
    void aSoftPurgeMeetsWhatIsLeavingTheHeap() {
        for (int round = 0; round < ROUNDS; round++) {
            CacheEntry entry = create();
            list(entry);
            together(() -> store.markStale(KEY), () -> store.evictions().unload(entry));
            assertThat(isStaleOnDisk(entry)).as("round %d", round).isTrue();
            store.remove(KEY);
        }
    }

    @Test
    void aPinMeetsWhatIsBeingListed() {
        list(create());
        for (int round = 0; round < ROUNDS; round++) {
            CacheEntry entry = create();
            AtomicReference<PinOutcome> outcome = new AtomicReference<>();
            together(() -> list(entry), () -> outcome.set(store.pin(KEY)));
            if (outcome.get() == PinOutcome.PINNED) {
                assertThat(onDisk(entry).pinned()).as("round %d", round).isTrue();
            }
            store.unpin(KEY);
            assertThat(onDisk(entry).pinned()).as("round %d", round).isFalse();
        }
    }
}
