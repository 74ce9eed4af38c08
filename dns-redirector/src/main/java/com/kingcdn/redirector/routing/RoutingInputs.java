package com.kingcdn.redirector.routing;

import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.Distribution;
import java.util.List;

/**
 * What a table and the choices from it are compiled from.
 *
 * @param clusters their order is the default order for clients whose place is not known
 * @param distributions those with a placement of their own have choices of their own
 * @param places the same object again means the same content
 * @param paths what has been measured; the same object again means the same measurements
 */
public record RoutingInputs(
        List<Cluster> clusters, List<Distribution> distributions, PlaceSource places, PathSource paths) {

    public RoutingInputs {
        clusters = List.copyOf(clusters);
        distributions = List.copyOf(distributions);
    }

    /** Without any distribution. */
    public RoutingInputs(List<Cluster> clusters, PlaceSource places, PathSource paths) {
        this(clusters, List.of(), places, paths);
    }
}
