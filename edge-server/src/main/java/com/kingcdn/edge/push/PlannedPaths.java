package com.kingcdn.edge.push;

import com.kingcdn.control.FillPlan;
import com.kingcdn.edge.distribution.DistributionTable;
import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.HostHeader;
import java.util.List;
import java.util.function.BiConsumer;

/** The requests that a plan's paths stand for, by the configuration at the time of asking. */
final class PlannedPaths {

    private final FillPlan plan;
    private final DistributionTable distributions;

    PlannedPaths(FillPlan plan, DistributionTable distributions) {
        this.plan = plan;
        this.distributions = distributions;
    }

    FillPlan plan() {
        return plan;
    }

    /**
     * The distribution to fetch for.
     *
     * @throws FillFailure when this edge does not know it
     */
    Distribution distribution() {
        return distributions.distributions().stream()
                .filter(distribution -> distribution.id().equals(plan.distribution()))
                .findAny()
                .orElseThrow(
                        () -> new FillFailure("distribution '" + plan.distribution() + "' is not known here", true));
    }

    /** One request; or one for each host, when the origin sees which host a client asked for. */
    static List<CacheRequest> requests(Distribution distribution, String path) {
        if (distribution.hostHeader() == HostHeader.CLIENT) {
            return distribution.hosts().stream()
                    .map(host -> request(host, path))
                    .toList();
        }
        return List.of(request(
                distribution.hosts().isEmpty()
                        ? distribution.id()
                        : distribution.hosts().get(0),
                path));
    }

    /** Gives each request of all paths, or none when the distribution is not known any more. */
    void forEachKnown(BiConsumer<Distribution, CacheRequest> action) {
        distributions.distributions().stream()
                .filter(distribution -> distribution.id().equals(plan.distribution()))
                .forEach(distribution -> plan.paths().stream()
                        .flatMap(path -> requests(distribution, path).stream())
                        .forEach(request -> action.accept(distribution, request)));
    }

    private static CacheRequest request(String host, String path) {
        return new CacheRequest("GET", "http", host, path, HeaderFields.of("host", host));
    }
}
