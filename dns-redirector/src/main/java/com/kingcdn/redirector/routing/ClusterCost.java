package com.kingcdn.redirector.routing;

import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.GeoPoint;

/** How dear it is to serve a client at a place from a cluster; less is better. */
@FunctionalInterface
public interface ClusterCost {

    /** The great-circle distance in kilometres. */
    ClusterCost DISTANCE = (client, cluster) -> client.distanceKm(cluster.place());

    /** The cost, at least 0, in a unit that only has to be the same for all clusters. */
    double cost(GeoPoint client, Cluster cluster);
}
