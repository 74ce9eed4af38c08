package com.kingcdn.edge.store;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.springframework.util.unit.DataSize;

class DiskTierEvictionTest {

    @TempDir
    Path directory;

    @Test
    void keepsToItsCapacityAndEvictsTheOldest() {
        try (DiskTierFixture disk = new DiskTierFixture(directory)) {
            List<EntryId> stored = fill(disk, 300);
            assertThat(disk.bytesOnDisk())
                    .isBetween(DiskTierFixture.CAPACITY.toBytes() / 2, DiskTierFixture.CAPACITY.toBytes());
            assertThat(disk.gone).contains(stored.get(0)).doesNotContain(stored.get(299));
            for (EntryId id : stored) {
                if (disk.tier.hasBlock(id, 0)) {
                    disk.assertHit(id, 0);
                } else {
                    assertThat(disk.read(id, 0)).isNull();
                }
            }
            disk.reopen();
            stored.removeAll(disk.gone);
            assertThat(disk.found().keySet()).containsExactlyInAnyOrderElementsOf(stored);
        }
    }

    @Test
    void keepsWhatIsPinnedOrRecentlyUsed() {
        try (DiskTierFixture disk = new DiskTierFixture(directory)) {
            EntryId pinned = disk.store(8);
            EntryId hot = disk.store(1);
            EntryId cold = disk.store(1);
            assertThat(disk.tier.pin(pinned)).isTrue();
            disk.hot.add(hot);
            fill(disk, 200);
            disk.reopen();
            assertThat(disk.found(pinned).pinned()).isTrue();
            fill(disk, 200);
            for (int block = 0; block < 8; block++) {
                disk.assertHit(pinned, block);
            }
            disk.assertHit(hot, 0);
            assertThat(disk.read(cold, 0)).isNull();

            disk.tier.unpin(pinned);
            fill(disk, 400);
            assertThat(disk.gone).contains(pinned);
        }
    }

