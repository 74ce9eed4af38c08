package com.kingcdn.control;

import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.Distribution;
import java.util.List;

/**
 * The configuration that edges serve by.
 *
 * @param version grows with each change
 * @param cdnZone the zone edge hostnames are made in, such as {@code kingcdn.example}, without a final dot
 */
public record ConfigSnapshot(long version, String cdnZone, List<Distribution> distributions, List<Cluster> clusters) {

    public ConfigSnapshot {
        distributions = List.copyOf(distributions);
        clusters = List.copyOf(clusters);
    }
}
