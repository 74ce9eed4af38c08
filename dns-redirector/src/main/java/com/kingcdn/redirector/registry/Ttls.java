package com.kingcdn.redirector.registry;

import java.time.Duration;

/**
 * How long resolvers may keep the three steps of the handover.
 *
 * @param host CNAME of a customer host
 * @param edgeHostname CNAMEs within the CDN
 * @param address A and AAAA of edges: how fast clients leave a cluster that is down
 */
public record Ttls(Duration host, Duration edgeHostname, Duration address) {

    /** The values of a configuration that names none. */
    public static final Ttls DEFAULT = new Ttls(Duration.ofMinutes(30), Duration.ofSeconds(60), Duration.ofSeconds(20));
}
