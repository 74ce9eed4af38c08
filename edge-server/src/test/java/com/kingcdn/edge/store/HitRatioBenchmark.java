package com.kingcdn.edge.store;

import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.policy.StoredResponse;
import com.kingcdn.edge.policy.Variant;
import com.kingcdn.http.HeaderFields;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.springframework.util.unit.DataSize;

/**
 * Hit ratios of the memory tier beside those of a plain LRU of the same size, over the same requests: Zipf 0.9; and Zipf 0.9 with a scan
 * of everything running through it.
 *
 * <p>{@code HitRatioBenchmark [objects] [requests]}, 100,000 and 2,000,000 when left out. The cache has room for a tenth of the objects.
 */
final class HitRatioBenchmark {

    private static final double SKEW = 0.9;
    private static final int OBJECT = 1024;

    private HitRatioBenchmark() {}

    public static void main(String[] arguments) {
        int objects = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 100_000;
        int requests = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 2_000_000;
        int room = objects / 10;
        print("Zipf 0.9", requests, () -> zipf(objects), room);
        print("Zipf 0.9 with a scan (every other request)", requests, () -> scan(objects, zipf(objects)), room);
    }

    private static void print(String name, int requests, Supplier<IntSupplier> workload, int room) {
        double lru = ratio(requests, workload.get(), new Lru(room));
        double tier;
        try (Tier cache = new Tier(room)) {
            tier = ratio(requests, workload.get(), cache);
        }
        System.out.printf("%-45s memory tier %.1f %%   LRU %.1f %%%n", name, 100 * tier, 100 * lru);
    }

    /** The share of hits in the second half, when both are warm. */
    static double ratio(int requests, IntSupplier workload, IntPredicate cache) {
        int hits = 0;
        for (int i = 0; i < requests; i++) {
            boolean hit = cache.test(workload.getAsInt());
            hits += hit && i >= requests / 2 ? 1 : 0;
        }
        return hits / (requests - requests / 2.0);
    }

    /** Numbers of objects, of which few are asked for often. */
    static IntSupplier zipf(int objects) {
        double[] sums = new double[objects];
        double sum = 0;
        for (int i = 0; i < objects; i++) {
            sum += 1 / Math.pow(i + 1, SKEW);
            sums[i] = sum;
        }
        double total = sum;
        Random random = new Random(9);
        return () -> {
            int found = Arrays.binarySearch(sums, random.nextDouble() * total);
            return Math.min(objects - 1, found < 0 ? -found - 1 : found);
        };
    }

    /** Between two requests of a workload one of a client that reads everything there is, each object once. */
    static IntSupplier scan(int objects, IntSupplier workload) {
        int[] next = {0, objects};
        return () -> next[0]++ % 2 == 0 ? workload.getAsInt() : next[1]++;
    }

    /** Least recently used goes first. */
    static final class Lru extends LinkedHashMap<Integer, Boolean> implements IntPredicate {

        private static final long serialVersionUID = 1;
        private final int room;

        Lru(int room) {
            super(16, 0.75f, true);
            this.room = room;
        }

        @Override
        public boolean test(int object) {
            boolean hit = get(object) != null;
            put(object, true);
            return hit;
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, Boolean> eldest) {
            return size() > room;
        }
    }

    /** The real tier, with real blocks. */
    static final class Tier implements IntPredicate, AutoCloseable {

        private final CacheStore store;
        private final MemoryTier memory;
        private final Map<Integer, Block> blocks = new HashMap<>();
        private final Map<Integer, CacheEntry> entries = new HashMap<>();

        Tier(int room) {
            store = CacheStore.open(DataSize.ofMegabytes(16), DiskTierSettings.of(null, DataSize.ofMegabytes(16)));
            memory = new MemoryTier((long) room * (OBJECT + MemoryTier.OVERHEAD));
        }

        @Override
        public boolean test(int object) {
            Block present = blocks.get(object);
            if (present != null && present.isResident()) {
                memory.touch(present);
                return true;
            }
            CacheEntry entry = entries.computeIfAbsent(object, this::entry);
            Block block = new Block(entry, 0, memory.allocate(OBJECT), OBJECT);
            block.resident(true);
            memory.admit(block);
            block.release();
            blocks.put(object, block);
            return false;
        }

        private CacheEntry entry(int object) {
            StoredResponse response = StoredResponse.of(200, HeaderFields.EMPTY, Variant.NONE, 0, 0);
            return store.create(new CacheKey("a1105", null, "/" + object), response, OBJECT);
        }

        @Override
        public void close() {
            memory.close();
            store.close();
        }
    }
}
