package com.kingcdn.edge.store;

import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.policy.StoredResponse;
import com.kingcdn.edge.policy.Variant;
import com.kingcdn.http.HeaderFields;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.springframework.util.FileSystemUtils;
import org.springframework.util.unit.DataSize;

/**
 * How long a store takes to open over many blocks: sealed segments with their indexes, as a full disk tier has them. Their blocks are
 * holes in the files, which opening does not read.
 *
 * <p>{@code DiskIndexBenchmark [blocks] [blocks of an entry]}, 1,000,000 and 4 when left out.
 */
final class DiskIndexBenchmark {

    private static final int BLOCKS_IN_SEGMENT = 4000;

    private DiskIndexBenchmark() {}

    public static void main(String[] arguments) throws IOException {
        int blocks = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1_000_000;
        int perEntry = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 4;
        Path directory = Files.createTempDirectory("disk-index-benchmark");
        try {
            write(directory, blocks, perEntry);
            DataSize size = DataSize.ofBytes(Math.max(2L * blocks * Blocks.SIZE, 1L << 31));
            for (int round = 0; round < 3; round++) {
                long begin = System.nanoTime();
                try (CacheStore store =
                        CacheStore.open(DataSize.ofGigabytes(4), DiskTierSettings.of(directory, size))) {
                    double seconds = (System.nanoTime() - begin) / 1e9;
                    System.out.printf(
                            "%d blocks of %d entries are ready after %.2f s; %d entries can be found, heap %d MB%n",
                            blocks,
                            blocks / perEntry,
                            seconds,
                            store.size(),
                            (Runtime.getRuntime().totalMemory()
                                            - Runtime.getRuntime().freeMemory())
                                    >> 20);
                }
            }
        } finally {
            FileSystemUtils.deleteRecursively(directory);
        }
    }

    /** Segments in the form of a {@link SegmentLog}, each with an index and a trailer. */
    static void write(Path directory, int blocks, int perEntry) throws IOException {
        long number = 0;
        for (int done = 0; done < blocks; done += BLOCKS_IN_SEGMENT) {
            writeSegment(
                    directory.resolve("%010d.segment".formatted(number)),
                    number,
                    Math.min(BLOCKS_IN_SEGMENT, blocks - done),
                    perEntry,
                    done);
            number++;
        }
    }

    private static void writeSegment(Path path, long number, int blocks, int perEntry, int firstBlock)
            throws IOException {
        ByteBuffer index = ByteBuffer.allocate(blocks * RecordHeader.BYTES + (blocks / perEntry + 1) * 1024);
        long dataLength = 0;
        EntryId id = EntryId.next();
        for (int i = 0; i < blocks; i++) {
            if (i % perEntry == 0) {
                id = EntryId.next();
                byte[] metadata = metadata(firstBlock + i, (long) perEntry * Blocks.SIZE);
                RecordHeader header = new RecordHeader(
                        number,
                        RecordType.METADATA,
                        false,
                        id,
                        0,
                        metadata.length,
                        Records.checksum(ByteBuffer.wrap(metadata)));
                header.putInto(index);
                index.put(metadata);
                dataLength += header.recordBytes();
            }
            RecordHeader header = new RecordHeader(number, RecordType.BLOCK, false, id, i % perEntry, Blocks.SIZE, 0);
            header.putInto(index);
            dataLength += header.recordBytes();
        }
        index.flip();
        ByteBuffer trailer = ByteBuffer.allocate(SegmentTrailer.BYTES);
        new SegmentTrailer(number, dataLength, index.remaining(), Records.checksum(index)).putInto(trailer);
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            long at = dataLength;
            at += channel.write(index, at);
            channel.write(trailer.flip(), at);
        }
    }

    private static byte[] metadata(int number, long length) {
        HeaderFields fields = HeaderFields.of(
                "cache-control", "max-age=31536000",
                "content-type", "video/mp4",
                "date", "Sun, 22 Nov 2026 10:00:00 GMT",
                "etag", "\"" + number + "\"",
                "last-modified", "Sat, 21 Nov 2026 10:00:00 GMT");
        long now = System.currentTimeMillis();
        StoredResponse response = StoredResponse.of(200, fields, Variant.NONE, now, now);
        CacheKey key = new CacheKey("a1105", null, "/films/" + number + "/segment.m4s");
        return MetadataCodec.encode(new Metadata(key, response, length, 0, false));
    }
}
