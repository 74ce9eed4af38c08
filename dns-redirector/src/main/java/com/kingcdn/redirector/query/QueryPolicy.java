package com.kingcdn.redirector.query;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;

/**
 * What decides about a query apart from its name: the options that are answered, and the limits of clients. Thread-safe.
 */
public final class QueryPolicy {

    /** Twice this, with a cookie, is still within the least amplification that can be set. */
    public static final int LONGEST_NSID = 32;

    private final Cookies cookies;
    private final ResponseWriter writer;
    private final ServerIdentity identity;
    private final ResponseRateLimiter limiter;

    /**
     * @param nsid what tells this redirector from others at the same address (RFC 5001, RFC 4892), at most 32 bytes of UTF-8; empty for none
     * @param keepalive which the TCP listeners keep up to date
     * @throws IllegalArgumentException when the identifier is too long
     */
    public QueryPolicy(CookieSecrets secrets, String nsid, TcpKeepalive keepalive, RateLimitSettings limits) {
        byte[] identifier = nsid.getBytes(StandardCharsets.UTF_8);
        if (identifier.length > LONGEST_NSID) {
            throw new IllegalArgumentException(
                    "the name server identifier '" + nsid + "' is longer than " + LONGEST_NSID + " bytes");
        }
        this.cookies = new Cookies(secrets, InstantSource.system());
        this.writer = new ResponseWriter(new OptRecord(cookies, identifier, keepalive));
        this.identity = new ServerIdentity(identifier);
        this.limiter = new ResponseRateLimiter(limits, System::nanoTime);
    }

    /** Without an identifier and without limits. */
    public static QueryPolicy plain() {
        return new QueryPolicy(
                CookieSecrets.random(System.currentTimeMillis()),
                "",
                new TcpKeepalive(Duration.ofSeconds(10)),
                RateLimitSettings.NONE);
    }

    Cookies cookies() {
        return cookies;
    }

    ResponseWriter writer() {
        return writer;
    }

    ServerIdentity identity() {
        return identity;
    }

    ResponseRateLimiter limiter() {
        return limiter;
    }
}
