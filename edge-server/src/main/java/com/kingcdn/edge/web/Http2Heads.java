package com.kingcdn.edge.web;

import com.kingcdn.edge.cache.CacheStatus;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.http.HttpDate;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.time.Clock;

/** Responses' heads as HTTP/2 has them (RFC 9113 section 8.3.2). */
final class Http2Heads {

    private static final AsciiString AGE = AsciiString.cached("age");
    private static final AsciiString DATE = AsciiString.cached("date");
    private static final AsciiString VIA = AsciiString.cached("via");
    private static final AsciiString CACHE_STATUS = AsciiString.cached("cache-status");
    private static final AsciiString CONTENT_LENGTH = AsciiString.cached("content-length");

    private final CacheStatusHeader cacheStatus;
    private final AsciiString via;
    private final Clock clock;

    Http2Heads(String node, Clock clock) {
        this.cacheStatus = new CacheStatusHeader(node);
        this.via = AsciiString.cached("1.1 " + node);
        this.clock = clock;
    }

    Http2Headers interim(int status, HeaderFields fields) {
        Http2Headers headers = new DefaultHttp2Headers(false, fields.size() + 1);
        headers.status(HttpResponseStatus.valueOf(status).codeAsText());
        fields.forEach(headers::add);
        return headers;
    }

    Http2Headers of(ResponseHead head) {
        HeaderFields fields = head.fields();
        Http2Headers headers = interim(head.status(), fields);
        if (!fields.contains("date")) {
            headers.add(DATE, HttpDate.format(clock.millis()));
        }
        if (head.ageSeconds() >= 0) {
            headers.add(AGE, Long.toString(head.ageSeconds()));
        }
        CacheStatus status = head.cacheStatus();
        if (status != null) {
            headers.add(VIA, via);
            headers.add(CACHE_STATUS, cacheStatus.value(status));
        }
        if (head.saysLength()) {
            headers.add(CONTENT_LENGTH, Long.toString(head.contentLength()));
        }
        return headers;
    }
}
