package com.kingcdn.edge.web;

import com.kingcdn.edge.limits.Admission;
import com.kingcdn.edge.limits.LimitReason;
import com.kingcdn.edge.limits.LoadShedder;
import com.kingcdn.edge.limits.RequestLimiter;
import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.edge.signing.SignatureCheck;
import com.kingcdn.edge.signing.SignatureResult;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.SigningSettings;
import java.net.InetAddress;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * What stands between a request whose distribution is known and the cache: limits, and what else a distribution asks of its clients.
 *
 * <p>Whoever answers from the cache asks {@link #isOpen} first, which costs a field or two; where the gate is open, nothing more is to be
 * done. Otherwise {@link #check}, once for each request, says whether and as what the request may go on.
 */
final class RequestGate {

    private final RequestLimiter limiter;
    private final LoadShedder shedder;
    private final SignatureCheck signatures = new SignatureCheck(InstantSource.system());

    RequestGate(ContentServer.Limits limits) {
        this.limiter = limits.limiter();
        this.shedder = limits.shedder();
    }

    /** Whether every request to this distribution may go to the cache as it is. */
    boolean isOpen(Distribution distribution) {
        return distribution.signing() == null && !limiter.limits(distribution);
    }

    /** Checks a request and counts it in: null when nothing is to be done. */
    @Nullable
    Passage check(Distribution distribution, CacheRequest request, @Nullable InetAddress client) {
        if (isOpen(distribution)) {
            return null;
        }
        SigningSettings signing = distribution.signing();
        SignatureCheck.Checked checked =
                signing == null ? null : signatures.check(distribution, signing, request, client);
        CacheRequest bare = checked == null ? request : checked.request();
        Passage passage = passage(bare, limiter.admit(distribution, client));
        if (checked == null || !(passage instanceof Passage.Open open)) {
            return passage;
        }
        if (checked.result() != SignatureResult.VALID) {
            open.release().run();
            return new Passage.Closed(bare, Refusal.SIGNATURE, checked.result().label(), 0);
        }
        return checked.renewed() == null
                ? open
                : new Passage.Open(bare, open.release(), HeaderFields.of("set-cookie", checked.renewed()));
    }

    /** Counts in a request that is not answered from memory at once. */
    Passage admitWork(CacheRequest request) {
        return passage(request, shedder.admit());
    }

    private static Passage passage(CacheRequest request, Admission admission) {
        if (admission instanceof Admission.Denied denied) {
            Refusal refusal = denied.reason() == LimitReason.EDGE_REQUESTS || denied.reason() == LimitReason.EDGE_MEMORY
                    ? Refusal.OVERLOADED
                    : Refusal.TOO_MANY_REQUESTS;
            return new Passage.Closed(request, refusal, denied.reason().label(), denied.retryAfterSeconds());
        }
        return new Passage.Open(request, (Admission.Granted) admission);
    }
}
