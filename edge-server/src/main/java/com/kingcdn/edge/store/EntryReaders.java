package com.kingcdn.edge.store;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The readers of one entry, and what they still want. Guarded by the entry: callers hold its lock. */
final class EntryReaders {

    /** Most entries are read from memory, without any. */
    private List<EntryReader> readers = List.of();

    /** How many are about to come, and may want anything. */
    private int expected;

    /** What those who are about to come have missed, if so. */
    private @Nullable Throwable failure;

    boolean isEmpty() {
        return readers.isEmpty() && expected == 0;
    }

    void add(EntryReader reader) {
        if (readers.isEmpty()) {
            readers = new ArrayList<>(2);
        }
        readers.add(reader);
    }

    void remove(EntryReader reader) {
        if (!readers.isEmpty()) {
            readers.remove(reader);
        }
        if (readers.isEmpty()) {
            readers = List.of();
        }
    }

    void expect(int change) {
        expected += change;
        if (expected == 0) {
            failure = null;
        }
    }

    /** Has those who are about to come told of a failure as if they had been there. */
    void failExpected(Throwable cause) {
        if (expected > 0) {
            failure = cause;
        }
    }

    @Nullable
    Throwable missedFailure() {
        return failure;
    }

    /** Whether a reader is at a block, or will be soon. */
    boolean needSoon(Block block) {
        if (expected > 0) {
            return true;
        }
        long start = Blocks.start(block.index());
        long end = start + block.capacity();
        for (EntryReader reader : readers) {
            if (reader.position() < end && reader.end() > start && start <= reader.position() + CacheEntry.READ_AHEAD) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether somebody wants what a writer has yet to bring, and is near enough to be worth its waiting, or cannot get it otherwise. A
     * block that is begun counts as a whole: it would be lost with its writer.
     */
    boolean want(EntryWriter writer) {
        if (expected > 0) {
            return true;
        }
        long begun = Blocks.start(Blocks.at(writer.position()));
        boolean only = !writer.entry().isRefillable();
        for (EntryReader reader : readers) {
            if (reader.end() > begun
                    && reader.position() < writer.end()
                    && (only || reader.position() + 4L * CacheEntry.READ_AHEAD >= writer.position())) {
                return true;
            }
        }
        return false;
    }
}
