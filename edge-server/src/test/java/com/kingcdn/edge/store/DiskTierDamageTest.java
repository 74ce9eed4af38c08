package com.kingcdn.edge.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are torn or changed under the disk tier. */
class DiskTierDamageTest {

    @TempDir
    Path directory;

    @Test
    void aTornTailCostsTheLastRecordAlone() throws IOException {
        EntryId id = EntryId.next();
        byte[] lastBlock = new byte[150];
        new Random(1).nextBytes(lastBlock);
        Path source = directory.resolve("source");
        try (DiskTierFixture disk = new DiskTierFixture(source)) {
            disk.create(id, DiskTierFixture.metadata(id, 0));
            disk.offer(id, 0);
            disk.offer(id, 1, lastBlock);
            disk.sync();
            Files.copy(disk.segments().get(0), directory.resolve("whole"));
        }
        int length = (int) Files.size(directory.resolve("whole"));
        int lastRecord = RecordHeader.BYTES + lastBlock.length;
        for (int cut = length - lastRecord; cut <= length; cut++) {
            Path torn = directory.resolve("torn");
            Files.createDirectories(torn);
            Path segment = torn.resolve("0000000000.segment");
            Files.copy(directory.resolve("whole"), segment, StandardCopyOption.REPLACE_EXISTING);
            try (FileChannel channel = FileChannel.open(segment, StandardOpenOption.WRITE)) {
                channel.truncate(cut);
            }
            try (DiskTierFixture disk = new DiskTierFixture(torn)) {
                disk.assertHit(id, 0);
                assertThat(disk.read(id, 1)).isEqualTo(cut == length ? lastBlock : null);
                // the log goes on where the whole records end
                disk.offer(id, 2);
                disk.sync();
                disk.reopen();
                disk.assertHit(id, 0);
                disk.assertHit(id, 2);
            }
        }
    }

    @Test
    void aFlippedBitIsAMissAndIsCounted() throws IOException {
        try (DiskTierFixture disk = new DiskTierFixture(directory)) {
            EntryId id = disk.store(3);
            double before = DiskMetrics.CHECKSUM_FAILURES.get();
            // within the payload of block 1
            long at = SegmentPreamble.BYTES
                    + 3L * RecordHeader.BYTES
                    + DiskTierFixture.metadata(id, 0).length
                    + DiskTierFixture.content(id, 0).length
                    + 5;
            flip(disk.segments().get(0), at);
            assertThat(disk.read(id, 1)).isNull();
            assertThat(DiskMetrics.CHECKSUM_FAILURES.get()).isEqualTo(before + 1);
            assertThat(disk.tier.hasBlock(id, 1)).isFalse();
            disk.assertHit(id, 0);
            disk.assertHit(id, 2);
            assertThat(disk.offer(id, 1)).as("it can be stored again").isTrue();
            disk.sync();
            disk.assertHit(id, 1);
        }
    }

    @Test
    void aDamagedBlockCostsNoEntryBehindIt() throws IOException {
        try (DiskTierFixture disk = new DiskTierFixture(directory)) {
            EntryId damaged = disk.store(1);
            EntryId behind = disk.store(2);
            disk.tier.close();
            flip(
                    disk.segments().get(0),
                    SegmentPreamble.BYTES + 2L * RecordHeader.BYTES + DiskTierFixture.metadata(damaged, 0).length + 5);
            disk.reopen();
            assertThat(disk.found()).containsKeys(damaged, behind);
            assertThat(disk.read(damaged, 0)).isNull();
            disk.assertHit(behind, 1);
        }
    }

    @Test
    void flippedBitsAnywhereNeverBringAWrongOctet() throws IOException {
        Random random = new Random(7);
        for (int round = 0; round < 25; round++) {
            Path place = directory.resolve("round" + round);
            try (DiskTierFixture disk = new DiskTierFixture(place)) {
                EntryId id = disk.store(6);
                disk.tier.close();
                for (Path segment : disk.segments()) {
                    flip(segment, random.nextLong(Files.size(segment)));
                }
                disk.reopen();
                for (int block = 0; block < 6; block++) {
                    byte[] octets = disk.read(id, block);
                    assertThat(octets == null || java.util.Arrays.equals(octets, DiskTierFixture.content(id, block)))
                            .isTrue();
                }
            }
        }
    }

    /** A record's header is damaged, behind which content looks like a record: whoever made it does not know the segment's stamp. */
    @Test
    void contentThatLooksLikeARecordIsNone() throws IOException {
        EntryId forged = new EntryId(1, 2);
        RecordHeader header = new RecordHeader(0, RecordType.METADATA, 0, forged, 0, 0, 0, 7, 0);
        ByteBuffer content = ByteBuffer.allocate(3 * RecordHeader.BYTES).position(RecordHeader.BYTES);
        header.putInto(content);
        Path source = directory.resolve("source");
        Path killed = directory.resolve("killed");
        EntryId behind;
        try (DiskTierFixture disk = new DiskTierFixture(source)) {
            EntryId id = EntryId.next();
            disk.create(id, DiskTierFixture.metadata(id, 0));
            disk.offer(id, 0, content.array());
            behind = disk.store(1);
            Files.createDirectories(killed);
            Files.copy(disk.segments().get(0), killed.resolve("0000000000.segment"));
            int block = SegmentPreamble.BYTES + RecordHeader.BYTES + DiskTierFixture.metadata(id, 0).length;
            flip(killed.resolve("0000000000.segment"), block + 20);
        }
        try (DiskTierFixture disk = new DiskTierFixture(killed)) {
            assertThat(disk.found()).hasSize(2).doesNotContainKey(forged);
            disk.assertHit(behind, 0);
            assertThat(disk.tier.removalsLost())
                    .as("what stood there may have been one")
                    .isTrue();
            disk.reopen();
            assertThat(disk.tier.removalsLost()).as("it has an index now").isFalse();
            disk.assertHit(behind, 0);
        }
    }

    /** Version 1 had no preamble, and headers of 48 octets. */
    @Test
    void segmentsOfAnotherVersionAreDropped() throws IOException {
        for (int number = 3; number < 6; number++) {
            ByteBuffer old =
                    ByteBuffer.allocate(1000).putInt(RecordHeader.MAGIC).put((byte) 1);
            Files.write(directory.resolve("000000000" + number + ".segment"), old.array());
        }
        try (DiskTierFixture disk = new DiskTierFixture(directory)) {
            assertThat(disk.segments()).isEmpty();
            assertThat(disk.found()).isEmpty();
            EntryId id = disk.store(2);
            disk.reopen();
            disk.assertHit(id, 1);
        }
    }

    @Test
    void foreignFilesAreLeftAloneAndForeignContentIsNotRead() throws IOException {
        Files.writeString(directory.resolve("notes.txt"), "mine");
        byte[] noise = new byte[100_000];
        new Random(3).nextBytes(noise);
        Files.write(directory.resolve("0000000041.segment"), noise);
        try (DiskTierFixture disk = new DiskTierFixture(directory)) {
            assertThat(disk.found()).isEmpty();
            EntryId id = disk.store(1);
            disk.reopen();
            disk.assertHit(id, 0);
        }
        assertThat(directory.resolve("notes.txt")).hasContent("mine");
    }

    private static void flip(Path file, long at) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer octet = ByteBuffer.allocate(1);
            channel.read(octet, at);
            octet.put(0, (byte) (octet.get(0) ^ 0x10)).rewind();
            channel.write(octet, at);
        }
    }
}
