package com.kingcdn.redirector.zone;

import com.kingcdn.redirector.routing.RoutingDecision;
import java.util.List;

/**
 * Why a name leads a client where it does, for people to read.
 *
 * @param distribution whose name it is
 * @param edgeHostname of that distribution, without a final dot
 * @param addresses of both families that answers give, in order
 */
public record NameExplanation(
        String distribution, String edgeHostname, RoutingDecision decision, List<String> addresses) {}
