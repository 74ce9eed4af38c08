package com.kingcdn.edge.store;

import java.util.ArrayList;
import java.util.List;

/** The readers of one entry, and what they still want. Guarded by the entry: callers hold its lock. */
final class EntryReaders {

    private final List<EntryReader> readers = new ArrayList<>(2);

    boolean isEmpty() {
        return readers.isEmpty();
    }

    void add(EntryReader reader) {
        readers.add(reader);
    }

    void remove(EntryReader reader) {
        readers.remove(reader);
    }

    /** Whether a reader is at a block, or will be soon. */
    boolean needSoon(Block block) {
        long start = Blocks.start(block.index());
        long end = start + block.capacity();
        for (EntryReader reader : readers) {
            if (reader.position() < end && reader.end() > start && start <= reader.position() + CacheEntry.READ_AHEAD) {
                return true;
            }
        }
        return false;
    }

    /** Whether somebody wants what a writer has yet to bring, and is near enough to be worth its waiting. */
    boolean want(EntryWriter writer) {
        for (EntryReader reader : readers) {
            if (reader.end() > writer.position()
                    && reader.position() < writer.end()
                    && reader.position() + 4L * CacheEntry.READ_AHEAD >= writer.position()) {
                return true;
            }
        }
        return false;
    }
}
