package com.kingcdn.edge.cache;

import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.edge.policy.CacheRules;
import com.kingcdn.edge.policy.NoVarySearch;
import com.kingcdn.edge.policy.RequestRules;
import com.kingcdn.edge.policy.Revalidation;
import com.kingcdn.edge.store.CacheEntry;
import com.kingcdn.edge.store.CacheStore;
import com.kingcdn.edge.upstream.Downstream;
import com.kingcdn.edge.upstream.Peer;
import com.kingcdn.edge.upstream.UpstreamRequest;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.topology.Distribution;

/**
 * One client's request on its way through the cache.
 *
 * @param exact the key of the target as it was asked for
 * @param key what its response is stored under
 */
record Exchange(CacheRequest request, Distribution distribution, Downstream downstream, CacheKey exact, CacheKey key) {

    static Exchange of(CacheRequest request, Distribution distribution, Downstream downstream, CacheStore store) {
        CacheRequest ruled = EncodedVariants.mark(distribution, RequestRules.apply(distribution, request));
        CacheKey exact = CacheKey.of(distribution, ruled);
        return new Exchange(ruled, distribution, downstream, exact, store.canonical(exact));
    }

    /** Whether an entry found under this key may answer: it is for this very target, or says itself that it is for both. */
    boolean isFor(CacheEntry entry) {
        if (entry.key().target().equals(exact.target())) {
            return true;
        }
        NoVarySearch said = entry.response().noVarySearch();
        return said != null && said.canonical(exact.target()).equals(entry.key().target());
    }

    CacheRules rules() {
        return CacheRules.of(distribution);
    }

    /** Whether another edge asks, which does for its client what the distribution wants done. */
    boolean isForPeer() {
        return downstream.peer() != null;
    }

    /** The event up to which an edge that asks has applied the log; 0 for a client. */
    long sequence() {
        Peer peer = downstream.peer();
        return peer == null ? 0 : peer.sequence();
    }

    /** The same request as the edge's own: for all of the content, and on no client's behalf. */
    Exchange ownAccount() {
        Exchange plain = plain();
        return new Exchange(plain.request, distribution, Downstream.NONE, exact, key);
    }

    /** A plain GET of the same client. */
    Exchange plain() {
        return new Exchange(
                new CacheRequest(
                        "GET",
                        request.scheme(),
                        request.authority(),
                        request.target(),
                        Revalidation.forEverybody(request.fields())),
                distribution,
                downstream,
                exact,
                key);
    }

    /** The very request of the client. */
    UpstreamRequest asItIs() {
        return new UpstreamRequest(
                distribution,
                request.method(),
                request.authority(),
                request.target(),
                RequestRules.towardsOrigin(
                        distribution, EncodedVariants.unmarked(request).fields()),
                downstream,
                key.target());
    }

    /** A GET whose response may be stored: with these conditions or this range, and none of the client's. */
    UpstreamRequest toStore(HeaderFields conditions) {
        HeaderFields plain = RequestRules.towardsOrigin(distribution, Revalidation.forEverybody(request.fields()));
        return new UpstreamRequest(
                distribution,
                "GET",
                request.authority(),
                request.target(),
                plain.plus(conditions),
                downstream.withoutBody(),
                key.target());
    }
}
