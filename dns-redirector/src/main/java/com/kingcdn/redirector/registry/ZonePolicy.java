package com.kingcdn.redirector.registry;

import java.util.List;

/**
 * What other servers may do with a zone.
 *
 * @param transfer who may take it, by AXFR or IXFR
 * @param notified who is told of changes (RFC 1996)
 * @param update who may change it (RFC 2136)
 */
public record ZonePolicy(List<AccessRule> transfer, List<RemoteServer> notified, List<AccessRule> update) {

    /** Nobody, nothing. */
    public static final ZonePolicy CLOSED = new ZonePolicy(List.of(), List.of(), List.of());

    public ZonePolicy {
        transfer = List.copyOf(transfer);
        notified = List.copyOf(notified);
        update = List.copyOf(update);
    }
}
