package com.kingcdn.edge.store;

import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.edge.policy.StoredResponse;
import io.netty.buffer.ByteBuf;
import java.nio.channels.FileChannel;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/** All stored responses of this edge, by key: memory over disk. Any method may be called from any thread. */
public final class CacheStore implements AutoCloseable {

    private final EntryIndex index = new EntryIndex();
    private final QueryVariances variances = new QueryVariances();

    /** All entries of the index. */
    private final HeapEntries heap;

    private final MemoryTier memory;
    private final DiskTier disk;
    private final Purges purges;
    private final Admissions admissions;
    private final ColdEntries cold;
    private final HeapEvictions evictions;
    private final Pins pins;
    private final KeyPurges keyPurges;
    private final PurgeUpkeep upkeep;

    private CacheStore(DataSize memory, DiskTierSettings disk, SegmentFiles.ChannelOpener opener, int mostPurgeScopes) {
        this.memory = new MemoryTier(memory.toBytes());
        this.disk = DiskTier.open(disk, new DiskNews(), opener);
        this.pins = new Pins(index, this.disk);
        this.heap = new HeapEntries(this.memory, pins::contains);
        // after the tier, which has made sure that the directory is of this process alone
        this.purges = Purges.open(disk.directory(), opener, mostPurgeScopes);
        this.admissions = new Admissions(purges);
        this.cold = new ColdEntries(this.disk, new FromDisk());
        this.evictions = new HeapEvictions(this, index, heap, cold);
        this.keyPurges = new KeyPurges(index, cold, variances, admissions, this::end);
        this.upkeep = new PurgeUpkeep(purges, new Present());
    }

    /**
     * Opens the store. What the disk holds is read in the background: it can be found when that is {@link #loaded}.
     *
     * @param memory what blocks in memory may take
     * @throws IllegalStateException when another process uses the directory
     */
    public static CacheStore open(DataSize memory, DiskTierSettings disk) {
        return open(memory, disk, FileChannel::open, Purges.MOST_SCOPES);
    }

    static CacheStore open(
            DataSize memory, DiskTierSettings disk, SegmentFiles.ChannelOpener opener, int mostPurgeScopes) {
        CacheStore store = new CacheStore(memory, disk, opener, mostPurgeScopes);
        StoreMetrics.observe(store);
        store.disk.start();
        return store;
    }

    /** Completes, on a thread of the disk tier, when all that was stored before can be found; exceptionally when this is closed before. */
    public CompletionStage<@Nullable Void> loaded() {
        return disk.loaded();
    }

    // -------------------------------------------------------------------------------------------------- requests

    /**
     * Has the metadata of a key's entries read, if only the disk has it. Returns null when there is nothing to wait for.
     *
     * @return a stage that does not fail
     */
    public @Nullable CompletionStage<@Nullable Void> load(CacheKey key) {
        return cold.load(key);
    }

    /** The entry that a request selects among those of its key, or null; not before what is on disk of it was {@link #load loaded}. */
    public @Nullable CacheEntry find(CacheKey key, CacheRequest request) {
        CacheEntry selected = index.find(key, request);
        while (selected != null && !isCurrent(selected)) {
            // whoever gave it up while it was being listed has not found it in the index
            discard(selected);
            selected = index.find(key, request);
        }
        // notes the use of the metadata
        return selected == null || heap.get(selected.id()) == null ? null : selected;
    }

    /** Whether an entry may be used: it was not purged. What was purged with many others is found out here, and goes. */
    public boolean isCurrent(CacheEntry entry) {
        if (!entry.isComparedUpTo(purges.generation()) && !entry.compareWith(purges)) {
            StoreMetrics.PURGED_WHEN_FOUND.inc();
            discard(entry);
            return false;
        }
        return !entry.isDiscarded();
    }

    /**
     * The key under which a target is stored: that of all targets which mean the same by the No-Vary-Search of the path's last response,
     * or the given one.
     */
    public CacheKey canonical(CacheKey exact) {
        return variances.canonical(exact);
    }

    /** Takes note of what a response says about its query. */
    public void learn(CacheKey exact, StoredResponse response) {
        variances.learn(exact, response.noVarySearch());
    }

    /** Whether anything is stored for the key. */
    public boolean contains(CacheKey key) {
        return index.contains(key) || cold.has(key);
    }

    /** To be had before a request is sent whose response may be stored, and {@link #end(Admission) ended} when its head is known. */
    public Admission admit(CacheKey key) {
        return admissions.begin(key);
    }

    /** Another one for the same request, whose own effects have revoked its first: what was purged since it was sent stays purged. */
    public Admission renew(Admission revoked) {
        return admissions.renew(revoked);
    }

    public void end(Admission admission) {
        admissions.end(admission);
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
        return new CacheEntry(
                EntryId.next(), new Metadata(key.shared(), response, length, purges.generation(), false), this);
    }

    /**
     * A new entry with all of its content, kept as if readers were about to come until {@link CacheEntry#expectNoMore}.
     *
     * @param content of one block at most; the reference stays the caller's
     */
    public CacheEntry create(CacheKey key, StoredResponse response, ByteBuf content) {
        CacheEntry entry = create(key, response, content.readableBytes());
        entry.expectReaders();
        entry.blocks().bring(content);
        return entry;
    }

