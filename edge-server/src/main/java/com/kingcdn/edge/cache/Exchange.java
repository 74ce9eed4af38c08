package com.kingcdn.edge.cache;

import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.edge.policy.CacheRules;
import com.kingcdn.edge.policy.NoVarySearch;
import com.kingcdn.edge.policy.RequestRules;
import com.kingcdn.edge.policy.Revalidation;
import com.kingcdn.edge.policy.StoredResponse;
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
 * @param key what its response is stored under
 */
record Exchange(CacheRequest request, Distribution distribution, Downstream downstream, CacheKey key) {

    static Exchange of(CacheRequest request, Distribution distribution, Downstream downstream, CacheStore store) {
        CacheRequest ruled = EncodedVariants.mark(distribution, RequestRules.apply(distribution, request));
        return new Exchange(ruled, distribution, downstream, store.canonical(CacheKey.of(distribution, ruled)));
    }

    /** The key of the target as it was asked for. */
    CacheKey exact() {
        return CacheKey.of(distribution, request);
    }

    /** Whether an entry found under this key may answer: it is for this very target, or says itself that it is for both. */
    boolean isFor(CacheEntry entry) {
        return isFor(exact(), entry);
    }

    static boolean isFor(CacheKey exact, CacheEntry entry) {
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
        return new Exchange(plain.request, distribution, Downstream.NONE, key);
    }

    /** A plain GET of the same client. */
    Exchange plain() {
        return new Exchange(
                new CacheRequest("GET", request.scheme(), request.authority(), request.target(), plainFields()),
                distribution,
                downstream,
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
        HeaderFields.Builder fields = RequestRules.towardsOrigin(distribution, plainFields()).toBuilder();
        conditions.forEach(fields::add);
        return new UpstreamRequest(
                distribution,
                "GET",
                request.authority(),
                request.target(),
                fields.build(),
                downstream.withoutBody(),
                key.target());
    }

    private HeaderFields plainFields() {
        return request.fields()
                .without(name ->
                        name.equals("range") || name.equals(StoredResponse.CODING) || Revalidation.isCondition(name));
    }
}
