package com.kingcdn.origin.content;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The list of all content, in memory and in the order of paths: about half a kilobyte of heap for each entry. */
public final class Catalog {

    private final ConcurrentSkipListMap<String, CatalogEntry> entries = new ConcurrentSkipListMap<>();
    private final AtomicLong bytes = new AtomicLong();

    Catalog() {}

    /**
     * A page of a listing.
     *
     * @param entries in the order of paths
     * @param next what to ask for as {@code after} to get the page behind this one; null when there is none
     */
    public record Page(List<CatalogEntry> entries, @Nullable String next) {}

    /** The entry of that path, or null. */
    public @Nullable CatalogEntry find(ContentPath path) {
        return entries.get(path.value());
    }

    /**
     * The entries whose paths start with a prefix and come after a path.
     *
     * @param prefix such as {@code /titles/}; empty for all
     * @param after exclusive; empty to begin at the start
     * @param limit of entries on the page, at least 1
     */
    public Page page(String prefix, String after, int limit) {
        List<CatalogEntry> found = new ArrayList<>();
        boolean fromPrefix = prefix.compareTo(after) > 0;
        for (CatalogEntry entry :
                entries.tailMap(fromPrefix ? prefix : after, fromPrefix).values()) {
            if (!entry.path().startsWith(prefix)) {
                break;
            }
            if (found.size() == limit) {
                return new Page(found, found.get(limit - 1).path());
            }
            found.add(entry);
        }
        return new Page(found, null);
    }

    /** How many entries there are; counts them, so for metrics only. */
    public int size() {
        return entries.size();
    }

    /** The bytes of all content. */
    public long bytes() {
        return bytes.get();
    }

    void put(CatalogEntry entry) {
        CatalogEntry replaced = entries.put(entry.path(), entry);
        bytes.addAndGet(entry.size() - (replaced == null ? 0 : replaced.size()));
    }

    void remove(CatalogEntry entry) {
        if (entries.remove(entry.path(), entry)) {
            bytes.addAndGet(-entry.size());
        }
    }
}
