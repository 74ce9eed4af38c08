package com.kingcdn.edge.policy;

import com.kingcdn.edge.policy.CacheControl.Flag;
import com.kingcdn.edge.policy.CacheDecision.Fetch;
import com.kingcdn.edge.policy.CacheDecision.GatewayTimeout;
import com.kingcdn.edge.policy.CacheDecision.Pass;
import com.kingcdn.edge.policy.CacheDecision.Revalidate;
import com.kingcdn.edge.policy.CacheDecision.Serve;
import com.kingcdn.edge.policy.CacheDecision.Use;
import com.kingcdn.http.FieldNames;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.http.Preconditions;
import org.jspecify.annotations.Nullable;

/** What to do with a request (RFC 9111 section 4). */
public final class CachePolicy {

    /** The status of an upstream that sent none: no connection, no response in time, or half of one. */
    public static final int NO_RESPONSE = 0;

    /** Fields that could keep a fresh response from being served. */
    private static final FieldNames SPECIAL = FieldNames.of(
            "cache-control", "content-length", "if-match", "if-unmodified-since", "pragma", "transfer-encoding");

    private static final CacheDecision GATEWAY_TIMEOUT = new GatewayTimeout();

    private CachePolicy() {}

    /**
     * Whether to serve what is stored, to validate it first, or to go upstream.
     *
     * @param found what {@link StoredResponse#select} found for the request's {@link CacheKey}
     * @param nowMillis Unix time in milliseconds
     */
    public static CacheDecision decide(CacheRequest request, Lookup found, long nowMillis) {
        if (!request.isGet() && !request.isHead()) {
            return new Pass(ForwardReason.METHOD);
        }
        StoredResponse stored = found.response();
        if (!request.fields().containsAny(SPECIAL)) {
            return stored == null ? miss(request, found) : reuse(request, CacheControl.NONE, stored, found, nowMillis);
        }
        if (hasContent(request.fields())) {
            // content of a GET has no meaning (RFC 9110 section 9.3.1), yet an origin may heed it, and the key does not
            // hold it
            return new Pass(ForwardReason.BYPASS);
        }
        CacheControl wanted = CacheControl.ofRequest(request.fields());
        if (stored == null) {
            if (wanted.has(Flag.ONLY_IF_CACHED)) {
                return GATEWAY_TIMEOUT;
            }
            return wanted.has(Flag.NO_STORE) ? new Pass(missReason(found)) : miss(request, found);
        }
        if (wanted.has(Flag.NO_STORE) && !wanted.has(Flag.ONLY_IF_CACHED)) {
            return new Pass(ForwardReason.REQUEST);
        }
        if (!Preconditions.unchanged(request.fields(), stored.validators(), nowMillis)) {
            // only the origin may answer 412 (section 4.3.2)
            return new Pass(ForwardReason.REQUEST);
        }
        return reuse(request, wanted, stored, found, nowMillis);
    }

    private static CacheDecision miss(CacheRequest request, Lookup found) {
        ForwardReason reason = missReason(found);
        return request.isHead() ? new Pass(reason) : new Fetch(reason);
    }

    private static ForwardReason missReason(Lookup found) {
        return found.variantsStored() ? ForwardReason.VARY_MISS : ForwardReason.URI_MISS;
    }

    private static CacheDecision reuse(
            CacheRequest request, CacheControl wanted, StoredResponse stored, Lookup found, long nowMillis) {
        Freshness freshness = stored.freshness();
        boolean fresh = freshness.isFresh(nowMillis);
        if (!found.validationRequired() && !stored.control().has(Flag.NO_CACHE)) {
            Use use = use(wanted, stored, fresh, nowMillis);
            if (use != null) {
                return new Serve(use, freshness.ageSeconds(nowMillis), freshness.ttlSeconds(nowMillis));
            }
        }
        if (wanted.has(Flag.ONLY_IF_CACHED)) {
            return GATEWAY_TIMEOUT;
        }
        boolean refused =
                fresh && !found.validationRequired() && !stored.control().has(Flag.NO_CACHE);
        ForwardReason reason = refused ? ForwardReason.REQUEST : ForwardReason.STALE;
        return request.isHead() ? new Pass(reason) : new Revalidate(reason);
    }

    /** On what grounds the response may be used without asking; null for none. */
    private static @Nullable Use use(CacheControl wanted, StoredResponse stored, boolean fresh, long nowMillis) {
        if (wanted == CacheControl.NONE) {
            if (fresh) {
                return Use.FRESH;
            }
            return isWithinRevalidationWindow(stored, nowMillis) ? Use.STALE_WHILE_REVALIDATE : null;
        }
        Freshness freshness = stored.freshness();
        long remaining = freshness.remainingMillis(nowMillis);
        if (wanted.has(Flag.NO_CACHE)
                || (wanted.maxAge() != CacheControl.ABSENT
                        && freshness.ageMillis(nowMillis) >= (wanted.maxAge() + 1) * 1000)
                || (wanted.minFresh() != CacheControl.ABSENT && remaining < wanted.minFresh() * 1000)) {
            return null;
        }
        if (fresh) {
            return Use.FRESH;
        }
        if (wanted.maxStale() != CacheControl.ABSENT) {
            return !stored.forbidsStale() && -remaining <= wanted.maxStale() * 1000 ? Use.STALE_ALLOWED : null;
        }
        boolean constrained = wanted.maxAge() != CacheControl.ABSENT || wanted.minFresh() != CacheControl.ABSENT;
        return !constrained && isWithinRevalidationWindow(stored, nowMillis) ? Use.STALE_WHILE_REVALIDATE : null;
    }

    private static boolean isWithinRevalidationWindow(StoredResponse stored, long nowMillis) {
        long window = stored.staleWhileRevalidate();
        return window > 0 && !stored.forbidsStale() && stored.freshness().remainingMillis(nowMillis) > -window * 1000;
    }

    /**
     * Whether a stored response may answer although upstream has failed to validate or replace it (section 4.2.4, RFC 5861 section
     * 4). One that was invalidated, or may have been purged, never does.
     *
     * @param found as it is now, after the failure
     * @param status what upstream sent, or {@link #NO_RESPONSE}
     */
    public static boolean mayServeOnError(Lookup found, int status, CacheRules rules, long nowMillis) {
        StoredResponse stored = found.response();
        if (stored == null || found.validationRequired()) {
            return false;
        }
        if ((status != NO_RESPONSE && !StatusCodes.isFailure(status)) || stored.forbidsStale()) {
            return false;
        }
        long window = rules.staleIfErrorSeconds(stored.control());
        return stored.freshness().remainingMillis(nowMillis) > -window * 1000;
    }

    private static boolean hasContent(HeaderFields fields) {
        String length = fields.first("content-length");
        return fields.contains("transfer-encoding") || (length != null && !length.equals("0"));
    }
}
