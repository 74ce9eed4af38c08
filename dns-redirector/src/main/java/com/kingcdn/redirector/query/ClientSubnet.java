package com.kingcdn.redirector.query;

import com.kingcdn.topology.IpPrefix;
import org.jspecify.annotations.Nullable;

/**
 * The EDNS Client Subnet option of a query (RFC 7871).
 *
 * @param family 1 for IPv4, 2 for IPv6; 0 only with a source of 0
 * @param source how many leading bits of the client's address the resolver gives away; 0 when the client wants none given
 * @param high the first 64 bits of the address, IPv4 in the upper half
 * @param low the last 64 bits
 */
record ClientSubnet(int family, int source, long high, long low) {

    private static final int OPTION_CODE = 8;

    /** The option's content, or null when it is malformed and the query must get FORMERR (section 7.2.1). */
    static @Nullable ClientSubnet read(byte[] bytes, int offset, int length) {
        if (length < 4) {
            return null;
        }
        int family = (bytes[offset] & 0xff) << 8 | (bytes[offset + 1] & 0xff);
        int source = bytes[offset + 2] & 0xff;
        int scope = bytes[offset + 3] & 0xff;
        // some resolvers say "no address" by family 0
        int most = family == 1 ? 32 : family == 2 ? 128 : 0;
        if (family > 2 || source > most || scope != 0 || length - 4 != (source + 7) / 8) {
            return null;
        }
        long high = 0;
        long low = 0;
        for (int i = 0; i < length - 4; i++) {
            long octet = bytes[offset + 4 + i] & 0xff;
            if (i < 8) {
                high |= octet << (56 - 8 * i);
            } else {
                low |= octet << (120 - 8 * i);
            }
        }
        if ((source & 7) != 0 && (bytes[offset + length - 1] & (0xff >> (source & 7))) != 0) {
            return null;
        }
        return new ClientSubnet(family, source, high, low);
    }

    boolean isIpv4() {
        return family == 1;
    }

    /** How long the option is in an answer, its code and length counted in. */
    int wireLength() {
        return 8 + (source + 7) / 8;
    }

    /** Writes the option of an answer; the result is where it ends. */
    int write(byte[] out, int offset, int scope) {
        int octets = (source + 7) / 8;
        out[offset] = 0;
        out[offset + 1] = OPTION_CODE;
        out[offset + 2] = 0;
        out[offset + 3] = (byte) (4 + octets);
        out[offset + 4] = 0;
        out[offset + 5] = (byte) family;
        out[offset + 6] = (byte) source;
        out[offset + 7] = (byte) scope;
        for (int i = 0; i < octets; i++) {
            out[offset + 8 + i] = octet(i);
        }
        return offset + 8 + octets;
    }

    /** The subnet as far as a log may keep it: at most /24 or /56. Only for a family of 1 or 2. */
    IpPrefix logged() {
        byte[] address = new byte[family == 1 ? 4 : 16];
        for (int i = 0; i < address.length; i++) {
            address[i] = octet(i);
        }
        return IpPrefix.of(address, Math.min(source, family == 1 ? 24 : 56));
    }

    private byte octet(int index) {
        return (byte) (index < 8 ? high >>> (56 - 8 * index) : low >>> (120 - 8 * index));
    }
}
