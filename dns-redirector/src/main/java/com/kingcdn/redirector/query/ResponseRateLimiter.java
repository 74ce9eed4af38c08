package com.kingcdn.redirector.query;

import com.kingcdn.redirector.routing.Addresses;
import com.kingcdn.topology.IpPrefix;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The limiter of answers to addresses that may be forged: so many a second for each prefix of a pyramid, and so many bytes more than was
 * asked with. Thread-safe, in fixed memory, and nothing is allocated for a query.
 */
final class ResponseRateLimiter {

    private static final int SLOTS = 1 << 16;
    private static final long SECOND = 1_000_000_000L;

    private final RateLimitSettings settings;
    private final LongSupplier nanoTime;
    private final long start;
    private final @Nullable RatePyramid answers;
    private final RateTable excess;
    private final Exempt[] exempt;
    private final FloodWatch floods;

    /** @param nanoTime as {@link System#nanoTime}: any origin, never goes back */
    ResponseRateLimiter(RateLimitSettings settings, LongSupplier nanoTime) {
        this.settings = settings;
        this.nanoTime = nanoTime;
        this.start = nanoTime.getAsLong();
        SecureRandom random = new SecureRandom();
        answers = settings.rate() == 0 ? null : new RatePyramid(settings.rate(), settings.burst(), random);
        excess = new RateTable(settings.amplification() == 0 ? 1 : SLOTS, random);
        exempt = settings.exempt().stream().map(Exempt::of).toArray(Exempt[]::new);
        floods = new FloodWatch(settings.rate(), settings.exempt());
    }

    /** Who asks far more than they may have. */
    FloodWatch floods() {
        return floods;
    }

    /** Whether an address may have one more answer; it is charged for it. */
    boolean allows(InetAddress client) {
        if (answers == null) {
            return true;
        }
        byte[] address = client.getAddress();
        if (isExempt(address)) {
            return true;
        }
        long key = PrefixPyramid.key(address);
        boolean allowed = answers.pour(key, now());
        floods.asked(key, allowed);
        return allowed;
    }

    /** Takes note of a datagram that gets no answer, and so is not charged for. */
    void ignored(InetAddress client) {
        byte[] address = client.getAddress();
        if (answers != null && !isExempt(address)) {
            floods.asked(PrefixPyramid.key(address), false);
        }
    }

    /** Whether an answer that is not allowed is sent all the same, empty. */
    boolean slips() {
        int slip = settings.slip();
        return slip == 1 || (slip > 1 && ThreadLocalRandom.current().nextInt(slip) == 0);
    }

    private long now() {
        return nanoTime.getAsLong() - start;
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
        long network = PrefixPyramid.widen(PrefixPyramid.key(address), PrefixPyramid.NETWORK);
        return excess.pour(network, now(), fill, SECOND);
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
