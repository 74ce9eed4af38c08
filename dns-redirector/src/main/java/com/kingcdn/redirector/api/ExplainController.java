package com.kingcdn.redirector.api;

import com.kingcdn.redirector.routing.ChoiceReason;
import com.kingcdn.redirector.routing.LocationSource;
import com.kingcdn.redirector.routing.PathMeasurement;
import com.kingcdn.redirector.routing.PathSource;
import com.kingcdn.redirector.routing.RoutingDecision;
import com.kingcdn.redirector.zone.NameExplanation;
import com.kingcdn.redirector.zone.ServingSnapshot;
import com.kingcdn.topology.EdgeNode;
import com.kingcdn.topology.GeoPoint;
import com.kingcdn.topology.IpPrefix;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;

/** {@code /v1/explain}: why a name leads a client where it does, by the snapshot that queries are answered from. */
@RestController
final class ExplainController {

    /**
     * @param sharedName the edge hostname to which resolvers are led that send clients' subnets; null for none
     * @param client whose place counts: the ECS subnet when one was given, else the resolver
     * @param reason as the log and metrics have it
     * @param scope how many leading bits of the client's address the answer holds for
     * @param roundAgeMillis how long ago the map took measurements in: candidates have what came since, too, which moves nobody before the next
     *     round; absent when nothing is measured
     */
    record Explanation(
            String name,
            String distribution,
            String edgeHostname,
            @Nullable String sharedName,
            IpPrefix client,
            @Nullable GeoPoint place,
            String placeSource,
            @Nullable String chosen,
            @Nullable String reason,
            List<String> addresses,
            List<String> nodes,
            int scope,
            @Nullable Long roundAgeMillis,
            List<Candidate> candidates) {}

    /**
     * One cluster, in the order in which they are tried.
     *
     * @param costMillis of the way to it: measured, guessed from the distance, or between the two
     * @param confidence how much of the cost is measured, 0 to 1
     * @param placed whether it has the distribution
     * @param shed the share of clients like this one that it sends on because of its load, 0 to 1
     * @param measuredFor the prefix that was measured, which may be wider than the client's
     * @param method how: dns, tcp, icmp or passive; none when it is the sum of neighbours
     * @param ageMillis how long ago the newest answer came, when the map in use was compiled
     */
    record Candidate(
            String cluster,
            @Nullable Double distanceKm,
            boolean covers,
            boolean placed,
            boolean up,
            boolean drained,
            double shed,
            double costMillis,
            double confidence,
            @Nullable IpPrefix measuredFor,
            @Nullable Double rttMillis,
            @Nullable Double jitterMillis,
            @Nullable Double loss,
            @Nullable String method,
            @Nullable Long ageMillis) {}

    private final Supplier<ServingSnapshot> snapshots;
    private final ApiClocks clocks;

    ExplainController(Supplier<ServingSnapshot> snapshots, ApiClocks clocks) {
        this.snapshots = snapshots;
        this.clocks = clocks;
    }

    @GetMapping("/v1/explain")
    Mono<Explanation> explain(
            @RequestParam @Nullable String name,
            @RequestParam @Nullable String client,
            @RequestParam @Nullable String ecs) {
        if (name == null || name.isEmpty()) {
            throw new UnprocessableException(
                    "/name", "explain needs the parameter 'name', a customer host or an edge hostname");
        }
        String parameter = ecs == null ? "client" : "ecs";
        @Nullable String text = ecs == null ? client : ecs;
        if (text == null) {
            throw new UnprocessableException(
                    "/client",
                    "explain needs the parameter 'client', the resolver's address, or 'ecs', the client's subnet");
        }
        IpPrefix prefix = refusing(parameter, () -> IpPrefix.parse(text));
        ServingSnapshot snapshot = snapshots.get();
        Optional<NameExplanation> explained = refusing("name", () -> snapshot.explain(name, prefix));
        return Replies.found(explained.map(found -> show(name, found)), "customer host or edge hostname", name);
    }

    private static <T> T refusing(String parameter, Supplier<T> call) {
        try {
            return call.get();
        } catch (IllegalArgumentException e) {
            throw new UnprocessableException("/" + parameter, parameter + ": " + e.getMessage());
        }
    }

    private Explanation show(String name, NameExplanation found) {
        RoutingDecision decision = found.decision();
        @Nullable ChoiceReason reason = decision.reason();
        @Nullable Long measuredAt = decision.measuredAtMillis();
        return new Explanation(
                name,
                found.distribution(),
                found.edgeHostname(),
                found.sharedName(),
                decision.client(),
                decision.place(),
                word(decision.placeSource()),
                decision.chosen(),
                reason == null ? null : reason.code(),
                found.addresses(),
                decision.nodes().stream().map(EdgeNode::id).toList(),
                decision.scope(),
                measuredAt == null ? null : clocks.monotonic() - measuredAt,
                decision.candidates().stream().map(ExplainController::show).toList());
    }

    private static String word(LocationSource source) {
        return source.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static Candidate show(RoutingDecision.Candidate candidate) {
        PathSource.@Nullable KnownPath path = candidate.path();
        @Nullable Double distance = candidate.distanceKm();
        PathSource.@Nullable Origin origin = path == null ? null : path.origin();
        @Nullable PathMeasurement measured = path == null ? null : path.measurement();
        RoutingDecision.Standing standing = candidate.standing();
        return new Candidate(
                candidate.cluster(),
                distance == null ? null : rounded(distance),
                standing.covers(),
                standing.placed(),
                standing.up(),
                standing.drained(),
                rounded(standing.shed()),
                rounded(candidate.costMillis()),
                rounded(candidate.confidence()),
                path == null ? null : path.prefix(),
                measured == null ? null : rounded(measured.rttMillis()),
                measured == null ? null : rounded(measured.jitterMillis()),
                measured == null ? null : rounded(measured.loss()),
                origin == null ? null : origin.method(),
                origin == null ? null : origin.ageMillis());
    }

    private static double rounded(double value) {
        return Math.round(value * 1000) / 1000.0;
    }
}
