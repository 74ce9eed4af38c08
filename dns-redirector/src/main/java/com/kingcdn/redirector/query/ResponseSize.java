package com.kingcdn.redirector.query;

/** How long an answer may be. */
final class ResponseSize {

    /** What passes the Internet unfragmented (DNS flag day 2020), and what we tell clients that we can take. */
    static final int UDP_PAYLOAD = 1232;

    /** Without EDNS, and the least that EDNS can ask for (RFC 1035 section 4.2.1, RFC 6891 section 6.2.3). */
    static final int UDP_LEAST = 512;

    static final int MOST = 65535;

    private ResponseSize() {}

    static int limit(Transport transport, QueryMessage query) {
        if (transport != Transport.UDP) {
            return MOST;
        }
        return Math.max(UDP_LEAST, Math.min(query.udpPayload(), UDP_PAYLOAD));
    }
}
