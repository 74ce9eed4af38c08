package com.kingcdn.http;

import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The evaluation of a conditional request (RFC 9110 section 13), in the order of section 13.2.2. */
public final class Preconditions {

    /** What a conditional request comes to. */
    public enum Outcome {
        /** Perform the method; a Range counts only if {@link Preconditions#rangeApplies} agrees. */
        PROCEED,
        /** Answer 304: what the client holds is current. */
        NOT_MODIFIED,
        /** Answer 412. */
        PRECONDITION_FAILED
    }

    private Preconditions() {}

    /**
     * Evaluates If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since. Whoever calls this has a success to send (section
     * 13.2.1): an error is answered without looking at preconditions.
     *
     * @param method as in the request line
     * @param request the request's fields
     * @param current of the selected representation; null when there is none
     * @param nowMillis for the century of RFC 850 dates
     */
    public static Outcome evaluate(String method, HeaderFields request, @Nullable Validators current, long nowMillis) {
        if (!unchanged(request, current, nowMillis)) {
            return Outcome.PRECONDITION_FAILED;
        }
        boolean reading = "GET".equals(method) || "HEAD".equals(method);
        if (reading) {
            return isNotModified(request, current, nowMillis) ? Outcome.NOT_MODIFIED : Outcome.PROCEED;
        }
        String ifNoneMatch = request.combined("if-none-match");
        return ifNoneMatch == null || noneMatches(ifNoneMatch, current) ? Outcome.PROCEED : Outcome.PRECONDITION_FAILED;
    }

    /** If-None-Match (section 13.1.2), or else If-Modified-Since (section 13.1.3), of a GET or HEAD; false when neither is there. */
    public static boolean isNotModified(HeaderFields request, @Nullable Validators current, long nowMillis) {
        String ifNoneMatch = request.combined("if-none-match");
        if (ifNoneMatch != null) {
            return !noneMatches(ifNoneMatch, current);
        }
        return current != null && !modifiedSince(request, current, nowMillis);
    }

    /** If-Match (section 13.1.1), or else If-Unmodified-Since (section 13.1.4); true when neither is there. */
    public static boolean unchanged(HeaderFields request, @Nullable Validators current, long nowMillis) {
        String ifMatch = request.combined("if-match");
        if (ifMatch != null) {
            if (current == null) {
                return false;
            }
            EntityTag tag = current.entityTag();
            return ifMatch.equals("*")
                    || (tag != null && EntityTag.parseList(ifMatch).stream().anyMatch(tag::matchesStrongly));
        }
        OptionalLong since = HttpDate.parse(request.first("if-unmodified-since"), nowMillis);
        if (since.isEmpty() || current == null || current.lastModified().isEmpty()) {
            return true;
        }
        return current.lastModified().getAsLong() <= since.getAsLong();
    }

    /** Section 13.1.2, by weak comparison. */
    private static boolean noneMatches(String ifNoneMatch, @Nullable Validators current) {
        if (current == null) {
            return true;
        }
        if (ifNoneMatch.equals("*")) {
            return false;
        }
        EntityTag tag = current.entityTag();
        return tag == null || EntityTag.parseList(ifNoneMatch).stream().noneMatch(tag::matchesWeakly);
    }

    /** Section 13.1.3: true unless the representation is known not to be newer. */
    private static boolean modifiedSince(HeaderFields request, Validators current, long nowMillis) {
        String field = request.first("if-modified-since");
        if (field == null || current.lastModified().isEmpty()) {
            return true;
        }
        OptionalLong since = HttpDate.parse(field, nowMillis);
        return since.isEmpty() || current.lastModified().getAsLong() > since.getAsLong();
    }

    /**
     * Whether a Range field counts: If-Range (section 13.1.5) is absent, or names exactly the current version by a strong validator.
     *
     * @param nowMillis for the century of RFC 850 dates
     */
    public static boolean rangeApplies(HeaderFields request, Validators current, long nowMillis) {
        String ifRange = request.first("if-range");
        if (ifRange == null) {
            return true;
        }
        if (ifRange.startsWith("\"") || ifRange.startsWith("W/")) {
            EntityTag wanted = EntityTag.parse(ifRange);
            EntityTag tag = current.entityTag();
            return wanted != null && tag != null && wanted.matchesStrongly(tag);
        }
        OptionalLong date = HttpDate.parse(ifRange, nowMillis);
        return date.isPresent() && current.lastModifiedStrong() && date.equals(current.lastModified());
    }
}
