package com.kingcdn.edge.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Full, failing and absent disks. */
class DiskTierFailureTest {

    @TempDir
    Path directory;

    private final FailingDisk failing = new FailingDisk();

    @Test
    void goesOnWithoutWritingAndComesBack() {
        try (DiskTierFixture disk = new DiskTierFixture(directory, failing)) {
            EntryId before = disk.store(3);
            assertThat(up()).isOne();

            failing.writesFail = true;
            EntryId during = EntryId.next();
            disk.create(during, DiskTierFixture.metadata(during, 0));
            await().until(() -> disk.gone.contains(during));
            assertThat(disk.create(EntryId.next(), new byte[1])).isFalse();
            assertThat(disk.offer(before, 3)).isFalse();
            assertThat(up()).isZero();
            disk.assertHit(before, 2);

            failing.writesFail = false;
            await().until(() -> up() == 1);
            assertThat(disk.offer(before, 3)).isTrue();
            EntryId after = disk.store(2);
            disk.reopen();
            assertThat(disk.found()).containsOnlyKeys(before, after);
            disk.assertHit(before, 2);
            disk.assertHit(before, 3);
            disk.assertHit(after, 1);
        }
    }

    @Test
    void whatIsRemovedWhileTheDiskFailsStaysRemoved() {
        try (DiskTierFixture disk = new DiskTierFixture(directory, failing)) {
            EntryId removed = disk.store(1);
            failing.writesFail = true;
            disk.tier.remove(removed);
            assertThatThrownBy(() -> disk.tier.sync().toCompletableFuture().get(10, TimeUnit.SECONDS))
                    .as("the caller learns that the removal is not safe yet")
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(IOException.class);
            assertThat(disk.read(removed, 0)).isNull();
            failing.writesFail = false;
            await().until(() -> up() == 1);
            disk.reopen();
            assertThat(disk.found()).isEmpty();
        }
    }

    @Test
    void tryingAgainLeavesNoTrailOfFiles() {
        try (DiskTierFixture disk = new DiskTierFixture(directory, failing)) {
            disk.store(1);
            int files = disk.segments().size();
            failing.writesFail = true;
            EntryId lost = EntryId.next();
            disk.create(lost, new byte[1]);
            await().until(() -> disk.gone.contains(lost));
            // a sync is answered by each try
            for (int i = 0; i < 20; i++) {
                disk.tier.remove(lost);
                assertThat(disk.tier.sync().toCompletableFuture()).failsWithin(Duration.ofSeconds(10));
            }
            assertThat(disk.segments()).hasSizeLessThanOrEqualTo(files + 1);
        }
    }

    @Test
    void aBlockThatCannotBeReadIsAMiss() {
        try (DiskTierFixture disk = new DiskTierFixture(directory, failing)) {
            EntryId id = disk.store(2);
            failing.readsFail = true;
            assertThat(disk.read(id, 0)).isNull();
            failing.readsFail = false;
            assertThat(disk.tier.hasBlock(id, 0)).isFalse();
            disk.assertHit(id, 1);
        }
    }

    /** What nobody knows of may be purged without a record of it. */
    @Test
    void whatAFailedWriteHasLeftInItsFileIsNotFoundAgain() {
        try (DiskTierFixture disk = new DiskTierFixture(directory, failing)) {
            EntryId before = disk.store(1);
            failing.writesFail = true;
            EntryId half = EntryId.next();
            ByteBuf content = Unpooled.wrappedBuffer(new byte[10_000]);
            assertThat(disk.tier.create(half, DiskTierFixture.encoded(DiskTierFixture.metadata(half, 0)), content))
                    .isTrue();
            content.release();
            await().until(() -> disk.gone.contains(half));
            failing.writesFail = false;
            await().until(() -> up() == 1);
            disk.tier.remove(half);
            disk.sync();
            disk.reopen();
            assertThat(disk.found()).containsOnlyKeys(before);
        }
    }

    @Test
    void whatIsMarkedStaleWhileTheDiskFailsIsNeverFreshAgain() {
        try (DiskTierFixture disk = new DiskTierFixture(directory, failing)) {
            EntryId first = disk.store(1);
            EntryId later = disk.store(1);
            EntryId cold = disk.store(1);
            failing.writesFail = true;
            disk.tier.update(first, stale(first));
            assertThat(disk.tier.sync().toCompletableFuture()).failsWithin(Duration.ofSeconds(10));
            disk.tier.update(later, stale(later));
            disk.tier.markStale(Objects.requireNonNull(disk.tier.entry(cold)));
            assertThat(disk.tier.sync().toCompletableFuture()).failsWithin(Duration.ofSeconds(10));
            failing.writesFail = false;
            await().until(() -> up() == 1);
            disk.sync();
            disk.reopen();
            assertThat(List.of(first, later, cold)).noneMatch(id -> isFresh(disk, id));
        }
    }

