package com.kingcdn.edge;

import com.kingcdn.edge.store.MemoryShare;
import com.kingcdn.topology.CacheSettings;
import com.kingcdn.topology.Distribution;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** What a configuration says about the memory of its distributions. */
final class MemoryShares {

    private MemoryShares() {}

    /** The shares of those that have one; floors that are too much together shrink in proportion. */
    static List<MemoryShare> of(Collection<Distribution> distributions) {
        int floors = distributions.stream().mapToInt(MemoryShares::floor).sum();
        List<MemoryShare> shares = new ArrayList<>();
        for (Distribution distribution : distributions) {
            int share = share(distribution);
            int floor = floors <= CacheSettings.MOST_FLOOR
                    ? floor(distribution)
                    : floor(distribution) * CacheSettings.MOST_FLOOR / floors;
            if (share < 100 || floor > 0) {
                shares.add(new MemoryShare(distribution.id(), share, floor));
            }
        }
        return shares;
    }

    private static int share(Distribution distribution) {
        CacheSettings settings = distribution.cache();
        Integer share = settings == null ? null : settings.memoryShare();
        return share == null ? 100 : share;
    }

    private static int floor(Distribution distribution) {
        CacheSettings settings = distribution.cache();
        Integer floor = settings == null ? null : settings.memoryFloor();
        return floor == null ? 0 : floor;
    }
}
