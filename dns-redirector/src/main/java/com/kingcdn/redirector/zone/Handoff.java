package com.kingcdn.redirector.zone;

import com.kingcdn.topology.AnswerSettings;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Name;

/**
 * A name that leads to a distribution's edges: an edge hostname itself, or a customer host.
 *
 * @param name the name, absolute
 * @param edgeHostname the distribution's, the same as the name when this is one
 * @param distribution its id
 * @param direct whether the name has addresses itself: an edge hostname does, and a customer host at a zone's apex, where no CNAME may
 *     stand (RFC 1034 section 3.6.2)
 * @param answers which nodes its answers name, and how many
 * @param shared the edge hostname of another distribution to which resolvers are led that send clients' subnets; null for none
 */
record Handoff(
        Name name,
        Name edgeHostname,
        String distribution,
        boolean direct,
        AnswerSettings answers,
        @Nullable Name shared) {

    /** The same with answers of its own for everybody. */
    Handoff alone() {
        return new Handoff(name, edgeHostname, distribution, direct, answers, null);
    }
}
