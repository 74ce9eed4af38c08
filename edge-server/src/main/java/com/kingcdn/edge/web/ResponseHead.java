package com.kingcdn.edge.web;

import com.kingcdn.edge.cache.CacheStatus;
import com.kingcdn.edge.cache.EdgeResponse;
import com.kingcdn.http.HeaderFields;
import org.jspecify.annotations.Nullable;

/**
 * A response's head before it is written the way a version of HTTP has it.
 *
 * @param fields to be sent as they are; Date is added when it is not among them
 * @param ageSeconds for Age, or {@link EdgeResponse#NO_AGE}
 * @param contentLength for Content-Length, or {@link EdgeResponse#UNKNOWN_LENGTH}
 * @param cacheStatus which also names this node in Via; null to say neither
 */
record ResponseHead(
        int status, HeaderFields fields, long ageSeconds, long contentLength, @Nullable CacheStatus cacheStatus) {

    static ResponseHead of(EdgeResponse answer) {
        return new ResponseHead(
                answer.status(), answer.fields(), answer.ageSeconds(), answer.contentLength(), answer.cacheStatus());
    }

    /** The same with these fields beside its own. */
    ResponseHead plus(HeaderFields more) {
        if (more.size() == 0) {
            return this;
        }
        HeaderFields.Builder all = fields.toBuilder();
        more.forEach(all::add);
        return new ResponseHead(status, all.build(), ageSeconds, contentLength, cacheStatus);
    }

    /**
     * That of an answer of the edge's own.
     *
     * @param why a token for Cache-Status, so that nobody looks for it at the origin; null where another edge may have asked: without
     *     Cache-Status it asks elsewhere (docs/adr/0007-tiers.md)
     */
    static ResponseHead own(int status, HeaderFields fields, long contentLength, @Nullable String why) {
        return new ResponseHead(
                status, fields, EdgeResponse.NO_AGE, contentLength, why == null ? null : CacheStatus.generated(why));
    }

    /** Whether Content-Length is sent (RFC 9110 section 8.6). */
    boolean saysLength() {
        return contentLength >= 0 && status != 204;
    }

    /** Whether there is never content, to whatever method (RFC 9110 sections 15.3.5 and 15.4.5). */
    boolean isBare() {
        return status == 204 || status == 304;
    }
}
