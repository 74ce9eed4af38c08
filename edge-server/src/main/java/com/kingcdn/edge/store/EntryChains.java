package com.kingcdn.edge.store;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A hash table of entries that are chained through themselves, so that a million of them takes no object but the entries. Not safe for
 * use by several threads: whoever has one locks it.
 */
abstract class EntryChains {

    private @Nullable DiskEntry[] chains = new DiskEntry[16];
    private int size;

    abstract long hash(DiskEntry entry);

    abstract @Nullable DiskEntry next(DiskEntry entry);

    abstract void setNext(DiskEntry entry, @Nullable DiskEntry next);

    int size() {
        return size;
    }

    /** The first of the chain that holds all entries of a hash, and maybe others; {@link #next} has the rest. */
    @Nullable
    DiskEntry chain(long hash) {
        return chains[place(hash)];
    }

    /** Adds an entry, which must not be there. */
    void add(DiskEntry entry) {
        if (size == chains.length) {
            grow();
        }
        link(entry);
        size++;
    }

    /** Takes an entry out. Returns whether it was there. */
    boolean remove(DiskEntry entry) {
        int place = place(hash(entry));
        DiskEntry before = null;
        for (DiskEntry at = chains[place]; at != null; at = next(at)) {
            if (at == entry) {
                if (before == null) {
                    chains[place] = next(at);
                } else {
                    setNext(before, next(at));
                }
                setNext(at, null);
                size--;
                return true;
            }
            before = at;
        }
        return false;
    }

    /** All of them, in no order. */
    List<DiskEntry> all() {
        List<DiskEntry> all = new ArrayList<>(size);
        for (DiskEntry first : chains) {
            for (DiskEntry at = first; at != null; at = next(at)) {
                all.add(at);
            }
        }
        return all;
    }

    private void grow() {
        List<DiskEntry> all = all();
        chains = new DiskEntry[2 * chains.length];
        all.forEach(this::link);
    }

    private void link(DiskEntry entry) {
        int place = place(hash(entry));
        setNext(entry, chains[place]);
        chains[place] = entry;
    }

    private int place(long hash) {
        return DiskIndex.spread(hash) & (chains.length - 1);
    }
}
