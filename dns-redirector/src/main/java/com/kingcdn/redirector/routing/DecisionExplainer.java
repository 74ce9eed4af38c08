package com.kingcdn.redirector.routing;

import com.kingcdn.topology.GeoPoint;
import com.kingcdn.topology.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The writer of decisions for people to read; slow. */
final class DecisionExplainer {

    private final RoutingInputs inputs;
    private final ServingClusters serving;
    private final Shedding shedding;

    DecisionExplainer(RoutingInputs inputs, ServingClusters serving, Shedding shedding) {
        this.inputs = inputs;
        this.serving = serving;
        this.shedding = shedding;
    }

    /**
     * @param distribution its id, or empty for none in particular
     * @param chooser of its placement
     * @param choice what that has chosen
     */
    RoutingDecision explain(
            IpPrefix client,
            String distribution,
            ClientRoute route,
            ClusterChooser chooser,
            @Nullable ClusterChoice choice) {
        MapUnit unit = route.unit();
        @Nullable GeoPoint place = place(unit, client.address());
        List<RoutingDecision.Candidate> candidates = new ArrayList<>();
        boolean hasHome = false;
        for (int rank = 0; rank < unit.ranking().size(); rank++) {
            int index = unit.ranking().get(rank);
            boolean covers = rank < unit.covering();
            ShedShare share = shedding.of(serving.get(index).cluster().id(), distribution);
            candidates.add(candidate(
                    client,
                    index,
                    place,
                    covers,
                    chooser.isPlaced(index),
                    covers || !hasHome ? share.own() : share.guests()));
            hasHome |= chooser.isPlaced(index) && serving.get(index).isUsable();
        }
        return new RoutingDecision(
                client,
                place,
                unit.location(),
                candidates,
                choice == null ? null : choice.cluster().cluster().id(),
                choice == null ? null : choice.reason(),
                choice == null ? List.of() : choice.cluster().nodes(),
                choice == null ? 1 : route.scope(choice),
                inputs.paths().atMillis());
    }

    private RoutingDecision.Candidate candidate(
            IpPrefix client, int index, @Nullable GeoPoint place, boolean covers, boolean placed, double shed) {
        ServingCluster cluster = serving.get(index);
        PathSource.@Nullable KnownPath path =
                inputs.paths().find(cluster.cluster().id(), client);
        @Nullable
        Double distance =
                place == null ? null : place.distanceKm(cluster.cluster().place());
        @Nullable PathMeasurement measured = path == null ? null : path.measurement();
        return new RoutingDecision.Candidate(
                cluster.cluster().id(),
                distance,
                path,
                PathCost.of(distance == null ? PathCost.UNKNOWN : PathCost.guess(distance), measured),
                PathCost.confidence(measured),
                new RoutingDecision.Standing(
                        covers, placed, cluster.isUp(), cluster.cluster().drained(), shed));
    }

    private @Nullable GeoPoint place(MapUnit unit, byte[] address) {
        return switch (unit.location()) {
            case GEO_DATABASE -> inputs.places().find(address);
            case COVERAGE -> serving.get(unit.ranking().first()).cluster().place();
            case NONE -> null;
        };
    }
}
