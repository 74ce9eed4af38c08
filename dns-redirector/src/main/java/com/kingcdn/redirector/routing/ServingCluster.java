package com.kingcdn.redirector.routing;

import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.EdgeNode;
import java.util.List;

/**
 * A cluster as health sees it now. Its identity tells answers made from it from those made before its nodes changed.
 *
 * <p>Two are equal only if they are the same object.
 */
public final class ServingCluster {

    private final Cluster cluster;
    private final List<EdgeNode> nodes;
    private final boolean up;

    ServingCluster(Cluster cluster, List<EdgeNode> nodes, boolean up) {
        this.cluster = cluster;
        this.nodes = List.copyOf(nodes);
        this.up = up;
    }

    public Cluster cluster() {
        return cluster;
    }

    /** The nodes to answer with: those that are up or, when none is, those that were until lately; never empty. */
    public List<EdgeNode> nodes() {
        return nodes;
    }

    /** Whether any of its nodes is up; says nothing about draining. */
    public boolean isUp() {
        return up;
    }

    /** Whether new answers may name it as a matter of course. */
    public boolean isUsable() {
        return up && !cluster.drained();
    }

    @Override
    public String toString() {
        return "ServingCluster " + cluster.id() + (up ? " up " : " down ") + nodes;
    }
}
