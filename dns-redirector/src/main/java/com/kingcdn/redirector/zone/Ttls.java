package com.kingcdn.redirector.zone;

import java.time.Duration;
import java.time.temporal.ChronoUnit;

/**
 * How long resolvers may keep each kind of answer; whole seconds, from 0 to one week.
 *
 * @param host the CNAME of a customer host
 * @param edgeHostname that an edge hostname has no record of a type: the upper limit of its negative answers
 * @param address the addresses of edge nodes, and so the time in which a client follows a change of cluster
 */
public record Ttls(Duration host, Duration edgeHostname, Duration address) {

    // before the default, which is checked against it
    private static final Duration LONGEST = Duration.ofDays(7);

    /** 1800 s, 60 s, 20 s. */
    public static final Ttls DEFAULT =
            new Ttls(Duration.ofSeconds(1800), Duration.ofSeconds(60), Duration.ofSeconds(20));

    public Ttls {
        check("host", host);
        check("edge-hostname", edgeHostname);
        check("address", address);
    }

    private static void check(String name, Duration value) {
        if (value.isNegative()
                || value.compareTo(LONGEST) > 0
                || !value.truncatedTo(ChronoUnit.SECONDS).equals(value)) {
            throw new IllegalArgumentException("ttl." + name + " must be whole seconds from 0 to 7 days, not " + value);
        }
    }
}
