package com.kingcdn.redirector.rtt;

import com.kingcdn.topology.IpPrefix;

/** The widths at which measurements are kept and summed up: a neighbour's measurement is better than none. */
final class Levels {

    private static final int[] IPV4 = {16, 20};
    private static final int[] IPV6 = {32, 40};
    private static final int NARROWEST_IPV4 = 24;
    private static final int NARROWEST_IPV6 = 48;

    private Levels() {}

    /** The prefix under which a measurement is kept: at most /24 or /48, since answers are made for no less. */
    static IpPrefix kept(IpPrefix measured) {
        int narrowest = measured.isIpv4() ? NARROWEST_IPV4 : NARROWEST_IPV6;
        return measured.length() <= narrowest ? measured : IpPrefix.of(measured.address(), narrowest);
    }

    /** The widths of sums, the widest first. */
    static int[] sums(boolean isIpv4) {
        return isIpv4 ? IPV4 : IPV6;
    }

    /** How much of its parts' evidence stands for a prefix of such a width, 0 for one of another width. */
    static double share(IpPrefix prefix) {
        int[] widths = sums(prefix.isIpv4());
        return prefix.length() == widths[1] ? 0.5 : prefix.length() == widths[0] ? 0.25 : 0;
    }
}
