package com.kingcdn.redirector.query;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * One query with what is known of the client that sent it.
 *
 * @param client of its transport address the answer goes to
 * @param cookie what the query's cookie proves
 */
record Exchange(QueryMessage query, InetSocketAddress client, Transport transport, CookieState cookie) {

    InetAddress address() {
        return client.getAddress();
    }

    /** Whether the client's address may be forged: then it is somebody else who gets what we send. */
    boolean forgeable() {
        return transport == Transport.UDP && !cookie.provesAddress();
    }

    /** How long the answer may be. */
    int limit() {
        return ResponseSize.limit(transport, query);
    }
}
