package com.kingcdn.redirector.routing;

/**
 * The clients that load moves together: those of one /20, or one /40 of IPv6.
 *
 * <p>Each has a number that only its address decides. A share of all blocks is those with numbers below that share, so a share that
 * grows only adds blocks and one that shrinks only gives back, in the order in which they went: no client goes to and fro because
 * another one does.
 */
final class ClientBlock {

    private static final int IPV4_WIDTH = 20;
    private static final int IPV6_WIDTH = 40;

    /** Above every number: a share of 1. */
    static final long ALL = 1L << 32;

    private static final long GOLDEN = 0x9e3779b97f4a7c15L;

    private ClientBlock() {}

    /** How many leading bits the addresses of a block share. */
    static int width(boolean isIpv4) {
        return isIpv4 ? IPV4_WIDTH : IPV6_WIDTH;
    }

    /** The bits from which the numbers of a client's block are made. */
    static long hash(boolean isIpv4, long high) {
        return mix((high >>> (64 - width(isIpv4))) * 2 + (isIpv4 ? 0 : 1));
    }

    /** Where the block stands when a cluster sheds its own clients, at least 0 and below {@link #ALL}. */
    static long number(long hash) {
        return hash >>> 32;
    }

    /** Where it stands when a cluster refuses guests: another place for each cluster, and not that of its own. */
    static long number(long hash, int cluster) {
        return mix(hash + (cluster + 1) * GOLDEN) >>> 32;
    }

    /** The numbers below which a share of all blocks lies. */
    static long threshold(double share) {
        return Math.round(share * ALL);
    }

    /** The finalizer of MurmurHash3, by which each bit counts for each. */
    private static long mix(long value) {
        long result = (value ^ value >>> 33) * 0xff51afd7ed558ccdL;
        result = (result ^ result >>> 33) * 0xc4ceb9fe1a85ec53L;
        return result ^ result >>> 33;
    }
}
