package com.kingcdn.topology;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which clusters have a distribution, and how much of each it may take.
 *
 * @param clusters ids of edge clusters; all when left out or empty
 * @param capacity the most that the distribution shall be asked of one cluster; null for no limit of its own
 */
public record Placement(List<String> clusters, @Nullable Capacity capacity) {

    public Placement(@Nullable List<String> clusters, @Nullable Capacity capacity) {
        this.clusters = Identifiers.list(clusters);
        this.capacity = capacity;
        this.clusters.forEach(id -> Identifiers.label("cluster id", id));
        Identifiers.unique("cluster", this.clusters);
    }
}
