package com.kingcdn.edge.policy;

import com.kingcdn.http.SharedStrings;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.HostHeader;
import java.util.Comparator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a stored response is found by, before its variant (the primary cache key, RFC 9111 section 2). GET and HEAD share it; no two
 * distributions ever do. A value; it knows its hash, which each request needs a few times.
 *
 * <p>It has an order for the sake of hash tables alone: who asks for URLs chooses them, and can have many with the same hash, which a table
 * finds its way through only by comparing.
 */
public final class CacheKey implements Comparable<CacheKey> {

    /** What many keys have is in memory once. */
    private static final SharedStrings SHARED = new SharedStrings(1024);

    private static final Comparator<@Nullable String> HOSTS = Comparator.nullsFirst(Comparator.naturalOrder());

    private final String distribution;
    private final @Nullable String host;
    private final String target;
    private final int hash;

    /** Made when it is first asked for, by racing threads alike; 0 before. */
    private volatile long digest;

    /**
     * Of its parts.
     *
     * @param distribution its identifier
     * @param host of the client's request; null when the origin does not see it, so that all hosts of a distribution share entries
     * @param target path and query
     */
    public CacheKey(String distribution, @Nullable String host, String target) {
        this.distribution = distribution;
        this.host = host;
        this.target = target;
        this.hash = (target.hashCode() * 31 + Objects.hashCode(host)) * 31 + distribution.hashCode();
    }

    /** The same key for keeping: each request and each record on disk brings strings of its own. */
    public CacheKey shared() {
        CacheKey same = new CacheKey(SHARED.share(distribution), host == null ? null : SHARED.share(host), target);
        same.digest = digest;
        return same;
    }

    /** The key of a request to a distribution. */
    public static CacheKey of(Distribution distribution, CacheRequest request) {
        return of(distribution, request, request.target());
    }

    /** The key of another target, asked for as this request asks for its own. */
    public static CacheKey of(Distribution distribution, CacheRequest request, String target) {
        String host = distribution.hostHeader() == HostHeader.CLIENT ? request.host() : null;
        return new CacheKey(distribution.id(), host, QueryRules.apply(distribution.query(), target));
    }

    public String distribution() {
        return distribution;
    }

    public @Nullable String host() {
        return host;
    }

    public String target() {
        return target;
    }

    /** What it is found by on disk: the same for equal keys in every process, and for no two others in practice. */
    public long digest() {
        long known = digest;
        if (known == 0) {
            known = KeyDigest.of(this);
            digest = known;
        }
        return known;
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || (other instanceof CacheKey that
                        && hash == that.hash
                        && target.equals(that.target)
                        && Objects.equals(host, that.host)
                        && distribution.equals(that.distribution));
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public int compareTo(CacheKey other) {
        int order = target.compareTo(other.target);
        if (order == 0) {
            order = Objects.compare(host, other.host, HOSTS);
        }
        return order == 0 ? distribution.compareTo(other.distribution) : order;
    }

    @Override
    public String toString() {
        return distribution + ' ' + (host == null ? "" : host) + target;
    }
}
