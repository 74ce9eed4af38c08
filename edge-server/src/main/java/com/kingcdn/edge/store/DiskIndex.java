package com.kingcdn.edge.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Every entry on disk, and those being written; and by the hash of its key each <em>cold</em> one, whose metadata nobody has read since it
 * left the heap. Safe for use by several threads.
 */
final class DiskIndex {

    /** Tables, each with a lock of its own. */
    private static final int SHARDS = 64;

    /** Octets of heap that an entry of one block takes, as a class histogram shows it, with its share of the tables. */
    private static final int ENTRY_BYTES = 104;

    /** The share of the heap for all of them. */
    private static final double SHARE_OF_HEAP = 0.35;

    private final List<EntryChains> byId = shards(ById::new);
    private final List<EntryChains> cold = shards(ByKey::new);

    /** How many are cold: asked for by each request that finds nothing in memory. */
    private final AtomicInteger coldCount = new AtomicInteger();

    private final Set<DiskEntry> pinned = ConcurrentHashMap.newKeySet();

    private static final class ById extends EntryChains {
        @Override
        long hash(DiskEntry entry) {
            return entry.idHash();
        }

        @Override
        @Nullable
        DiskEntry next(DiskEntry entry) {
            return entry.nextById;
        }

        @Override
        void setNext(DiskEntry entry, @Nullable DiskEntry next) {
            entry.nextById = next;
        }
    }

    private static final class ByKey extends EntryChains {
        @Override
        long hash(DiskEntry entry) {
            return entry.keyHash();
        }

        @Override
        @Nullable
        DiskEntry next(DiskEntry entry) {
            return entry.nextByKey;
        }

        @Override
        void setNext(DiskEntry entry, @Nullable DiskEntry next) {
            entry.nextByKey = next;
        }
    }

    private static List<EntryChains> shards(Supplier<EntryChains> table) {
        List<EntryChains> tables = new ArrayList<>(SHARDS);
        for (int i = 0; i < SHARDS; i++) {
            tables.add(table.get());
        }
        return tables;
    }

    /** How many entries fit in a heap of so many octets. */
    static long mostEntries(long heap) {
        return (long) (heap * SHARE_OF_HEAP) / ENTRY_BYTES;
    }

    /** Numbers that are close or alike in some bits fall far apart; the upper bits choose the shard, the lower ones the chain. */
    static int spread(long hash) {
        long mixed = hash * 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ mixed >>> 32) * 0xD6E8FEB86659FD93L;
        return (int) (mixed >>> 32);
    }

    private static EntryChains shard(List<EntryChains> tables, long hash) {
        return tables.get(spread(hash) >>> 26);
    }

    @Nullable
    DiskEntry get(EntryId id) {
        EntryChains table = shard(byId, DiskEntry.idHash(id));
        synchronized (table) {
            return find(table, id);
        }
    }

    private static @Nullable DiskEntry find(EntryChains table, EntryId id) {
        DiskEntry entry = table.chain(DiskEntry.idHash(id));
        while (entry != null && !entry.is(id)) {
            entry = entry.nextById;
        }
        return entry;
    }

    /** The entry of that name, made if need be. */
    DiskEntry obtain(EntryId id) {
        EntryChains table = shard(byId, DiskEntry.idHash(id));
        synchronized (table) {
            DiskEntry entry = find(table, id);
            if (entry == null) {
                entry = new DiskEntry(id);
                table.add(entry);
            }
            return entry;
        }
    }

    /** A new entry, or null if there is one of that name already. */
    @Nullable
    DiskEntry add(EntryId id) {
        EntryChains table = shard(byId, DiskEntry.idHash(id));
        synchronized (table) {
            if (find(table, id) != null) {
                return null;
            }
            DiskEntry entry = new DiskEntry(id);
            table.add(entry);
            return entry;
        }
    }

    /**
     * Takes an entry out.
     *
     * @return whether it was there
     */
    boolean remove(DiskEntry entry) {
        if (entry.pinned()) {
            pinned.remove(entry);
        }
        takeCold(entry);
        EntryChains table = shard(byId, entry.idHash());
        synchronized (table) {
            return table.remove(entry);
        }
    }

    /** Has an entry be found by the hash of its key. */
    void makeCold(DiskEntry entry) {
        EntryChains table = shard(cold, entry.keyHash());
        synchronized (table) {
            if (!entry.cold && !entry.removed()) {
                entry.cold = true;
                table.add(entry);
                coldCount.incrementAndGet();
            }
        }
    }

    /** Has an entry no longer be found by the hash of its key. Returns whether it was, which is told to one caller only. */
    boolean takeCold(DiskEntry entry) {
        EntryChains table = shard(cold, entry.keyHash());
        synchronized (table) {
            boolean was = entry.cold;
            if (was) {
                entry.cold = false;
                table.remove(entry);
                coldCount.decrementAndGet();
            }
            return was;
        }
    }

    /** Cold entries whose keys have this hash. */
    List<DiskEntry> cold(long keyHash) {
        EntryChains table = shard(cold, keyHash);
        List<DiskEntry> found = List.of();
        synchronized (table) {
            for (DiskEntry entry = table.chain(keyHash); entry != null; entry = entry.nextByKey) {
                if (entry.keyHash() == keyHash) {
                    found = found.isEmpty() ? new ArrayList<>(2) : found;
                    found.add(entry);
                }
            }
        }
        return found;
    }

    boolean hasCold(long keyHash) {
        return !cold(keyHash).isEmpty();
    }

    int coldSize() {
        return coldCount.get();
    }

    /** All cold entries. */
    List<DiskEntry> allCold() {
        return all(cold);
    }

    void setPinned(DiskEntry entry, boolean value) {
        entry.setPinned(value);
        if (value) {
            pinned.add(entry);
        } else {
            pinned.remove(entry);
        }
    }

    long pinnedBytes() {
        return pinned.stream().mapToLong(DiskEntry::recordBytes).sum();
    }

    List<DiskEntry> all() {
        return all(byId);
    }

    private static List<DiskEntry> all(List<EntryChains> tables) {
        List<DiskEntry> all = new ArrayList<>(size(tables));
        for (EntryChains table : tables) {
            synchronized (table) {
                all.addAll(table.all());
            }
        }
        return all;
    }

    void clear() {
        all().forEach(this::remove);
    }

    int size() {
        return size(byId);
    }

    private static int size(List<EntryChains> tables) {
        int size = 0;
        for (EntryChains table : tables) {
            synchronized (table) {
                size += table.size();
            }
        }
        return size;
    }
}
