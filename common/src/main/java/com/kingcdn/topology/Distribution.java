package com.kingcdn.topology;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A customer's service: the hosts clients ask for, and the origins that hold the content.
 *
 * @param id the first label of its edge hostname, so {@code a1105} is {@code a1105.kingcdn.example}
 * @param hosts customer host names; no two distributions share one
 * @param origins share its objects by weight; at least one that is no backup
 * @param hostHeader origin when left out
 * @param cache how long responses are kept; null leaves it to them
 * @param query what of the query counts; null for all of it
 * @param headers fields to change; null for none
 * @param delivery what clients may ask and how they are answered; null for the defaults
 * @param upstream how origins are asked; null for each edge's own way
 * @param limits how much of an edge it and its clients may have; null for no limit
 * @param signing which paths need a token; null for none
 * @param placement which clusters have it; null for all, without a limit
 * @param answers which nodes of a cluster DNS answers name; the first four by name when left out
 */
public record Distribution(
        String id,
        List<String> hosts,
        List<OriginEndpoint> origins,
        HostHeader hostHeader,
        @Nullable CacheSettings cache,
        @Nullable QuerySettings query,
        @Nullable HeaderSettings headers,
        @Nullable DeliverySettings delivery,
        @Nullable UpstreamSettings upstream,
        @Nullable LimitSettings limits,
        @Nullable SigningSettings signing,
        @Nullable Placement placement,
        AnswerSettings answers) {

    /** Fills in what was left out, and validates. */
    @JsonCreator
    public Distribution(
            String id,
            @Nullable List<String> hosts,
            @Nullable List<OriginEndpoint> origins,
            @Nullable HostHeader hostHeader,
            @Nullable CacheSettings cache,
            @Nullable QuerySettings query,
            @Nullable HeaderSettings headers,
            @Nullable DeliverySettings delivery,
            @Nullable UpstreamSettings upstream,
            @Nullable LimitSettings limits,
            @Nullable SigningSettings signing,
            @Nullable Placement placement,
            @Nullable AnswerSettings answers) {
        this.id = Identifiers.label("distribution id", id);
        this.hosts = Identifiers.list(hosts);
        this.origins = Identifiers.list(origins);
        this.hostHeader = hostHeader == null ? HostHeader.ORIGIN : hostHeader;
        this.cache = cache;
        this.query = query;
        this.headers = headers;
        this.delivery = delivery;
        this.upstream = upstream;
        this.limits = limits;
        this.signing = signing;
        this.placement = placement;
        this.answers = answers == null ? AnswerSettings.DEFAULT : answers;
        this.hosts.forEach(Identifiers::host);
        Identifiers.unique("host", this.hosts);
        if (this.origins.stream().allMatch(OriginEndpoint::backup)) {
            throw new IllegalArgumentException("distribution '" + id + "' needs at least one origin"
                    + (this.origins.isEmpty() ? "" : " that is no backup"));
        }
    }

    /** One without rules of its own. */
    public Distribution(
            String id,
            @Nullable List<String> hosts,
            @Nullable List<OriginEndpoint> origins,
            @Nullable HostHeader hostHeader) {
        this(id, hosts, origins, hostHeader, null, null, null, null, null, null, null, null, null);
    }
}
