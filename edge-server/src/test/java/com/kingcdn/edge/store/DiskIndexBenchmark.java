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
import java.util.ArrayList;
import java.util.List;
import org.springframework.util.FileSystemUtils;
import org.springframework.util.unit.DataSize;

/**
 * How long a store takes to open over many blocks, and to have read what there is: sealed segments with their indexes, as a full disk tier has them. Their blocks are
 * holes in the files, which opening does not read.
 *
 * <p>{@code DiskIndexBenchmark [blocks] [blocks of an entry]}, 1,000,000 and 4 when left out.
 */
final class DiskIndexBenchmark {

    private static final int BLOCKS_IN_SEGMENT = 4000;

    private static final ByteBuffer NOT_WRITTEN = ByteBuffer.allocate(0);

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
                        CacheStore.open(DataSize.ofMegabytes(256), DiskTierSettings.of(directory, size))) {
                    double open = (System.nanoTime() - begin) / 1e9;
                    store.loaded().toCompletableFuture().join();
                    double loaded = (System.nanoTime() - begin) / 1e9;
                    System.out.printf(
                            "%d blocks of %d entries: open after %.3f s, loaded after %.2f s; %d entries can be found, heap %d MB%n",
                            blocks,
                            blocks / perEntry,
                            open,
                            loaded,
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
        SegmentIndex index = new SegmentIndex();
        long stamp = number + 1;
        long offset = SegmentPreamble.BYTES;
        EntryId id = EntryId.next();
        List<ByteBuffer> payloads = new ArrayList<>();
        List<RecordHeader> headers = new ArrayList<>();
        for (int i = 0; i < blocks; i++) {
            if (i % perEntry == 0) {
                id = EntryId.next();
                DiskMetadata metadata = metadata(firstBlock + i, (long) perEntry * Blocks.SIZE);
                ByteBuffer payload = ByteBuffer.wrap(metadata.octets());
                headers.add(new RecordHeader(
                        stamp,
                        RecordType.METADATA,
                        0,
                        id,
                        0,
                        payload.remaining(),
                        Records.checksum(payload),
                        metadata.keyHash(),
                        0));
                payloads.add(payload);
            }
            headers.add(new RecordHeader(stamp, RecordType.BLOCK, 0, id, i % perEntry, Blocks.SIZE, 0, 0, 0));
            payloads.add(NOT_WRITTEN);
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            channel.write(new SegmentPreamble(number, stamp).encoded(), 0);
            for (int i = 0; i < headers.size(); i++) {
                RecordHeader header = headers.get(i);
                index.add(header, offset);
                if (payloads.get(i).hasRemaining()) {
                    ByteBuffer record = ByteBuffer.allocate(header.recordBytes());
                    header.putInto(record);
                    channel.write(record.put(payloads.get(i)).flip(), offset);
                }
                offset += header.recordBytes();
            }
            ByteBuffer octets = index.octets();
            ByteBuffer trailer = ByteBuffer.allocate(SegmentTrailer.BYTES);
            new SegmentTrailer(number, stamp, offset, octets.remaining(), Records.checksum(octets)).putInto(trailer);
            offset += channel.write(octets, offset);
            channel.write(trailer.flip(), offset);
        }
    }

    private static DiskMetadata metadata(int number, long length) {
        HeaderFields fields = HeaderFields.of(
                "cache-control", "max-age=31536000",
                "content-type", "video/mp4",
                "date", "Sun, 22 Nov 2026 10:00:00 GMT",
                "etag", "\"" + number + "\"",
                "last-modified", "Sat, 21 Nov 2026 10:00:00 GMT");
        long now = System.currentTimeMillis();
        StoredResponse response = StoredResponse.of(200, fields, Variant.NONE, now, now);
        CacheKey key = new CacheKey("a1105", null, "/films/" + number + "/segment.m4s");
        return DiskMetadata.of(new Metadata(key, response, length, 0, false));
    }
}
