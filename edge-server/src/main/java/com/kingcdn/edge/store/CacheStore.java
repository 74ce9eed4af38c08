package com.kingcdn.edge.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.edge.policy.StoredResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/** All stored responses of this edge, by key: memory over disk. Any method may be called from any thread. */
public final class CacheStore implements AutoCloseable {

    /** How many variants of one key are kept: origins that vary on too much shall not fill the store. */
    private static final int MOST_VARIANTS = 64;

    /** The share of the memory that metadata may take. */
    private static final int METADATA_DIVISOR = 2;

    private static final CacheEntry[] NO_ENTRIES = new CacheEntry[0];

    /** Variants by key, the latest first; arrays are replaced, never changed. */
    private final ConcurrentHashMap<CacheKey, CacheEntry[]> index = new ConcurrentHashMap<>();

    /** All entries of the index. Their metadata is on the heap, for those on disk too, so the least useful ones go when it is too much. */
    private final Cache<EntryId, CacheEntry> byId;

    private final Set<Admission> admissions = ConcurrentHashMap.newKeySet();
    private final Set<CacheKey> pinned = ConcurrentHashMap.newKeySet();

    /** Entries that have lost blocks and may be of no use any more. */
    private final Queue<CacheEntry> lossy = new ConcurrentLinkedQueue<>();

    /** Entries whose metadata does not fit. */
    private final Queue<CacheEntry> crowdedOut = new ConcurrentLinkedQueue<>();

    private final MemoryTier memory;
    private final DiskTier disk;

    private CacheStore(DataSize memory, DiskTierSettings disk) {
        this.memory = new MemoryTier(memory.toBytes());
        this.byId = Caffeine.newBuilder()
                .maximumWeight(memory.toBytes() / METADATA_DIVISOR)
                .weigher((EntryId id, CacheEntry entry) -> pinned.contains(entry.key()) ? 0 : entry.weight())
                .executor(Runnable::run)
                .removalListener(this::metadataRemoved)
                .build();
        this.disk = DiskTier.open(disk, new DiskNews());
    }

    /**
     * Opens the store, and reads back what the disk holds.
     *
     * @param memory what blocks in memory may take
     * @throws IllegalStateException when another process uses the directory
     */
    public static CacheStore open(DataSize memory, DiskTierSettings disk) {
        CacheStore store = new CacheStore(memory, disk);
        store.disk.forEachEntry(store::restore);
        StoreMetrics.observe(store);
        return store;
    }

    private void restore(EntryId id, byte[] encoded, int[] blocks, boolean pin) {
        Metadata metadata = MetadataCodec.decode(encoded);
        if (metadata == null) {
            disk.remove(id);
            return;
        }
        if (pin) {
            pinned.add(metadata.key());
        }
        CacheEntry entry = new CacheEntry(id, metadata, this);
        entry.restored();
        replace(entry).forEach(this::end);
        sweep();
    }

    /** Only notes it, since this runs in the midst of an eviction. */
    private void metadataRemoved(@Nullable EntryId id, @Nullable CacheEntry entry, RemovalCause cause) {
        if (entry != null && cause != RemovalCause.REPLACED) {
            memory.metadata(-entry.weight());
            if (cause.wasEvicted()) {
                crowdedOut.add(entry);
            }
        }
    }

    // -------------------------------------------------------------------------------------------------- requests

    /** The entry that a request selects among those of its key, or null. */
    public @Nullable CacheEntry find(CacheKey key, CacheRequest request) {
        CacheEntry[] variants = index.get(key);
        if (variants == null) {
            return null;
        }
        CacheEntry selected;
        if (variants.length == 1) {
            selected = variants[0].response().answers(request) ? variants[0] : null;
        } else {
            selected = StoredResponse.select(Arrays.asList(variants), CacheEntry::response, request);
        }
        // notes the use of the metadata
        return selected == null || byId.getIfPresent(selected.id()) == null ? null : selected;
    }

    /** Whether anything is stored for the key. */
    public boolean contains(CacheKey key) {
        return index.containsKey(key);
    }

    /** To be had before a request is sent whose response may be stored, and {@link #end(Admission) ended} when its head is known. */
    public Admission admit(CacheKey key) {
        Admission admission = new Admission(key);
        admissions.add(admission);
        return admission;
    }

    public void end(Admission admission) {
        admissions.remove(admission);
    }

    /** Whether there is memory for one more response. */
    public boolean hasRoom() {
        return memory.hasRoom();
    }

    /**
     * A new entry, which is gone with its last reader unless it is {@link #list listed}.
     *
     * @param length of the whole content, or {@link CacheEntry#UNKNOWN_LENGTH}; at most {@link Blocks#MAX_LENGTH}
     */
    public CacheEntry create(CacheKey key, StoredResponse response, long length) {
        return new CacheEntry(EntryId.next(), new Metadata(key, response, length, false), this);
    }

    /**
     * Has requests find a new entry, in place of those that they found before.
     *
     * @return false when its key was purged since the admission
     */
    public boolean list(CacheEntry entry, Admission admission) {
        List<CacheEntry> replaced = new ArrayList<>(1);
        boolean done = admission.whileValid(() -> replaced.addAll(replace(entry)));
        if (done) {
            entry.listed();
            if (pinned.contains(entry.key())) {
                disk.pin(entry.id());
            }
        }
        replaced.forEach(this::end);
        sweep();
        return done;
    }

