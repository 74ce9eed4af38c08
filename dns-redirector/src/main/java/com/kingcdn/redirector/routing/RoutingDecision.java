package com.kingcdn.redirector.routing;

import com.kingcdn.topology.EdgeNode;
import com.kingcdn.topology.GeoPoint;
import com.kingcdn.topology.IpPrefix;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The whole of a decision, for people to read.
 *
 * @param client the address or subnet it was made for
 * @param place where that client is taken to be, or null
 * @param candidates in the order in which they are tried; empty when there is no cluster at all
 * @param chosen the chosen cluster's id, or null when there is no cluster at all
 * @param reason why, or null when there is no cluster at all
 * @param nodes that answers name, before they are ordered by the name's hash
 * @param scope how many leading bits of the client's address the decision holds for, at least 1: the ECS scope
 * @param measuredAtMillis by the clock of the reports, when the map took measurements in, while candidates have what came since, too; or null
 */
public record RoutingDecision(
        IpPrefix client,
        @Nullable GeoPoint place,
        LocationSource placeSource,
        List<Candidate> candidates,
        @Nullable String chosen,
        @Nullable ChoiceReason reason,
        List<EdgeNode> nodes,
        int scope,
        @Nullable Long measuredAtMillis) {

    public RoutingDecision {
        candidates = List.copyOf(candidates);
        nodes = List.copyOf(nodes);
    }

    /**
     * One cluster that could serve the client.
     *
     * @param distanceKm the great-circle distance from the client's place, or null when that is not known
     * @param path what has been measured from it to the client, or to a prefix around it; or null
     * @param costMillis what the client's way to it costs, in milliseconds: measured, guessed from the distance, or between the two
     * @param confidence how much of the cost is measured, 0 to 1
     */
    public record Candidate(
            String cluster,
            @Nullable Double distanceKm,
            PathSource.@Nullable KnownPath path,
            double costMillis,
            double confidence,
            Standing standing) {}

    /**
     * Whether it may serve the client now.
     *
     * @param covers whether a coverage prefix of it holds the client
     * @param placed whether it has the distribution
     * @param shed the share of clients like this one that it sends on because of its load, 0 to 1
     */
    public record Standing(boolean covers, boolean placed, boolean up, boolean drained, double shed) {}
}
