package com.kingcdn.edge.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

class DiskTierTest {

    @TempDir
    Path directory;

    @Test
    void readsBackWhatWasWrittenAlsoAfterReopening() {
        try (DiskTierFixture disk = new DiskTierFixture(directory)) {
            EntryId id = disk.store(5);
            EntryId empty = disk.store(0);
            int files = disk.segments().size();
            for (int round = 0; round < 3; round++) {
                for (int block = 0; block < 5; block++) {
                    disk.assertHit(id, block);
                }
                assertThat(disk.read(id, 5)).isNull();
                assertThat(disk.found().keySet()).containsExactlyInAnyOrder(id, empty);
                assertThat(disk.found(id).blocks()).containsExactly(0, 1, 2, 3, 4);
                assertThat(disk.found(id).metadata()).isEqualTo(DiskTierFixture.text(id, 0));
                assertThat(disk.found(empty).blocks()).isEmpty();
                disk.reopen();
            }
            assertThat(disk.segments())
                    .as("a restart does not begin a new file")
                    .hasSize(files);
        }
    }

    @Test
    void theNewestMetadataCounts() {
        try (DiskTierFixture disk = new DiskTierFixture(directory)) {
            EntryId id = disk.store(1);
            assertThat(disk.update(id, DiskTierFixture.metadata(id, 1))).isTrue();
            assertThat(disk.update(id, DiskTierFixture.metadata(id, 2))).isTrue();
            disk.sync();
            assertThat(disk.found(id).metadata()).isEqualTo(DiskTierFixture.text(id, 2));
            disk.reopen();
            assertThat(disk.found(id).metadata()).isEqualTo(DiskTierFixture.text(id, 2));
        }
    }

    @Test
    void whatIsRemovedStaysRemoved() {
        try (DiskTierFixture disk = new DiskTierFixture(directory)) {
            EntryId removed = disk.store(2);
            EntryId other = disk.store(2);
            disk.tier.remove(removed);
            assertThat(disk.read(removed, 0)).isNull();
            assertThat(disk.offer(removed, 1)).as("a fill that still runs").isFalse();
            assertThat(disk.update(removed, new byte[1])).isFalse();
            disk.sync();
            disk.reopen();
            assertThat(disk.found().keySet()).containsExactly(other);
            assertThat(disk.read(removed, 0)).isNull();
            disk.assertHit(other, 1);
        }
    }

    @Test
    void removalOvertakesWhatIsQueuedBeforeIt() {
        try (DiskTierFixture disk = new DiskTierFixture(directory)) {
            EntryId id = EntryId.next();
            disk.create(id, new byte[10]);
            disk.offer(id, 0);
            disk.tier.remove(id);
            disk.sync();
            disk.reopen();
            assertThat(disk.found()).isEmpty();
        }
    }

    @Test
    void refusesBlocksOfEntriesItDoesNotKnow() {
        try (DiskTierFixture disk = new DiskTierFixture(directory)) {
            assertThat(disk.offer(EntryId.next(), 0)).isFalse();
            assertThat(disk.create(EntryId.next(), new byte[Records.MAX_METADATA + 1]))
                    .isFalse();
        }
    }

    @Test
    void keepsTheCallersReferenceTheCallers() throws Exception {
        try (DiskTierFixture disk = new DiskTierFixture(directory)) {
            EntryId id = disk.store(0);
            ByteBuf data = Unpooled.wrappedBuffer(new byte[] {0, 1, 2, 3, 4}).skipBytes(2);
            assertThat(disk.tier.offerBlock(id, 7, data)).isTrue();
            disk.sync();
            assertThat(data.refCnt()).isOne();
            assertThat(data.readableBytes()).isEqualTo(3);
            data.release();
            assertThat(disk.read(id, 7)).containsExactly(2, 3, 4);
            assertThat(Objects.requireNonNull(disk.tier.entry(id)).blocks()).containsExactly(7);
        }
    }

    @Test
    void aFullQueueRefusesAndLosesNothing() {
        try (DiskTierFixture disk = new DiskTierFixture(directory)) {
            EntryId id = disk.store(0);
            byte[] whole = new byte[Blocks.SIZE];
            int taken = 0;
            while (taken < 10_000 && disk.offer(id, taken, whole)) {
                taken++;
            }
            assertThat(taken).as("faster than any disk").isBetween(32, 9_999);
            disk.sync();
            assertThat(disk.offer(id, taken, whole)).isTrue();
        }
    }

    @Test
    void aDirectoryHasOneUser() {
        try (DiskTierFixture disk = new DiskTierFixture(directory)) {
            assertThat(disk.segments()).isEmpty();
            assertThatThrownBy(() -> new DiskTierFixture(directory))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("in use by another edge");
        }
    }

    @Test
    void withoutADirectoryThereIsNothing() throws Exception {
        try (DiskTierFixture files = new DiskTierFixture(directory);
                DiskTier none =
                        DiskTier.open(DiskTierSettings.of(null, DataSize.ofGigabytes(1)), files, FileChannel::open)) {
            none.start();
            EntryId id = EntryId.next();
            assertThat(none.create(id, DiskTierFixture.encoded(new byte[1]))).isFalse();
            assertThat(none.pin(id)).isFalse();
            none.remove(id);
            none.forEachEntry((entry, metadata) -> {
                throw new AssertionError();
            });
            assertThat(none.readBlock(id, 0).toCompletableFuture().get(10, TimeUnit.SECONDS))
                    .isNull();
            none.sync().toCompletableFuture().get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void olderSegmentsThanAMissingOneAreNotTrusted() throws Exception {
        try (DiskTierFixture disk = new DiskTierFixture(directory)) {
            EntryId first = disk.store(20);
            EntryId last = disk.store(3);
            assertThat(disk.segments()).hasSizeGreaterThan(3);
            disk.tier.close();
            Files.delete(disk.segments().get(1));
            disk.reopen();
            assertThat(disk.read(first, 0)).isNull();
            disk.assertHit(last, 2);
        }
    }

    @Test
    void segmentsGrowWithTheCapacity() {
        assertThat(SegmentLog.segmentSize(16L << 20)).isEqualTo(1L << 20);
        assertThat(SegmentLog.segmentSize(1L << 30)).isEqualTo(32L << 20);
        assertThat(SegmentLog.segmentSize(32L << 30)).isEqualTo(64L << 20);
        assertThat(SegmentLog.segmentSize(1L << 40)).isEqualTo(1L << 30);
        assertThat(SegmentLog.segmentSize(1L << 50)).isEqualTo(1L << 30);
    }
}
