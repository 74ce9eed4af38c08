package com.kingcdn.redirector.query;

import com.kingcdn.redirector.routing.Addresses;
import com.kingcdn.topology.IpPrefix;

/**
 * The prefixes that a client's address lies in and that limits are for, from the narrowest to the widest, as numbers.
 *
 * <p>Each level may have four times what the one below it may, though it has 16 (IPv6: 256) times the addresses.
 */
final class PrefixPyramid {

    static final int LEVELS = 5;
    static final int WIDENING = 4;
    /** The level of what one victim has: /24, of IPv6 /48. */
    static final int NETWORK = 2;

    private static final int[] IPV4_LENGTHS = {32, 28, 24, 20, 16};
    private static final int[] IPV6_LENGTHS = {64, 56, 48, 40, 32};

    private static final long IPV4_MARK = 1L << 56;
    /** Keeps the addresses of IPv6 that begin like the mark (0100::/8, of which but one /64 is in use, to discard: RFC 6666) apart. */
    private static final long NOT_IPV4 = 1L << 55;

    private PrefixPyramid() {}

    /** The narrowest prefix of an address of 4 or 16 bytes. */
    static long key(byte[] address) {
        long high = Addresses.high(address);
        if (address.length == 4) {
            return IPV4_MARK | high >>> 32;
        }
        return high >>> 56 == 1 ? high | NOT_IPV4 : high;
    }

    /** The prefix of that level, 0 for the narrowest, in which the narrowest one lies. */
    static long widen(long key, int level) {
        return key & -1L << ((isIpv4(key) ? 32 : 64) - length(key, level));
    }

    static IpPrefix prefix(long key, int level) {
        boolean ipv4 = isIpv4(key);
        byte[] address = new byte[ipv4 ? 4 : 16];
        long high = ipv4 ? key << 32 : key;
        for (int i = 0; i < Math.min(address.length, 8); i++) {
            address[i] = (byte) (high >>> (56 - 8 * i));
        }
        return IpPrefix.of(address, length(key, level));
    }

    private static int length(long key, int level) {
        return (isIpv4(key) ? IPV4_LENGTHS : IPV6_LENGTHS)[level];
    }

    private static boolean isIpv4(long key) {
        return key >>> 32 == IPV4_MARK >>> 32;
    }
}
