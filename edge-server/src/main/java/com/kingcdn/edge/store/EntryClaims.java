package com.kingcdn.edge.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An entry as far as its writers go: who brings which of its blocks. Changes are guarded by this; anybody may look. */
abstract class EntryClaims extends EntryHead {

    /** The longest claim in blocks, so that looking for its end takes no time: 1 GiB. */
    private static final int LONGEST = 4096;

    private static final EntryWriter[] NONE = new EntryWriter[0];

    /** Replaced, never changed. */
    private volatile EntryWriter[] writers = NONE;

    EntryClaims(Metadata metadata) {
        super(metadata);
    }

    abstract CacheEntry entry();

    abstract EntryBlocks blocks();

    /** Whether somebody is bringing blocks of it. */
    public boolean isBusy() {
        return writers.length > 0;
    }

    /** The writer that has claimed a block and has not brought it yet. */
    public @Nullable EntryWriter writerOf(int index) {
        for (EntryWriter writer : writers) {
            if (writer.covers(index)) {
                return writer;
            }
        }
        return null;
    }

    /** The first block from one to before another that is neither in a tier nor soon brought by a writer; -1 for none. */
    int firstMissingBlock(int first, int end) {
        for (int index = first; index < end; index++) {
            // first who brings it, then whether it is there: asked in this order, one of the two sees a block that is
            // being completed
            EntryWriter writer = writerOf(index);
            if (blocks().isPresent(index)) {
                continue;
            }
            if (writer == null || !writer.reachesSoon(index)) {
                return index;
            }
            // what this writer brings is not looked at block by block
            index = Math.max(index, Math.min(writer.endBlock(), end) - 1);
        }
        return -1;
    }

    /**
     * Claims a missing block and those after it, up to one that is there or claimed.
     *
     * @param end block after the last one wanted
     * @return null when the block is there, or will be soon by somebody else's claim
     */
    public synchronized @Nullable EntryWriter claim(int first, int end) {
        EntryWriter other = writerOf(first);
        if (blocks().isPresent(first) || (other != null && other.reachesSoon(first))) {
            return null;
        }
        int until = Math.min(end, first + LONGEST);
        if (other != null) {
            until = Math.min(until, other.endBlock());
            other.endBefore(first);
        }
        int next = first + 1;
        while (next < until && writerOf(next) == null && !blocks().isPresent(next)) {
            next++;
        }
        return add(new EntryWriter(entry(), first, next, true));
    }

    /**
     * Claims everything, for content that comes from its first octet to its last; who has claimed a part leaves it to this one. Blocks that
     * are there already are kept.
     *
     * @param resumable whether later blocks may be asked for by themselves meanwhile
     */
    public synchronized EntryWriter claimAll(boolean resumable) {
        EntryWriter all = new EntryWriter(entry(), 0, Integer.MAX_VALUE, resumable);
        for (EntryWriter other : writers) {
            other.yieldTo(all);
        }
        return add(all);
    }

    private EntryWriter add(EntryWriter writer) {
        EntryWriter[] more = Arrays.copyOf(writers, writers.length + 1);
        more[writers.length] = writer;
        writers = more;
        return writer;
    }

    /** The caller holds this lock. */
    void remove(EntryWriter writer) {
        if (writers.length == 1 && writers[0] == writer) {
            writers = NONE;
            return;
        }
        List<EntryWriter> others = new ArrayList<>(List.of(writers));
        others.remove(writer);
        writers = others.toArray(NONE);
    }

    /** A reader has moved on, or come: writers may have to hurry. */
    void advanced(EntryReader reader) {
        for (EntryWriter writer : writers) {
            long wanted = Math.min(reader.position() + CacheEntry.READ_AHEAD, alignedEnd(reader.end()));
            if (wanted > writer.limit() && reader.position() < writer.end() && reader.end() > writer.position()) {
                writer.raise(wanted);
            }
        }
    }

    /** Somebody wants less than before: writers may be of no use any more. */
    void tellUnwanted() {
        for (EntryWriter writer : writers) {
            if (!writer.isWanted()) {
                writer.unwanted();
            }
        }
    }

    private static long alignedEnd(long end) {
        return end >= Blocks.MAX_LENGTH ? Long.MAX_VALUE : Blocks.start(Blocks.count(end));
    }
}
