package com.kingcdn.edge.store;

import com.kingcdn.edge.policy.CacheKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stored responses of which only the disk has the metadata: all that a restart finds, and those that had to leave the heap. Who wants
 * one has its metadata read first. Safe for all threads; none waits for the disk but the tier's own and {@link #compareWith}.
 */
final class ColdEntries {

    private static final Logger LOGGER = LoggerFactory.getLogger(ColdEntries.class);

    private static final int LOCKS = 64;

    /** How many keys are noted that are purged while the disk's index is read. */
    private static final int MOST_NOTED = 1 << 18;

    private static final int CLOSE_WITHIN_SECONDS = 5;

    private final DiskTier disk;
    private final Home home;
    private final Object[] locks = new Object[LOCKS];

    /** Reads under way, by the hash of the key; changed under the key's lock. */
    private final ConcurrentHashMap<Long, Load> loads = new ConcurrentHashMap<>();

    /** Where entries go whose metadata has been read. */
    interface Home {

        /**
         * Takes one up, unless a later response stands in its place. Called under the key's lock.
         *
         * @return what has become superfluous: nothing, or this entry itself, or one that had to go for it
         */
        List<CacheEntry> takeUp(EntryId id, Metadata metadata, boolean pinned);

        /** Takes note of what is about to be taken up: what it says about how queries matter goes for all. */
        void announce(Metadata metadata);

        /** The key under which an exact one is stored. */
        CacheKey canonical(CacheKey exact);

        /** Ends entries that were superfluous. */
        void end(List<CacheEntry> superfluous);
    }

    /** One read of the metadata of a key's entries; the rest is guarded by the key's lock. */
    private static final class Load {
        final List<DiskEntry> entries = new ArrayList<>(2);
        final CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
        boolean removed;
        boolean stale;
    }

    /** What happens to keys as long as what the disk has is not known; null afterwards. */
    private volatile @Nullable LoadNotes notes;

    private record Read(DiskEntry entry, Metadata metadata) {}

    private static final Comparator<Read> LATEST_FIRST =
            Comparator.comparingLong(read -> -read.metadata.response().responseTimeMillis());

    ColdEntries(DiskTier disk, Home home) {
        this.disk = disk;
        this.home = home;
        this.notes = new LoadNotes(MOST_NOTED);
        for (int i = 0; i < LOCKS; i++) {
            locks[i] = new Object();
        }
    }

    // ------------------------------------------------------------------------------------------------- at the start

    /** Whether it is not known yet what the disk has. */
    boolean isLoading() {
        return notes != null;
    }

    /** Whether keys were purged of which it is not known yet what the disk has: that purge does not survive the process. */
    boolean hasOpenPurges() {
        LoadNotes open = notes;
        return open != null && !open.isEmpty();
    }

    /** What the disk had at the start is known. All of it can be found from now on, but for what was purged meanwhile. Reads the disk. */
    void loaded() {
        List<DiskEntry> found = disk.takeFound();
        LoadNotes open = notes;
        if (open == null) {
            throw new IllegalStateException("loaded twice");
        }
        // with them go all others of their keys: which is the latest is seen when they are beside each other
        Set<Long> eagerKeys = new HashSet<>();
        found.stream()
                .filter(entry -> entry.has(DiskEntry.PINNED | DiskEntry.EAGER))
                .forEach(entry -> eagerKeys.add(entry.keyHash()));
        List<Read> eager = new ArrayList<>();
        for (DiskEntry entry : found) {
            if (eagerKeys.contains(entry.keyHash())) {
                readEager(entry, eager);
            }
        }
        eager.forEach(read -> home.announce(read.metadata));
        // after that, since it tells which keys are one; what is purged from now on asks for itself
        open.canonicalize(home::canonical);
        eager.sort(LATEST_FIRST);
        eager.forEach(read -> takeUp(read, open));
        for (DiskEntry entry : found) {
            if (!eagerKeys.contains(entry.keyHash())) {
                publish(entry, open);
            }
        }
        notes = null;
    }

    /** Of a key of which a newer response was stored before all was known: what that replaces finds itself superfluous. */
    void settle(CacheKey key) {
        load(key.digest(), true);
    }

    private void readEager(DiskEntry entry, List<Read> eager) {
        Metadata metadata = decode(disk.metadata(entry));
        if (metadata == null) {
            disk.remove(entry.id());
        } else {
            eager.add(new Read(entry, metadata));
        }
    }

    private void takeUp(Read read, LoadNotes open) {
        DiskEntry entry = read.entry;
        List<CacheEntry> superfluous = List.of();
        synchronized (lock(entry.keyHash())) {
            if (stays(entry, open.verdict(entry.keyHash()))) {
                Metadata metadata = entry.has(DiskEntry.STALE) ? read.metadata.stale() : read.metadata;
                superfluous = home.takeUp(entry.id(), metadata, entry.pinned());
            }
        }
        home.end(superfluous);
    }

    private void publish(DiskEntry entry, LoadNotes open) {
        synchronized (lock(entry.keyHash())) {
            if (stays(entry, open.verdict(entry.keyHash()))) {
                disk.makeCold(entry);
            }
        }
    }

    /** Does to an entry what purges say. Returns whether it is left. */
    private boolean stays(DiskEntry entry, PurgeTable.Verdict verdict) {
        if (verdict == PurgeTable.Verdict.GONE) {
            disk.remove(entry.id());
        } else if (verdict == PurgeTable.Verdict.STALE) {
            disk.markStale(entry);
        }
        return verdict != PurgeTable.Verdict.GONE;
    }

