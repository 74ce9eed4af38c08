package com.kingcdn.redirector.query;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The writer of a response's OPT record (RFC 6891), with an answer to each option that the query has and we know.
 *
 * <p>Client subnet (RFC 7871), cookie (RFC 7873), name server identifier (RFC 5001), TCP keepalive (RFC 7828) and padding (RFC 7830, by the
 * blocks of RFC 8467). Without the option in the query there is none in the response; an extended error (RFC 8914) comes unasked.
 * Thread-safe.
 */
final class OptRecord {

    /** A scope that says: no client subnet. */
    static final int NO_SUBNET = -1;

    static final int OPTION_NSID = 3;
    static final int OPTION_KEEPALIVE = 11;
    static final int OPTION_PADDING = 12;

    private static final int LENGTH = 11;
    private static final int KEEPALIVE_LENGTH = 6;
    private static final int PADDING_BLOCK = 468;

    private final Cookies cookies;
    private final byte[] nsid;
    private final TcpKeepalive keepalive;

    OptRecord(Cookies cookies, byte[] nsid, TcpKeepalive keepalive) {
        this.cookies = cookies;
        this.nsid = nsid.clone();
        this.keepalive = keepalive;
    }

    /** How long the record is, without padding and extended error; 0 when the query has none. */
    int length(Exchange exchange, boolean withSubnet) {
        QueryMessage query = exchange.query();
        if (!query.hasOpt()) {
            return 0;
        }
        @Nullable ClientSubnet subnet = withSubnet ? query.subnet() : null;
        return LENGTH
                + (subnet == null ? 0 : subnet.wireLength())
                + (exchange.cookie() == CookieState.ABSENT ? 0 : Cookies.OPTION_LENGTH)
                + (sendsNsid(query) ? 4 + nsid.length : 0)
                + (sendsKeepalive(exchange) ? KEEPALIVE_LENGTH : 0);
    }

    /**
     * Writes the record when the query has one, and counts it in the header's additional section.
     *
     * @param scope of the client subnet, or {@link #NO_SUBNET}
     * @param rcode of which the upper 8 bits stand here
     * @param error null for none
     * @return where the response ends
     */
    int write(Exchange exchange, int scope, int rcode, @Nullable ExtendedError error, byte[] out, int offset) {
        QueryMessage query = exchange.query();
        if (!query.hasOpt()) {
            return offset;
        }
        Arrays.fill(out, offset, offset + LENGTH, (byte) 0);
        out[offset + 2] = 41;
        out[offset + 3] = (byte) (ResponseSize.UDP_PAYLOAD >> 8);
        out[offset + 4] = (byte) ResponseSize.UDP_PAYLOAD;
        out[offset + 5] = (byte) (rcode >> 4);
        // DO and CO as they came, and no other flag (RFC 3225, RFC 9824 section 5, RFC 6891 section 6.1.4)
        out[offset + 7] = (byte) ((query.dnssecOk() ? 0x80 : 0) | (query.compactOk() ? 0x40 : 0));
        int end = offset + LENGTH;
        @Nullable ClientSubnet subnet = scope == NO_SUBNET ? null : query.subnet();
        if (subnet != null) {
            end = subnet.write(out, end, scope);
        }
        if (exchange.cookie() != CookieState.ABSENT) {
            end = cookies.write(query, exchange.cookie(), exchange.address(), out, end);
        }
        if (sendsNsid(query)) {
            end = option(OPTION_NSID, nsid.length, out, end);
            System.arraycopy(nsid, 0, out, end, nsid.length);
            end += nsid.length;
        }
        if (sendsKeepalive(exchange)) {
            end = option(OPTION_KEEPALIVE, 2, out, end);
            int tenths = keepalive.tenths();
            out[end++] = (byte) (tenths >> 8);
            out[end++] = (byte) tenths;
        }
        if (error != null) {
            end = error.write(out, end);
        }
        if (query.padded() && exchange.transport().encrypted()) {
            end = pad(out, end);
        }
        int options = end - offset - LENGTH;
        out[offset + 9] = (byte) (options >> 8);
        out[offset + 10] = (byte) options;
        int additional = ((out[10] & 0xff) << 8 | (out[11] & 0xff)) + 1;
        out[10] = (byte) (additional >> 8);
        out[11] = (byte) additional;
        return end;
    }

    private boolean sendsNsid(QueryMessage query) {
        return nsid.length > 0 && query.wantsNsid();
    }

    private static boolean sendsKeepalive(Exchange exchange) {
        return exchange.query().wantsKeepalive() && exchange.transport().connected();
    }

    /** The last option, since it depends on all the others (RFC 8467 section 4.1). */
    private static int pad(byte[] out, int at) {
        int whole = (at + 4 + PADDING_BLOCK - 1) / PADDING_BLOCK * PADDING_BLOCK;
        if (whole > ResponseSize.MOST) {
            return at;
        }
        int data = option(OPTION_PADDING, whole - at - 4, out, at);
        Arrays.fill(out, data, whole, (byte) 0);
        return whole;
    }

    private static int option(int code, int length, byte[] out, int at) {
        out[at] = 0;
        out[at + 1] = (byte) code;
        out[at + 2] = (byte) (length >> 8);
        out[at + 3] = (byte) length;
        return at + 4;
    }
}
