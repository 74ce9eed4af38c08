package com.kingcdn.redirector.query;

import com.kingcdn.redirector.routing.Addresses;
import com.kingcdn.topology.IpPrefix;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;

/**
 * The limiter of answers to addresses that may be forged: so many a second for each prefix of a pyramid, and so many bytes more than was
 * asked with. Thread-safe, in fixed memory, and nothing is allocated for a query.
 *
 * <p>Each level of the pyramid takes four times what the one below it does, though it has 16 (IPv6: 256) times the addresses: one address
 * cannot use up what its neighbours need, and a botnet or a victim's whole network meets a limit too. Levels are asked from the narrowest
 * up to the first that refuses, and only those before it are charged.
 */
final class ResponseRateLimiter {

    private static final int[] IPV4_LENGTHS = {32, 28, 24, 20, 16};
    private static final int[] IPV6_LENGTHS = {64, 56, 48, 40, 32};
    private static final int WIDENING = 4;
    /** The length of prefix that is charged for bytes: what one victim has. */
    private static final int IPV4_NETWORK = 24;

    private static final int IPV6_NETWORK = 48;

    private static final int SLOTS = 1 << 16;

    private static final long SECOND = 1_000_000_000L;
    /** Apart from all IPv6 addresses that are in use, since 0100::/64 is for what is discarded (RFC 6666). */
    private static final long IPV4_MARK = 1L << 56;

    private final RateLimitSettings settings;
    private final LongSupplier nanoTime;
    private final long start;
    private final RateTable[] levels;
    private final long[] fillNanos;
    private final long burstNanos;
    private final RateTable excess;
    private final Exempt[] exempt;

    /** @param nanoTime as {@link System#nanoTime}: any origin, never goes back */
    ResponseRateLimiter(RateLimitSettings settings, LongSupplier nanoTime) {
        this.settings = settings;
        this.nanoTime = nanoTime;
        this.start = nanoTime.getAsLong();
        SecureRandom random = new SecureRandom();
        levels = new RateTable[settings.rate() == 0 ? 0 : IPV4_LENGTHS.length];
        fillNanos = new long[levels.length];
        double narrowest = (double) SECOND / Math.max(1, settings.rate());
        for (int i = 0; i < levels.length; i++) {
            levels[i] = new RateTable(SLOTS, random);
            fillNanos[i] = Math.max(1, Math.round(narrowest / Math.pow(WIDENING, i)));
        }
        burstNanos = Math.round(narrowest * settings.burst());
        excess = new RateTable(settings.amplification() == 0 ? 1 : SLOTS, random);
        exempt = settings.exempt().stream().map(Exempt::of).toArray(Exempt[]::new);
    }

    /** Whether an address may have one more answer; it is charged for it. */
    boolean allows(InetAddress client) {
        if (levels.length == 0) {
            return true;
        }
        byte[] address = client.getAddress();
        if (isExempt(address)) {
            return true;
        }
        long now = nanoTime.getAsLong() - start;
        int[] lengths = address.length == 4 ? IPV4_LENGTHS : IPV6_LENGTHS;
        for (int i = 0; i < levels.length; i++) {
            if (!levels[i].pour(key(address, lengths[i]), now, fillNanos[i], burstNanos)) {
                return false;
            }
        }
        return true;
    }

    /** Whether an answer that is not allowed is sent all the same, empty. */
    boolean slips() {
        int slip = settings.slip();
        return slip == 1 || (slip > 1 && ThreadLocalRandom.current().nextInt(slip) == 0);
    }

    /** Whether an answer may be so much longer than its query; what it is too long by is charged. */
    boolean allowsLength(InetAddress client, int query, int answer) {
        if (settings.amplification() == 0 || answer <= settings.amplification() * query) {
            return true;
        }
        byte[] address = client.getAddress();
        if (isExempt(address)) {
            return true;
        }
        if (settings.allowance() == 0) {
            return false;
        }
        double bytes = answer - settings.amplification() * query;
        long fill = (long) Math.ceil(bytes * SECOND / settings.allowance());
        int length = address.length == 4 ? IPV4_NETWORK : IPV6_NETWORK;
        return excess.pour(key(address, length), nanoTime.getAsLong() - start, fill, SECOND);
    }

    private boolean isExempt(byte[] address) {
        if (exempt.length == 0) {
            return false;
        }
        long high = Addresses.high(address);
        long low = Addresses.low(address);
        for (Exempt prefix : exempt) {
            if (prefix.contains(address.length == 4, high, low)) {
                return true;
            }
        }
        return false;
    }

    private static long key(byte[] address, int length) {
        long masked = Addresses.high(address) & -1L << (64 - length);
        return address.length == 4 ? IPV4_MARK | masked >>> 32 : masked;
    }

    /** One prefix as numbers. */
    private record Exempt(boolean ipv4, long high, long highMask, long low, long lowMask) {

        static Exempt of(IpPrefix prefix) {
            byte[] address = prefix.address();
            return new Exempt(
                    prefix.isIpv4(),
                    Addresses.high(address),
                    mask(prefix.length()),
                    Addresses.low(address),
                    mask(prefix.length() - 64));
        }

        private static long mask(int length) {
            return length <= 0 ? 0 : -1L << Math.max(0, 64 - length);
        }

        boolean contains(boolean ofIpv4, long addressHigh, long addressLow) {
            return ofIpv4 == ipv4 && (addressHigh & highMask) == high && (addressLow & lowMask) == low;
        }
    }
}
