package com.kingcdn.redirector.routing;

import java.util.Map;

/**
 * Who sheds load now.
 *
 * @param clusters by cluster id: of all that comes to it
 * @param distributions by distribution id, then by cluster id: of what comes to it of that distribution
 */
public record Shedding(Map<String, ShedShare> clusters, Map<String, Map<String, ShedShare>> distributions) {

    /** Nobody sheds. */
    public static final Shedding NONE = new Shedding(Map.of(), Map.of());

    public Shedding {
        clusters = Map.copyOf(clusters);
        distributions = Map.copyOf(distributions);
    }

    /** Of a cluster, for everybody. */
    public ShedShare of(String cluster) {
        return clusters.getOrDefault(cluster, ShedShare.NONE);
    }

    /** Of a cluster, for one distribution. */
    public ShedShare of(String cluster, String distribution) {
        return of(cluster)
                .max(distributions.getOrDefault(distribution, Map.of()).getOrDefault(cluster, ShedShare.NONE));
    }
}
