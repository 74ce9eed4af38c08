package com.kingcdn.redirector.dnssec;

import java.time.Duration;

/**
 * How long each step of a rollover takes, in the terms of RFC 7583.
 *
 * @param dnskeyTtl TTL of the DNSKEY set, TTLkey
 * @param dsTtl TTL of the DS set at the parent, TTLds
 * @param longestTtl of the zone's data, TTLsig
 * @param propagation until all servers of a zone have a change, Dprp
 * @param zskLifetime after which a ZSK is replaced; zero for never
 */
record RolloverPolicy(
        Duration dnskeyTtl, Duration dsTtl, Duration longestTtl, Duration propagation, Duration zskLifetime) {

    /** From publishing a key until every cache that has the DNSKEY set has it with this key: Ipub. */
    Duration untilKnown() {
        return dnskeyTtl.plus(propagation);
    }

    /** From a key's last signature until no cache has one of its signatures: Iret. */
    Duration untilForgotten() {
        return longestTtl.plus(propagation);
    }

    /** From a new DS at the parent until no cache has the old one. */
    Duration untilDsKnown() {
        return dsTtl.plus(propagation);
    }
}
