package com.kingcdn.edge.store;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.springframework.util.FileSystemUtils;
import org.springframework.util.unit.DataSize;

/** Reads and writes of whole blocks, and the opening of a directory with a million of small ones. */
@Fork(1)
public class DiskTierBenchmark {

    private static final int READABLE_BLOCKS = 512;

    /** A tier with something to read. */
    @State(Scope.Benchmark)
    @SuppressWarnings("NullAway.Init") // by @Setup
    public static class Filled {
        private final EntryId id = EntryId.next();
        private final ByteBuf block = Unpooled.directBuffer(Blocks.SIZE).writeZero(Blocks.SIZE);
        private Path directory;
        private DiskTierFixture disk;

        @Setup
        public void fill() throws IOException {
            directory = Files.createTempDirectory("disk-benchmark");
            disk = new DiskTierFixture(directory);
            disk.capacity = DataSize.ofGigabytes(1);
            disk.reopen();
            disk.create(id, new byte[500]);
            for (int i = 0; i < READABLE_BLOCKS; i++) {
                disk.tier.offerBlock(id, i, block);
                if (i % 16 == 0) {
                    disk.sync();
                }
            }
            disk.sync();
        }

        @TearDown
        public void delete() throws IOException {
            disk.close();
            block.release();
            FileSystemUtils.deleteRecursively(directory);
        }
    }

    /** One block of 256 KiB, from the page cache, checksum included. */
    @Benchmark
    @BenchmarkMode(Mode.Throughput)
    @OutputTimeUnit(TimeUnit.SECONDS)
    @Warmup(iterations = 2, time = 2)
    @Measurement(iterations = 3, time = 3)
    public void readBlock(Filled filled) throws Exception {
        int block = ThreadLocalRandom.current().nextInt(READABLE_BLOCKS);
        ByteBuf data = filled.disk
                .tier
                .readBlock(filled.id, block)
                .toCompletableFuture()
                .get();
        if (data == null) {
            throw new IllegalStateException("a miss");
        }
        data.release();
    }

    /** Sixteen blocks of 256 KiB in a new entry, to stable storage; evicts as it goes. */
    @Benchmark
    @BenchmarkMode(Mode.Throughput)
    @OutputTimeUnit(TimeUnit.SECONDS)
    @Warmup(iterations = 2, time = 2)
    @Measurement(iterations = 3, time = 3)
    public void writeFourMebibytes(Filled filled) {
        EntryId id = EntryId.next();
        filled.disk.create(id, new byte[500]);
        for (int i = 0; i < 16; i++) {
            filled.disk.tier.offerBlock(id, i, filled.block);
        }
        filled.disk.sync();
    }

    /** A directory with 250,000 entries of four blocks each. */
    @State(Scope.Benchmark)
    @SuppressWarnings("NullAway.Init") // by @Setup
    public static class Million {
        private Path directory;
        private DiskTierFixture disk;

        @Setup
        public void fill() throws IOException {
            directory = Files.createTempDirectory("disk-benchmark");
            disk = new DiskTierFixture(directory);
            disk.capacity = DataSize.ofGigabytes(8);
            disk.reopen();
            ByteBuf small = Unpooled.wrappedBuffer(new byte[100]);
            for (int entry = 0; entry < 250_000; entry++) {
                EntryId id = EntryId.next();
                disk.create(id, new byte[300]);
                for (int block = 0; block < 4; block++) {
                    disk.tier.offerBlock(id, block, small);
                }
                if (entry % 1000 == 0) {
                    disk.sync();
                }
            }
            disk.sync();
            disk.tier.close();
        }

        @Setup(Level.Invocation)
        public void closed() {
            disk.tier.close();
        }

        @TearDown
        public void delete() throws IOException {
            disk.close();
            FileSystemUtils.deleteRecursively(directory);
        }
    }

    /** Opening, and reading all metadata. */
    @Benchmark
    @BenchmarkMode(Mode.SingleShotTime)
    @OutputTimeUnit(TimeUnit.MILLISECONDS)
    @Warmup(iterations = 1)
    @Measurement(iterations = 3)
    public int openAMillionBlocks(Million million) {
        million.disk.reopen();
        int[] blocks = {0};
        million.disk.tier.forEachEntry((entry, metadata) -> blocks[0] += entry.blocks().length);
        if (blocks[0] != 1_000_000) {
            throw new IllegalStateException(blocks[0] + " blocks");
        }
        return blocks[0];
    }
}
