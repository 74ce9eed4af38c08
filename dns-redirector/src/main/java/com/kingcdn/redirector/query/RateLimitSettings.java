package com.kingcdn.redirector.query;

import com.kingcdn.topology.IpPrefix;
import java.util.List;

/**
 * What clients may take whose address may be forged.
 *
 * @param rate answers a second for one address (IPv6: one /64); four times that for the prefix 4 bits shorter (IPv6: 8), and so on up to
 *     a /16 (IPv6: a /32); 0 for no limit
 * @param burst answers that an address may take at once, at least 1
 * @param slip every how many answers above the rate one is sent, empty and with TC or BADCOOKIE; 0 for none
 * @param amplification an answer this many times as long as its query is charged to the allowance; 0 for no limit
 * @param allowance bytes a second for one /24 (IPv6: /48), and as much at once, by which answers may be longer than that
 * @param exempt prefixes without any of these limits
 */
public record RateLimitSettings(
        int rate, int burst, int slip, double amplification, long allowance, List<IpPrefix> exempt) {

    /** Nothing is limited. */
    public static final RateLimitSettings NONE = new RateLimitSettings(0, 1, 1, 0, 0, List.of());

    public RateLimitSettings {
        if (rate < 0 || rate > 10_000_000 || burst < 1 || burst > 10_000_000 || slip < 0) {
            throw new IllegalArgumentException("a rate limit has a rate of 0 to 10000000 answers a second, a burst of 1"
                    + " to 10000000, and a slip of 0 or above; this one is " + rate + ", " + burst + ", " + slip);
        }
        if (!(amplification == 0 || (amplification >= 1.5 && amplification <= 100)) || allowance < 0) {
            throw new IllegalArgumentException(
                    "amplification is 0 or from 1.5 to 100, and its allowance 0 or above; they" + " are "
                            + amplification + " and " + allowance);
        }
        exempt = List.copyOf(exempt);
    }
}