    /** Ends the time in which not all is known; waits, if keys were purged in it, until these purges are on their way to the disk. */
    void close() {
        if (hasOpenPurges()) {
            try {
                disk.loaded().get(CLOSE_WITHIN_SECONDS, TimeUnit.SECONDS);
            } catch (ExecutionException | TimeoutException e) {
                LOGGER.warn(
                        "disk tier: the latest purges are not recorded, since what they are about is still being loaded");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    // -------------------------------------------------------------------------------------------------- all the time

    /** The lock under which entries of a key move between here and the index of those whose metadata is known. */
    Object lock(CacheKey key) {
        return lock(key.digest());
    }

    private Object lock(long keyHash) {
        return locks[(int) (keyHash >>> 1) & (LOCKS - 1)];
    }

    boolean has(CacheKey key) {
        return !isEmpty() && !disk.cold(key.digest()).isEmpty();
    }

    private boolean isEmpty() {
        return disk.coldSize() == 0;
    }

    int size() {
        return disk.coldSize();
    }

    /** Has the metadata of a key's entries read. Returns null when there is nothing to wait for. */
    @Nullable
    CompletableFuture<@Nullable Void> load(CacheKey key) {
        if (isEmpty() && loads.isEmpty()) {
            return null;
        }
        return load(key.digest(), false);
    }

    private @Nullable CompletableFuture<@Nullable Void> load(long hash, boolean surely) {
        Load load;
        synchronized (lock(hash)) {
            Load underWay = loads.isEmpty() ? null : loads.get(hash);
            if (underWay != null) {
                return underWay.done;
            }
            List<DiskEntry> cold = disk.cold(hash);
            if (cold.isEmpty()) {
                return null;
            }
            load = new Load();
            for (DiskEntry entry : cold) {
                // what is still to be written cannot be read yet
                if (entry.metadataLocation() != Location.NONE && disk.takeCold(entry)) {
                    load.entries.add(entry);
                }
            }
            if (load.entries.isEmpty()) {
                return null;
            }
            loads.put(hash, load);
        }
        if (!disk.run(() -> read(hash, load))) {
            if (surely) {
                read(hash, load);
            } else {
                giveBack(hash, load);
            }
        }
        return load.done;
    }

    private void giveBack(long hash, Load load) {
        synchronized (lock(hash)) {
            loads.remove(hash, load);
            load.entries.forEach(load.removed ? entry -> disk.remove(entry.id()) : disk::makeCold);
        }
        load.done.complete(null);
    }

    private void read(long hash, Load load) {
        List<CacheEntry> superfluous = List.of();
        try {
            List<Read> read;
            try {
                read = read(load.entries);
            } catch (OutOfMemoryError e) {
                LOGGER.warn("disk tier: metadata cannot be read: {}", e.toString());
                giveBack(hash, load);
                return;
            }
            synchronized (lock(hash)) {
                superfluous = takeUp(load, read);
                loads.remove(hash, load);
            }
        } finally {
            synchronized (lock(hash)) {
                loads.remove(hash, load);
            }
            load.done.complete(null);
            home.end(superfluous);
        }
    }

    /** The latest first: it is the one that stays if there are two in one place. */
    private List<Read> read(List<DiskEntry> entries) {
        List<Read> read = new ArrayList<>(entries.size());
        for (DiskEntry entry : entries) {
            Metadata metadata = decode(disk.metadata(entry));
            if (metadata == null) {
                disk.remove(entry.id());
            } else {
                read.add(new Read(entry, metadata));
            }
        }
        read.sort(LATEST_FIRST);
        return read;
    }

    private List<CacheEntry> takeUp(Load load, List<Read> read) {
        List<CacheEntry> superfluous = new ArrayList<>();
        for (Read found : read) {
            DiskEntry entry = found.entry;
            if (load.removed || entry.removed()) {
                disk.remove(entry.id());
            } else {
                boolean stale = load.stale || entry.has(DiskEntry.STALE);
                Metadata metadata = stale ? found.metadata.stale() : found.metadata;
                StoreMetrics.ENTRIES_FROM_DISK.inc();
                superfluous.addAll(home.takeUp(entry.id(), metadata, entry.pinned()));
            }
        }
        return superfluous;
    }

    private static @Nullable Metadata decode(byte @Nullable [] octets) {
        return octets == null ? null : MetadataCodec.decode(octets);
    }

    /** Removes all of a key. The caller holds the key's lock. Returns how many there were. */
    int remove(CacheKey key) {
        LoadNotes open = notes;
        if (open != null) {
            open.removed(key);
        }
        long hash = key.digest();
        int removed = 0;
        for (DiskEntry entry : disk.cold(hash)) {
            disk.remove(entry.id());
            removed++;
        }
        Load load = loads.get(hash);
        if (load != null && !load.removed) {
            load.removed = true;
            removed += load.entries.size();
        }
        return removed;
    }

    /** Has all of a key validated before they are used. The caller holds the key's lock. Returns how many there are. */
    int markStale(CacheKey key) {
        LoadNotes open = notes;
        if (open != null) {
            open.markedStale(key);
        }
        long hash = key.digest();
        List<DiskEntry> cold = disk.cold(hash);
        cold.forEach(disk::markStale);
        Load load = loads.get(hash);
        if (load == null || load.removed) {
            return cold.size();
        }
        load.stale = true;
        load.entries.forEach(disk::markStale);
        return cold.size() + load.entries.size();
    }

    /** Compares each with the purges, and does what they say. Reads all metadata; those that somebody wants meanwhile are taken up first. */
    void compareWith(Purges purges) {
        for (DiskEntry entry : disk.allCold()) {
            Metadata metadata = decode(disk.metadata(entry));
            // what cannot be read now may be read when the purges that name it are forgotten
            stays(entry, metadata == null ? PurgeTable.Verdict.GONE : purges.verdict(metadata));
        }
        List.copyOf(loads.values()).forEach(load -> load.done.join());
    }
}