    /** Puts an entry in the index. Returns those that it makes superfluous. */
    private List<CacheEntry> replace(CacheEntry entry) {
        List<CacheEntry> superfluous = new ArrayList<>(1);
        memory.metadata(entry.weight());
        byId.put(entry.id(), entry);
        index.compute(entry.key(), (key, present) -> {
            List<CacheEntry> kept = new ArrayList<>(2);
            kept.add(entry);
            for (CacheEntry other : present == null ? NO_ENTRIES : present) {
                boolean same =
                        other.response().variant().equals(entry.response().variant());
                (same || kept.size() == MOST_VARIANTS ? superfluous : kept).add(other);
            }
            return kept.toArray(NO_ENTRIES);
        });
        return superfluous;
    }

    /** Gives up an entry that has turned out to be of no use; its present readers may go on. */
    public void discard(CacheEntry entry) {
        index.computeIfPresent(entry.key(), (key, present) -> {
            List<CacheEntry> kept = new ArrayList<>(Arrays.asList(present));
            kept.remove(entry);
            return kept.isEmpty() ? null : kept.toArray(NO_ENTRIES);
        });
        end(entry);
    }

    private void end(CacheEntry entry) {
        byId.invalidate(entry.id());
        entry.discarded();
    }

    // ---------------------------------------------------------------------------------------------------- purges

    /** Forgets all variants of a key, and whatever is on its way from upstream for it (hard purge). @return how many entries went */
    public int remove(CacheKey key) {
        revokeAdmissions(key);
        CacheEntry[] removed = index.remove(key);
        if (removed == null) {
            return 0;
        }
        for (CacheEntry entry : removed) {
            end(entry);
        }
        return removed.length;
    }

    /**
     * Has all variants of a key validated before they are used again, and forgets what is on its way (soft purge, RFC 9111 section
     * 4.4). @return how many entries
     */
    public int markStale(CacheKey key) {
        revokeAdmissions(key);
        CacheEntry[] variants = index.getOrDefault(key, NO_ENTRIES);
        for (CacheEntry entry : variants) {
            entry.markStale();
        }
        return variants.length;
    }

    private void revokeAdmissions(CacheKey key) {
        for (Admission admission : admissions) {
            if (admission.key().equals(key)) {
                admission.revoke();
            }
        }
    }

    /** Completes when all removals and marks so far would survive a crash; exceptionally if the disk failed. */
    public CompletionStage<@Nullable Void> sync() {
        return disk.sync();
    }

    /**
     * Keeps all variants of a key from eviction from disk, also those that replace them later.
     *
     * @return false when nothing is stored, or the disk has no room for more of them
     */
    public boolean pin(CacheKey key) {
        CacheEntry[] variants = index.getOrDefault(key, NO_ENTRIES);
        boolean all = variants.length > 0;
        for (CacheEntry entry : variants) {
            all &= disk.pin(entry.id());
        }
        if (all) {
            pinned.add(key);
            weighAgain(variants);
        }
        return all;
    }

    public void unpin(CacheKey key) {
        pinned.remove(key);
        CacheEntry[] variants = index.getOrDefault(key, NO_ENTRIES);
        for (CacheEntry entry : variants) {
            disk.unpin(entry.id());
        }
        weighAgain(variants);
    }

    /** Since the metadata of what is pinned is not evicted. */
    private void weighAgain(CacheEntry[] variants) {
        for (CacheEntry entry : variants) {
            byId.asMap().computeIfPresent(entry.id(), (id, present) -> present);
        }
    }

    // ----------------------------------------------------------------------------------------------------- tiers

    MemoryTier memory() {
        return memory;
    }

    DiskTier disk() {
        return disk;
    }

    /** Notes that an entry has lost a block; acted upon by {@link #sweep}, since this may be called in the midst of an eviction. */
    void noteLoss(CacheEntry entry) {
        if (!entry.isDiscarded()) {
            lossy.add(entry);
        }
    }

    /** Gives up entries that do not fit, or of which too much was lost. Not to be called while holding an entry's lock. */
    void sweep() {
        for (CacheEntry entry = crowdedOut.poll(); entry != null; entry = crowdedOut.poll()) {
            discard(entry);
        }
        for (CacheEntry entry = lossy.poll(); entry != null; entry = lossy.poll()) {
            if (!entry.isDiscarded() && entry.isHollow()) {
                discard(entry);
            }
        }
    }

    /** How many entries requests can find. */
    public int size() {
        return (int) byId.estimatedSize();
    }

    /** About how many octets of heap the entries' metadata takes, which counts into the memory too. */
    public long metadataBytes() {
        return memory.metadataBytes();
    }

    /** Octets of content in memory: cached, being filled, or being sent. */
    public long memoryBytes() {
        return memory.allocatedBytes();
    }

    /** Writes what waits to be written, and frees all memory that nobody reads. */
    @Override
    public void close() {
        disk.close();
        memory.close();
    }

    private final class DiskNews implements DiskTierListener {

        @Override
        public void evicted(EntryId id, int[] blocks, boolean whole) {
            CacheEntry entry = byId.getIfPresent(id);
            if (entry != null) {
                entry.evictedFromDisk(whole);
                sweep();
            }
        }

        @Override
        public boolean recentlyUsed(EntryId id) {
            CacheEntry entry = byId.getIfPresent(id);
            return entry != null && entry.takeUsed();
        }
    }
}