    @Test
    void pinsDoNotTakeTheWholeDisk() {
        try (DiskTierFixture disk = new DiskTierFixture(directory)) {
            List<EntryId> pinned = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                EntryId id = disk.store(1);
                disk.tier.pin(id);
                pinned.add(id);
            }
            EntryId last = disk.store(1);
            disk.assertHit(last, 0);
            assertThat(disk.bytesOnDisk()).isLessThanOrEqualTo(DiskTierFixture.CAPACITY.toBytes());
            assertThat(disk.gone).contains(pinned.get(0));
        }
    }

    /** What is pinned may grow: more of it is fetched later, or a larger version replaces it. */
    @Test
    void ofWhatIsPinnedBeyondHalfTheOldestGoesAndThatIsSaid() {
        ListAppender<ILoggingEvent> logged = new ListAppender<>();
        Logger logger = (Logger) LoggerFactory.getLogger(SegmentEvictor.class);
        logged.start();
        logger.addAppender(logged);
        double before = DiskMetrics.EVICTED_PINNED_BLOCKS.get();
        try (DiskTierFixture disk = new DiskTierFixture(directory)) {
            EntryId pinned = disk.store(1);
            disk.tier.pin(pinned);
            byte[] content = new byte[Blocks.SIZE];
            for (int block = 1; block < 45; block++) {
                assertThat(disk.offer(pinned, block, content)).isTrue();
                disk.sync();
            }
            fill(disk, 300);
            int[] kept = Objects.requireNonNull(disk.tier.entry(pinned)).blocks();
            assertThat((long) kept.length * Blocks.SIZE)
                    .as("half of the capacity, but for a segment at most")
                    .isBetween(7L << 20, 8L << 20);
            assertThat(kept).as("the oldest went").contains(44).doesNotContain(1);
            assertThat(DiskMetrics.EVICTED_PINNED_BLOCKS.get() - before).isEqualTo(45 - kept.length);
            assertThat(disk.found(pinned).pinned()).isTrue();
            assertThat(logged.list)
                    .as("once, however often something is evicted")
                    .singleElement()
                    .satisfies(line -> assertThat(line.getFormattedMessage()).contains("pinned has grown beyond half"));
            fill(disk, 300);
            assertThat(Objects.requireNonNull(disk.tier.entry(pinned)).blocks())
                    .as("the rest stays")
                    .isEqualTo(kept);
        } finally {
            logger.detachAppender(logged);
        }
    }

    /** Eviction has to know what is pinned, which only reading all tells. */
    @Test
    void nothingIsEvictedBeforeAllThatIsPinnedIsKnown() {
        FailingDisk slow = new FailingDisk();
        try (DiskTierFixture disk = new DiskTierFixture(directory, slow)) {
            EntryId pinned = disk.store(8);
            disk.tier.pin(pinned);
            fill(disk, 100);
            disk.tier.close();
            slow.readsTakeMillis = 20;
            disk.start();
            List<EntryId> during = new ArrayList<>();
            while (disk.tier.isLoading()) {
                EntryId id = EntryId.next();
                if (disk.create(id, DiskTierFixture.metadata(id, 0)) && disk.offer(id, 0)) {
                    during.add(id);
                }
            }
            slow.readsTakeMillis = 0;
            disk.sync();
            fill(disk, 100);
            for (int block = 0; block < 8; block++) {
                disk.assertHit(pinned, block);
            }
            assertThat(during).isNotEmpty();
            assertThat(disk.bytesOnDisk()).isLessThanOrEqualTo(DiskTierFixture.CAPACITY.toBytes());
        }
    }

    @Test
    void anEntryWhoseBodyIsElsewhereKeepsItsMetadata() {
        try (DiskTierFixture disk = new DiskTierFixture(directory)) {
            EntryId large = EntryId.next();
            disk.create(large, DiskTierFixture.metadata(large, 0));
            for (int block = 0; block < 200; block++) {
                assertThat(disk.offer(large, block)).isTrue();
                disk.sync();
            }
            assertThat(disk.tier.hasBlock(large, 0)).isFalse();
            disk.assertHit(large, 199);
            disk.reopen();
            assertThat(disk.found()).containsOnlyKeys(large);
            assertThat(disk.found(large).blocks()).contains(199).doesNotContain(0);
            disk.assertHit(large, 199);
        }
    }

    @Test
    void aSmallerCapacityIsKeptAfterReopening() {
        try (DiskTierFixture disk = new DiskTierFixture(directory)) {
            disk.capacity = DataSize.ofMegabytes(48);
            disk.reopen();
            fill(disk, 400);
            assertThat(disk.bytesOnDisk())
                    .isGreaterThan(DataSize.ofMegabytes(32).toBytes());
            disk.capacity = DiskTierFixture.CAPACITY;
            disk.reopen();
            fill(disk, 10);
            assertThat(disk.bytesOnDisk()).isLessThanOrEqualTo(DiskTierFixture.CAPACITY.toBytes());
        }
    }

    @Test
    void removalsOutliveWhatTheyRemove() {
        try (DiskTierFixture disk = new DiskTierFixture(directory)) {
            List<EntryId> removed = new ArrayList<>();
            for (int round = 0; round < 12; round++) {
                EntryId id = disk.store(4);
                disk.tier.pin(id);
                fill(disk, 25);
                disk.tier.remove(id);
                removed.add(id);
                disk.sync();
                disk.reopen();
                assertThat(disk.found()).doesNotContainKeys(removed.toArray(EntryId[]::new));
            }
        }
    }

    /** However small they are, and however large the disk. */
    @Test
    void entriesAreBoundedByTheHeap() throws IOException {
        DiskTierListener nobody = new DiskTierListener() {
            @Override
            public void evicted(EntryId entry, int[] blocks, boolean whole) {}

            @Override
            public void loaded() {}

            @Override
            public boolean recentlyUsed(EntryId entry) {
                return false;
            }
        };
        assertThat(DiskIndex.mostEntries(384L << 20)).isGreaterThan(1_000_000);
        int most = 20_000;
        DiskIndex index = new DiskIndex();
        SegmentLog log = new SegmentLog(new SegmentFiles(directory, FileChannel::open), 64 << 20);
        SegmentEvictor evictor = new SegmentEvictor(log, index, nobody, most, () -> {});
        ByteBuffer metadata = ByteBuffer.allocate(100);
        EntryId last = EntryId.next();
        for (int i = 0; i < 5 * most; i++) {
            last = EntryId.next();
            DiskEntry entry = index.obtain(last);
            evictor.makeRoom(metadata.remaining());
            log.appendMetadata(
                    entry, 0, metadata, new RecordOutcome(index, nobody, entry, RecordType.METADATA, 0, 100));
        }
        long inASegment = log.segmentSize() / (2 * RecordHeader.BYTES + 100);
        assertThat(index.size()).isBetween(most / 2, (int) (most + inASegment + 1));
        assertThat(index.get(last)).isNotNull();
        log.close();
    }

    private static List<EntryId> fill(DiskTierFixture disk, int entries) {
        List<EntryId> stored = new ArrayList<>();
        for (int i = 0; i < entries; i++) {
            stored.add(disk.store(1));
        }
        return stored;
    }
}
