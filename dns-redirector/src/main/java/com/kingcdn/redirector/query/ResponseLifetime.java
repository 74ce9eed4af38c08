package com.kingcdn.redirector.query;

/** How long an HTTP cache may keep a DNS response (RFC 8484 section 5.1). */
public final class ResponseLifetime {

    private static final int TYPE_OPT = 41;

    private ResponseLifetime() {}

    /**
     * The smallest TTL of the answer section or, when that is empty, of the authority section, whose SOA limits negative answers; 0 when
     * there is neither.
     *
     * @param response one of ours, so well-formed
     */
    public static long seconds(byte[] response) {
        int at = QueryMessage.HEADER_LENGTH;
        for (int i = 0; i < uint16(response, 4); i++) {
            at = skipName(response, at) + 4;
        }
        int answers = uint16(response, 6);
        int records = answers > 0 ? answers : uint16(response, 8);
        long least = Long.MAX_VALUE;
        for (int i = 0; i < records; i++) {
            at = skipName(response, at);
            if (uint16(response, at) != TYPE_OPT) {
                least = Math.min(least, (long) uint16(response, at + 4) << 16 | uint16(response, at + 6));
            }
            at += 10 + uint16(response, at + 8);
        }
        return least == Long.MAX_VALUE ? 0 : least;
    }

    private static int skipName(byte[] message, int at) {
        int next = at;
        while (message[next] != 0) {
            if ((message[next] & 0xc0) == 0xc0) {
                return next + 2;
            }
            next += message[next] + 1;
        }
        return next + 1;
    }

    private static int uint16(byte[] message, int at) {
        return (message[at] & 0xff) << 8 | (message[at + 1] & 0xff);
    }
}