    /**
     * Has requests find a new entry, in place of those that they found before.
     *
     * @return false when it was purged since the admission
     */
    public boolean list(CacheEntry entry, Admission admission) {
        entry.broughtAt(admission.generation());
        if (!isCurrent(entry)) {
            return false;
        }
        List<CacheEntry> replaced = admission.ifValid(() -> replace(entry));
        if (replaced != null) {
            entry.listed();
            pins.listed(entry);
            replaced.forEach(this::end);
        }
        // one that has left the heap since the request came: it finds itself superfluous
        cold.load(entry.key());
        evictions.sweep();
        return replaced != null;
    }

    /** Puts an entry in the index. Returns those that it makes superfluous. */
    private List<CacheEntry> replace(CacheEntry entry) {
        heap.add(entry);
        return index.put(entry);
    }

    /** Gives up an entry that has turned out to be of no use; its present readers may go on. */
    public void discard(CacheEntry entry) {
        index.remove(entry);
        end(entry);
    }

    /** Ends an entry that requests find no more, in the index. */
    void end(CacheEntry entry) {
        heap.remove(entry);
        entry.discarded();
    }

    // ---------------------------------------------------------------------------------------------------- purges

    /** Forgets all variants of a key, and whatever is on its way from upstream for it (hard purge). @return how many entries went */
    public int remove(CacheKey exact) {
        return keyPurges.remove(exact);
    }

    /**
     * Has all variants of a key validated before they are used again, and forgets what is on its way (soft purge, RFC 9111 section
     * 4.4). @return how many entries
     */
    public int markStale(CacheKey exact) {
        return keyPurges.markStale(exact);
    }

    /** Forgets all entries of a scope, and what is on its way for it: at once, however many there are (hard purge). */
    public void remove(PurgeScope scope) {
        purge(scope, false);
    }

    /** Has all entries of a scope validated before they are used again: at once, however many there are (soft purge). */
    public void markStale(PurgeScope scope) {
        purge(scope, true);
    }

    private void purge(PurgeScope scope, boolean soft) {
        purges.purge(scope, soft);
        upkeep.purged();
    }

    /** Completes when all removals and marks so far would survive a crash; exceptionally if the disk failed. */
    public CompletionStage<@Nullable Void> sync() {
        return cold.hasOpenPurges() ? disk.loaded().thenCompose(nothing -> upkeep.sync()) : upkeep.sync();
    }

    /** Keeps all variants of a key from eviction from disk, also those that replace them later. All of them, or none. */
    public PinOutcome pin(CacheKey exact) {
        CacheKey key = canonical(exact);
        PinOutcome outcome = pins.pin(key);
        heap.weighAgain(index.variants(key));
        StoreMetrics.pinned(outcome);
        return outcome;
    }

    public void unpin(CacheKey exact) {
        CacheKey key = canonical(exact);
        pins.unpin(key);
        heap.weighAgain(index.variants(key));
    }

    // ----------------------------------------------------------------------------------------------------- tiers

    MemoryTier memory() {
        return memory;
    }

    DiskTier disk() {
        return disk;
    }

    /** An entry's metadata has become larger, or smaller. */
    void weighAgain(CacheEntry entry) {
        heap.weighAgain(entry);
    }

    /** What leaves the heap. */
    HeapEvictions evictions() {
        return evictions;
    }

    /** Gives distributions their shares and floors of the memory from now on. */
    public void divide(Collection<MemoryShare> shares) {
        memory.divide(shares);
    }

    /** How many scopes the latest purges are known of. */
    public int purgeScopes() {
        return purges.size();
    }

    /** How many entries requests can find. */
    public int size() {
        return (int) heap.size() + cold.size();
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
        cold.close();
        upkeep.close();
        disk.close();
        memory.close();
    }

    private final class Present implements PurgeUpkeep.Entries {

        @Override
        public long oldestGeneration() {
            return admissions.oldestGeneration();
        }

        @Override
        public boolean areKnown() {
            return !cold.isLoading();
        }

        @Override
        public void compareAll() {
            cold.compareWith(purges);
            heap.all().forEach(CacheStore.this::isCurrent);
            evictions.sweep();
        }

        @Override
        public CompletionStage<@Nullable Void> sync() {
            return disk.sync();
        }
    }

    private final class FromDisk implements ColdEntries.Home {

        @Override
        public List<CacheEntry> takeUp(EntryId id, Metadata metadata, boolean pin) {
            if (pin) {
                pins.found(metadata.key());
            }
            CacheEntry entry = new CacheEntry(id, metadata, CacheStore.this);
            entry.restored();
            if (metadata.response().noVarySearch() != null) {
                announce(metadata);
            }
            heap.add(entry);
            return index.putBehind(entry);
        }

        @Override
        public void announce(Metadata metadata) {
            learn(metadata.key(), metadata.response());
        }

        @Override
        public CacheKey canonical(CacheKey exact) {
            return CacheStore.this.canonical(exact);
        }

        @Override
        public void end(List<CacheEntry> superfluous) {
            superfluous.forEach(CacheStore.this::end);
            evictions.sweep();
        }
    }

    private final class DiskNews implements DiskTierListener {

        @Override
        public void loaded() {
            purges.restored(disk.newestGeneration());
            if (disk.removalsLost()) {
                purges.lost();
            }
            cold.loaded();
            heap.all().forEach(entry -> cold.settle(entry.key()));
        }

        @Override
        public void evicted(EntryId id, int[] blocks, boolean whole) {
            CacheEntry entry = heap.get(id);
            if (entry != null) {
                entry.evictedFromDisk(whole);
                evictions.sweep();
            }
        }

        @Override
        public boolean recentlyUsed(EntryId id) {
            CacheEntry entry = heap.get(id);
            return entry != null && entry.blocks().takeUsed();
        }
    }
}
