package com.kingcdn.edge.policy;

import com.kingcdn.edge.policy.CacheControl.Flag;
import com.kingcdn.edge.policy.StoreDecision.Refuse;
import com.kingcdn.edge.policy.StoreDecision.Store;
import com.kingcdn.http.ContentRange;
import com.kingcdn.http.FieldNames;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.http.HopByHop;
import com.kingcdn.http.HttpDate;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whether a response is stored, and as what (RFC 9111 section 3). */
public final class Storability {

    /** Each answer has these anew, whatever is withheld: two of them would contradict each other. */
    private static final FieldNames OF_EACH_ANSWER = FieldNames.of("age", "content-length", "content-range", "date");

    private Storability() {}

    /**
     * Decides about a response whose head has arrived.
     *
     * @param request the client's request it answers
     * @param status as received
     * @param fields as received
     * @param rules of the distribution
     * @param requestTimeMillis when the request was sent upstream
     * @param responseTimeMillis when this head arrived
     */
    public static StoreDecision decide(
            CacheRequest request,
            int status,
            HeaderFields fields,
            CacheRules rules,
            long requestTimeMillis,
            long responseTimeMillis) {
        CacheControl control = CacheControl.ofResponse(fields, rules.targetedField());
        NoStoreReason forbidden = rules.cookiesPass() && fields.contains("set-cookie")
                ? NoStoreReason.SET_COOKIE
                : forbidden(request, status, fields, control);
        if (forbidden != null) {
            return new Refuse(forbidden);
        }
        HeaderFields kept = remember(rules, storedFields(fields, control, responseTimeMillis));
        int storedStatus = status;
        if (status == 206) {
            ContentRange part = ContentRange.parse(fields.first("content-range"));
            if (part == null || part.range() == null || part.completeLength() == ContentRange.UNKNOWN) {
                return new Refuse(NoStoreReason.PARTIAL);
            }
            storedStatus = 200;
            kept = kept.without("content-range"::equals);
        }
        Variant variant = Variant.of(fields, request.fields());
        if (variant == null) {
            return new Refuse(NoStoreReason.VARY_STAR);
        }
        StoredResponse stored = StoredResponse.of(storedStatus, kept, variant, requestTimeMillis, responseTimeMillis);
        NoStoreReason useless = useless(request, stored);
        return useless == null ? new Store(stored, withheld(fields, control)) : new Refuse(useless);
    }

    private static @Nullable NoStoreReason forbidden(
            CacheRequest request, int status, HeaderFields fields, CacheControl control) {
        boolean post = "POST".equals(request.method());
        if (!request.isGet() && !(post && isOfItsOwnTarget(request, fields))) {
            return NoStoreReason.METHOD;
        }
        if (status < 200 || status == 304 || status == 412 || status == 416) {
            return NoStoreReason.STATUS; // about one request only, or not final
        }
        return forOneClient(request, status, control);
    }

    /** Why others may not be given what answers this request; null when they may. */
    private static @Nullable NoStoreReason forOneClient(CacheRequest request, int status, CacheControl control) {
        if (CacheControl.ofRequest(request.fields()).has(Flag.NO_STORE)) {
            return NoStoreReason.REQUEST_NO_STORE;
        }
        boolean mustUnderstand = control.has(Flag.MUST_UNDERSTAND);
        if (mustUnderstand && !StatusCodes.isUnderstood(status)) {
            return NoStoreReason.NOT_UNDERSTOOD;
        }
        if (control.has(Flag.NO_STORE) && !mustUnderstand) {
            return NoStoreReason.NO_STORE;
        }
        if (control.has(Flag.PRIVATE)) {
            return NoStoreReason.PRIVATE;
        }
        if (request.fields().contains("authorization") && !allowsSharing(control)) {
            return NoStoreReason.AUTHORIZATION;
        }
        return null;
    }

    /** Whether a stored response may answer others still, now that an answer to this request, a 304 or one to a HEAD, has updated it. */
    static boolean mayShare(CacheRequest request, StoredResponse updated, CacheRules rules) {
        boolean cookieForOne = updated.fields().contains("set-cookie")
                && (rules.cookiesPass() || !updated.freshness().explicit());
        return !cookieForOne && forOneClient(request, updated.status(), updated.control()) == null;
    }

    /** A response to POST may answer a later GET if it is the representation of its own target (RFC 9110 section 9.3.3). */
    private static boolean isOfItsOwnTarget(CacheRequest request, HeaderFields fields) {
        String location = fields.first("content-location");
        return location != null && request.target().equals(Invalidation.sameOriginTarget(request, location));
    }

    /** Section 3.5. */
    private static boolean allowsSharing(CacheControl control) {
        return control.has(Flag.PUBLIC)
                || control.has(Flag.MUST_REVALIDATE)
                || control.sharedMaxAge() != CacheControl.ABSENT;
    }

    /** Why storing it would serve nothing, or would be a guess that section 4.2.2 does not allow; null when it may be of use. */
    private static @Nullable NoStoreReason useless(CacheRequest request, StoredResponse stored) {
        CacheControl control = stored.control();
        if (!stored.freshness().explicit()) {
            boolean cacheable = StatusCodes.isHeuristicallyCacheable(stored.status()) || control.has(Flag.PUBLIC);
            if (!request.isGet() || !cacheable) {
                return NoStoreReason.STATUS;
            }
            if (stored.fields().contains("set-cookie")) {
                // allowed (section 7.3), yet nobody has said that this cookie is for everybody
                return NoStoreReason.SET_COOKIE;
            }
        }
        boolean usableByItself = !control.has(Flag.NO_CACHE)
                && (stored.freshness().lifetimeSeconds() > 0
                        || stored.staleWhileRevalidate() > 0
                        || control.staleIfError() > 0);
        return usableByItself || !stored.validators().isEmpty() ? null : NoStoreReason.UNUSABLE;
    }

    static HeaderFields remember(CacheRules rules, HeaderFields fields) {
        String text = rules.text();
        return text == null
                ? fields
                : fields.toBuilder().set(CacheRules.FIELD, text).build();
    }

    /** What of these fields is for the one who asked, and nobody after. */
    static HeaderFields withheld(HeaderFields fields, CacheControl control) {
        Set<String> names = control.withheldFields();
        return names.isEmpty()
                ? HeaderFields.EMPTY
                : HopByHop.strip(fields).without(name -> !names.contains(name) || OF_EACH_ANSWER.contains(name));
    }

    /**
     * Section 3.1, with the Date that RFC 9110 section 6.6.1 has a recipient add, and without a length, which the content has: what is left
     * is what most responses are sent with.
     */
    private static HeaderFields storedFields(HeaderFields fields, CacheControl control, long responseTimeMillis) {
        Set<String> withheld = control.withheldFields();
        HeaderFields kept = HopByHop.strip(fields).without("content-length"::equals);
        if (!withheld.isEmpty()) {
            kept = kept.without(withheld::contains);
        }
        boolean dated = HttpDate.parse(kept.first("date"), responseTimeMillis).isPresent();
        return dated ? kept : kept.with("date", HttpDate.format(responseTimeMillis));
    }
}
