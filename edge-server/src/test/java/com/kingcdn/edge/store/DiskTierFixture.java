package com.kingcdn.edge.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/** A disk tier in a directory of the test, with what it said to its listener; content is a function of entry and block. */
final class DiskTierFixture implements AutoCloseable, DiskTierListener {

    static final DataSize CAPACITY = DataSize.ofMegabytes(16);

    final Path directory;
    final Set<EntryId> hot = ConcurrentHashMap.newKeySet();
    final Set<BlockName> evictedBlocks = ConcurrentHashMap.newKeySet();
    final Set<EntryId> gone = ConcurrentHashMap.newKeySet();
    SegmentFiles.ChannelOpener opener = FileChannel::open;
    Duration retryAfter = Duration.ofMillis(20);
    DataSize capacity = CAPACITY;
    DiskTier tier;

    DiskTierFixture(Path directory) {
        this(directory, FileChannel::open);
    }

    DiskTierFixture(Path directory, SegmentFiles.ChannelOpener opener) {
        this.directory = directory;
        this.opener = opener;
        this.tier = open();
    }

    /** One that is still loading, maybe. */
    DiskTierFixture(Path directory, SegmentFiles.ChannelOpener opener, DataSize capacity) {
        this.directory = directory;
        this.opener = opener;
        this.capacity = capacity;
        this.tier = start();
    }

    record Found(String metadata, List<Integer> blocks, boolean pinned) {}

    private DiskTier open() {
        DiskTier opened = start();
        opened.loaded().join();
        return opened;
    }

    /** A tier that is still loading, maybe. */
    DiskTier start() {
        DiskTier started = DiskTier.open(
                new DiskTierSettings(directory, capacity, DataSize.ofMegabytes(8), 2, retryAfter), this, opener);
        tier = started;
        started.start();
        return started;
    }

    @Override
    public void loaded() {
        tier.takeFound().forEach(tier::makeCold);
    }

    record BlockName(EntryId id, int block) {}

    @Override
    public void evicted(EntryId entry, int[] blocks, boolean whole) {
        for (int block : blocks) {
            evictedBlocks.add(new BlockName(entry, block));
        }
        if (whole) {
            gone.add(entry);
        }
    }

    @Override
    public boolean recentlyUsed(EntryId entry) {
        return hot.contains(entry);
    }

    void reopen() {
        tier.close();
        tier = open();
    }

    /** What a block of an entry holds, of a length that depends on both. */
    static byte[] content(EntryId id, int block) {
        Random random = new Random((id.low() * 1_000_003 + block) * 0x9E3779B97F4A7C15L);
        byte[] octets = new byte[random.nextInt(4) == 0 ? Blocks.SIZE : random.nextInt(Blocks.SIZE)];
        random.nextBytes(octets);
        return octets;
    }

    boolean offer(EntryId id, int block) {
        return offer(id, block, content(id, block));
    }

    boolean offer(EntryId id, int block, byte[] octets) {
        ByteBuf data = Unpooled.wrappedBuffer(octets);
        try {
            return tier.offerBlock(id, block, data);
        } finally {
            data.release();
        }
    }

    static DiskMetadata encoded(byte[] metadata) {
        return new DiskMetadata(7, 0, 0, metadata);
    }

    boolean create(EntryId id, byte[] metadata) {
        return tier.create(id, encoded(metadata));
    }

    boolean update(EntryId id, byte[] metadata) {
        return tier.update(id, encoded(metadata));
    }

    EntryId store(int blocks) {
        EntryId id = EntryId.next();
        assertThat(create(id, metadata(id, 0))).isTrue();
        for (int block = 0; block < blocks; block++) {
            assertThat(offer(id, block)).isTrue();
        }
        sync();
        return id;
    }

    static byte[] metadata(EntryId id, int version) {
        return ByteBuffer.allocate(24)
                .putLong(id.high())
                .putLong(id.low())
                .putLong(version)
                .array();
    }

    void sync() {
        try {
            tier.sync().toCompletableFuture().get(20, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    byte @Nullable [] read(EntryId id, int block) {
        try {
            ByteBuf data = tier.readBlock(id, block).toCompletableFuture().get(20, TimeUnit.SECONDS);
            if (data == null) {
                return null;
            }
            byte[] octets = ByteBufUtil.getBytes(data);
            data.release();
            return octets;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** Asserts that a block is whole. */
    void assertHit(EntryId id, int block) {
        assertThat(Arrays.equals(read(id, block), content(id, block)))
                .as("block %d of %s", block, id)
                .isTrue();
    }

    Map<EntryId, Found> found() {
        Map<EntryId, Found> found = new HashMap<>();
        tier.forEachEntry((entry, metadata) -> {
            List<Integer> numbers = Arrays.stream(entry.blocks()).boxed().toList();
            assertThat(found.put(entry.id(), new Found(HexFormat.of().formatHex(metadata), numbers, entry.pinned())))
                    .isNull();
        });
        return found;
    }

    Found found(EntryId id) {
        return Objects.requireNonNull(found().get(id), () -> id + " is not on disk");
    }

    /** Metadata in the form of {@link Found}. */
    static String text(EntryId id, int version) {
        return HexFormat.of().formatHex(metadata(id, version));
    }

    List<Path> segments() {
        try (Stream<Path> files = Files.list(directory)) {
            return new ArrayList<>(files.filter(file -> file.toString().endsWith(".segment"))
                    .sorted()
                    .toList());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    long bytesOnDisk() {
        return segments().stream().mapToLong(file -> file.toFile().length()).sum();
    }

    @Override
    public void close() {
        tier.close();
    }
}
