package com.kingcdn.edge.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.policy.StoredResponse;
import com.kingcdn.edge.policy.Variant;
import com.kingcdn.http.HeaderFields;
import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

/** Shares and floors of distributions. */
@NullMarked
class MemoryTierTest {

    private static final DataSize MEMORY = DataSize.ofMegabytes(20);
    private static final int PIECE = 50_000;

    private final CacheStore store = CacheStore.open(MEMORY, DiskTierSettings.of(null, DataSize.ofMegabytes(16)));

    private CacheEntry add(String distribution, int number) {
        CacheKey key = new CacheKey(distribution, null, "/" + number);
        HeaderFields fields = HeaderFields.of("etag", "\"one\"", "cache-control", "max-age=60");
        CacheEntry entry = store.create(key, StoredResponse.of(200, fields, Variant.NONE, 0, 0), PIECE);
        Admission admission = store.admit(key);
        store.list(entry, admission);
        store.end(admission);
        EntryWriter writer = entry.claimAll(true);
        ByteBuf octets = Unpooled.buffer(PIECE).writerIndex(PIECE);
        writer.write(octets);
        octets.release();
        writer.complete();
        return entry;
    }

    private List<CacheEntry> add(String distribution, int from, int to) {
        List<CacheEntry> added = new ArrayList<>();
        for (int number = from; number < to; number++) {
            added.add(add(distribution, number));
        }
        return added;
    }

    /** Percent of the memory that the entries have. */
    private static long percent(List<CacheEntry> entries) {
        long blocks = entries.stream().filter(entry -> isInMemory(entry)).count();
        return 100 * blocks * PIECE / MEMORY.toBytes();
    }

    private static boolean isInMemory(CacheEntry entry) {
        ByteBuf content = entry.fromMemory(0, PIECE);
        if (content == null) {
            return false;
        }
        content.release();
        return true;
    }

    @Test
    void aShareIsTheMostThatADistributionTakes() {
        store.divide(List.of(new MemoryShare("small", 20, 0)));
        List<CacheEntry> small = add("small", 0, 1000);
        List<CacheEntry> others = add("other", 0, 150);

        assertThat(percent(small)).isBetween(10L, 20L);
        assertThat(percent(others)).as("what others have is not touched").isGreaterThan(30);
        add("small", 1000, 2000);
        assertThat(percent(others)).isGreaterThan(30);
        store.close();
        assertThat(store.memoryBytes()).isZero();
    }

    @Test
    void aFloorIsNotEvictedByOthers() {
        store.divide(List.of(new MemoryShare("kept", 100, 30)));
        List<CacheEntry> kept = add("kept", 0, 200);
        assertThat(percent(kept)).isGreaterThan(40);

        add("other", 0, 3000);
        assertThat(percent(kept)).isBetween(24L, 40L);
        assertThat(store.memoryBytes()).isLessThanOrEqualTo(MEMORY.toBytes());

        store.divide(List.of());
        List<CacheEntry> others = new ArrayList<>();
        for (int round = 0; round < 8; round++) {
            // asked for again and again, as what is useful is
            others = add("other", 0, 380);
        }
        assertThat(percent(kept)).as("without a floor").isLessThan(24);
        assertThat(percent(others)).isGreaterThan(40);
        store.close();
        assertThat(store.memoryBytes()).isZero();
    }

    @Test
    void aRemovalReachesReservesToo() {
        store.divide(List.of(new MemoryShare("kept", 50, 30)));
        List<CacheEntry> kept = add("kept", 0, 50);
        store.remove(PurgeScope.distribution("kept"));
        kept.forEach(entry -> assertThat(store.isCurrent(entry)).isFalse());
        assertThat(store.memoryBytes()).isZero();
        store.close();
    }

    /** What ends one response only, where an error would end the work of its event loop's turn. */
    @Test
    void memoryThatTheProcessDoesNotHaveIsAnException() {
        MemoryTier tier = new MemoryTier(MEMORY.toBytes(), new ExhaustedAllocator());

        assertThatIllegalStateException()
                .isThrownBy(() -> tier.allocate(1000))
                .withMessageContaining("1000")
                .withCauseInstanceOf(OutOfMemoryError.class);
        assertThat(tier.allocatedBytes()).isZero();
        tier.close();
    }

    private static final class ExhaustedAllocator extends AbstractByteBufAllocator {
        @Override
        protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
            throw new OutOfMemoryError("Java heap space");
        }

        @Override
        protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
            throw new OutOfMemoryError("Cannot reserve direct buffer memory");
        }

        @Override
        public boolean isDirectBufferPooled() {
            return false;
        }
    }
}
