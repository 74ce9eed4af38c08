package com.kingcdn.topology;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A group of edge nodes in one place, the unit that clients are mapped to.
 *
 * @param id unique among clusters
 * @param place where it stands
 * @param kind enter-deep clusters serve their coverage only; bring-home when left out
 * @param role edge when left out
 * @param coverage resolver or client prefixes that always belong to this cluster
 * @param health reported when left out
 * @param drained whether the operator has taken it out of new answers
 * @param nodes its edge nodes, at least one
 * @param capacity the most that shall be asked of it, however much more its nodes report that they can do; null for no such limit
 * @param parent id of the cluster that its nodes ask for what they lack, before the origin; null for none
 */
public record Cluster(
        String id,
        GeoPoint place,
        ClusterKind kind,
        ClusterRole role,
        List<IpPrefix> coverage,
        HealthMode health,
        boolean drained,
        List<EdgeNode> nodes,
        @Nullable String parent,
        @Nullable Capacity capacity) {

    /** Fills in what was left out, and validates. */
    @JsonCreator
    public Cluster(
            String id,
            GeoPoint place,
            @Nullable ClusterKind kind,
            @Nullable ClusterRole role,
            @Nullable List<IpPrefix> coverage,
            @Nullable HealthMode health,
            boolean drained,
            @Nullable List<EdgeNode> nodes,
            @Nullable String parent,
            @Nullable Capacity capacity) {
        this.id = Identifiers.label("cluster id", id);
        this.place = Objects.requireNonNull(place, () -> "cluster '" + id + "' needs a place");
        this.kind = kind == null ? ClusterKind.BRING_HOME : kind;
        this.role = role == null ? ClusterRole.EDGE : role;
        this.coverage = Identifiers.list(coverage);
        this.health = health == null ? HealthMode.REPORTED : health;
        this.drained = drained;
        this.nodes = Identifiers.list(nodes);
        if (this.nodes.isEmpty()) {
            throw new IllegalArgumentException("cluster '" + id + "' needs at least one node");
        }
        this.parent = parent == null ? null : Identifiers.label("parent of cluster '" + id + "'", parent);
        this.capacity = capacity;
        if (id.equals(parent)) {
            throw new IllegalArgumentException("cluster '" + id + "' cannot be its own parent");
        }
        Identifiers.unique("node", this.nodes.stream().map(EdgeNode::id).toList());
        if (this.kind == ClusterKind.ENTER_DEEP && this.coverage.isEmpty()) {
            throw new IllegalArgumentException("enter-deep cluster '" + id + "' needs coverage prefixes");
        }
    }

    /** One without a parent or a limit. */
    public Cluster(
            String id,
            GeoPoint place,
            @Nullable ClusterKind kind,
            @Nullable ClusterRole role,
            @Nullable List<IpPrefix> coverage,
            @Nullable HealthMode health,
            boolean drained,
            @Nullable List<EdgeNode> nodes) {
        this(id, place, kind, role, coverage, health, drained, nodes, null, null);
    }

    /** The same cluster, in or out of new answers. */
    public Cluster withDrained(boolean value) {
        return new Cluster(id, place, kind, role, coverage, health, value, nodes, parent, capacity);
    }
}