    @Test
    void whatIsMarkedStaleWhileTheQueueIsFullIsNeverFreshAgain() {
        try (DiskTierFixture disk = new DiskTierFixture(directory, failing)) {
            EntryId marked = disk.store(1);
            EntryId filler = disk.store(0);
            failing.writesTakeMillis = 500;
            int block = 0;
            for (int size = Blocks.SIZE; size > 0; size /= 2) {
                while (disk.offer(filler, block, new byte[size])) {
                    block++;
                }
            }
            assertThat(disk.tier.update(marked, stale(marked)))
                    .as("there is no room for the metadata")
                    .isFalse();
            failing.writesTakeMillis = 0;
            disk.sync();
            disk.reopen();
            assertThat(isFresh(disk, marked)).isFalse();
        }
    }

    @Test
    void whatIsMarkedStaleAndCannotBeReadIsNeverFreshAgain() {
        try (DiskTierFixture disk = new DiskTierFixture(directory, failing)) {
            EntryId marked = disk.store(1);
            failing.readsFail = true;
            disk.tier.markStale(Objects.requireNonNull(disk.tier.entry(marked)));
            disk.sync();
            failing.readsFail = false;
            disk.reopen();
            assertThat(isFresh(disk, marked)).isFalse();
        }
    }

    private static DiskMetadata stale(EntryId id) {
        return new DiskMetadata(7, 0, DiskEntry.STALE, DiskTierFixture.metadata(id, 1));
    }

    private static boolean isFresh(DiskTierFixture disk, EntryId id) {
        DiskEntry entry = disk.tier.entry(id);
        return entry != null && !entry.has(DiskEntry.STALE);
    }

    @Test
    void wantOfMemoryIsAFailureLikeOthers() {
        try (DiskTierFixture disk = new DiskTierFixture(directory, failing)) {
            EntryId before = disk.store(1);
            failing.writesRunOutOfMemory = true;
            EntryId lost = EntryId.next();
            disk.create(lost, DiskTierFixture.metadata(lost, 0));
            assertThat(disk.tier.sync().toCompletableFuture())
                    .as("whoever waits is told")
                    .failsWithin(Duration.ofSeconds(10))
                    .withThrowableOfType(ExecutionException.class);
            failing.writesRunOutOfMemory = false;
            await().until(() -> up() == 1);
            EntryId after = disk.store(1);
            disk.reopen();
            assertThat(disk.found()).containsOnlyKeys(before, after);
        }
    }

    /** It would end the thread that reads and writes, and the tier with it. */
    @Test
    void wantOfMemoryWhileLoadingCostsWhatIsNotReadAlone() {
        try (DiskTierFixture disk = new DiskTierFixture(directory)) {
            for (int i = 0; i < 20; i++) {
                disk.store(1);
            }
        }
        Semaphore permits = new Semaphore(0);
        failing.reads = permits;
        try (DiskTierFixture disk = new DiskTierFixture(directory, failing, DiskTierFixture.CAPACITY)) {
            await().until(permits::hasQueuedThreads);
            failing.readsRunOutOfMemory = true;
            permits.release(1_000_000);
            assertThat(disk.tier.loaded()).succeedsWithin(Duration.ofSeconds(10));
            assertThat(disk.tier.removalsLost()).isTrue();
            failing.readsRunOutOfMemory = false;
            EntryId after = disk.store(1);
            disk.assertHit(after, 0);
        }
    }

    @Test
    void whatCannotBeReadGoesWithItsSegmentAndNothingElseDoes() {
        try (DiskTierFixture disk = new DiskTierFixture(directory, failing)) {
            EntryId pinned = disk.store(1);
            disk.tier.pin(pinned);
            EntryId large = disk.store(1);
            for (int i = 0; i < 10; i++) {
                disk.store(1);
            }
            assertThat(disk.offer(large, 1)).isTrue();
            disk.sync();
            failing.readsFail = true;
            for (int i = 0; i < 200; i++) {
                disk.store(1);
            }
            assertThat(disk.gone).contains(pinned, large);
        }
    }

    @Test
    void aDirectoryThatComesLaterIsUsedAndBeginsEmpty() throws IOException {
        Path place = directory.resolve("disk");
        try (DiskTierFixture disk = new DiskTierFixture(place)) {
            disk.store(1);
        }
        Files.move(place, directory.resolve("aside"));
        Files.writeString(place, "not a directory");
        try (DiskTierFixture disk = new DiskTierFixture(place)) {
            assertThat(up()).isZero();
            assertThat(disk.create(EntryId.next(), new byte[1])).isFalse();
            assertThat(disk.found()).isEmpty();
            Files.delete(place);
            Files.move(directory.resolve("aside"), place);
            await().until(() -> up() == 1);
            assertThat(disk.found()).as("it may have missed purges").isEmpty();
            EntryId id = disk.store(2);
            disk.reopen();
            assertThat(disk.found()).containsOnlyKeys(id);
            disk.assertHit(id, 1);
        }
    }

    private static double up() {
        return CollectorRegistry.defaultRegistry.getSampleValue("kingcdn_edge_disk_up");
    }
}
