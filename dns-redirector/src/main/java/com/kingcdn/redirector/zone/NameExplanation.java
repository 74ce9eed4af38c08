package com.kingcdn.redirector.zone;

import com.kingcdn.redirector.routing.RoutingDecision;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a name leads a client where it does, for people to read.
 *
 * @param distribution whose name it is
 * @param edgeHostname of that distribution, without a final dot
 * @param sharedName the edge hostname to which resolvers are led that send clients' subnets, without a final dot; null for none
 * @param addresses of both families that answers give, in order
 */
public record NameExplanation(
        String distribution,
        String edgeHostname,
        @Nullable String sharedName,
        RoutingDecision decision,
        List<String> addresses) {}
