package com.kingcdn.redirector.zone;

import com.kingcdn.redirector.routing.PathSource;
import com.kingcdn.redirector.routing.PlaceSource;
import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.Distribution;
import java.util.List;
import java.util.Set;

/**
 * All that a snapshot is compiled from.
 *
 * @param clusters their order is the default order for clients whose place is not known
 * @param https what HTTPS records of edge hostnames say
 * @param places the geo database, or {@link PlaceSource#NONE}; the same object again means the same content
 * @param paths what edges have measured, or {@link PathSource#NONE}; the same object again means the same content
 * @param upNodes ids of the edge nodes that are up; those of clusters with assumed health need not be there
 */
public record ServingInputs(
        List<ServedZone> zones,
        List<Distribution> distributions,
        List<Cluster> clusters,
        Ttls ttls,
        EdgeHttps https,
        PlaceSource places,
        PathSource paths,
        Set<String> upNodes) {

    public ServingInputs {
        zones = List.copyOf(zones);
        distributions = List.copyOf(distributions);
        clusters = List.copyOf(clusters);
        upNodes = Set.copyOf(upNodes);
    }

    /** Of edges without HTTPS. */
    public ServingInputs(
            List<ServedZone> zones,
            List<Distribution> distributions,
            List<Cluster> clusters,
            Ttls ttls,
            PlaceSource places,
            PathSource paths,
            Set<String> upNodes) {
        this(zones, distributions, clusters, ttls, EdgeHttps.NONE, places, paths, upNodes);
    }
}
