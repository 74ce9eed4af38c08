package com.kingcdn.edge.web;

import io.netty.handler.codec.http.ContentLengthNotAllowedException;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.codec.http.TransferEncodingNotAllowedException;
import java.util.Locale;

/** Why a request is answered by the edge itself, without asking the cache; also the metric label. */
enum Refusal {
    /** Not HTTP/1.1 as RFC 9112 writes it. */
    MALFORMED(400, "The request is not valid HTTP."),
    /** Content-Length and Transfer-Encoding disagree (RFC 9112 section 6.3). */
    FRAMING(400, "The request's length is ambiguous: Content-Length and Transfer-Encoding exclude each other."),
    FIELDS_TOO_LARGE(431, "The request's header section is longer than this server reads."),
    TARGET_TOO_LONG(414, "The request target is longer than this server reads."),
    VERSION(505, "This server speaks HTTP/1.1 and HTTP/1.0."),
    TRANSFER_CODING(501, "The only transfer coding this server reads is chunked."),
    METHOD_NOT_ALLOWED(405, "This server does not answer TRACE."),
    METHOD_NOT_IMPLEMENTED(501, "This server is no tunnel: CONNECT is not implemented."),
    HOST(400, "The request must have exactly one valid Host, and no other one in its target."),
    TARGET(
            400,
            "The request target must be an absolute path without dot segments, control characters or stray percent signs."),
    EXPECTATION(417, "The only expectation this server knows is 100-continue."),
    UNEXPECTED_CONTENT(400, "GET and HEAD requests have no content here."),
    CONTENT_TOO_LARGE(413, "The request's content is larger than this server forwards."),
    MISDIRECTED(421, "This server does not serve that host."),
    LOOP(508, "The request has come through this edge before."),
    SIGNATURE(403, "This needs a valid token, and the request has none for it."),
    TOO_MANY_REQUESTS(429, "More requests than this client or this site may have here. Come back later."),
    OVERLOADED(503, "This server has more to do than it can. Come back in a moment."),
    REQUEST_TIMEOUT(408, "The request's header section did not arrive in time.");

    private final int status;
    private final String detail;
    private final String label = name().toLowerCase(Locale.ROOT);
    private final String token = label.replace('_', '-');

    Refusal(int status, String detail) {
        this.status = status;
        this.detail = detail;
    }

    int status() {
        return status;
    }

    String detail() {
        return detail;
    }

    String label() {
        return label;
    }

    /** What Cache-Status says of it. */
    String detailToken() {
        return token;
    }

    /** For a message that the HTTP/1.1 decoder cannot read. */
    static Refusal of(Throwable cause) {
        if (cause instanceof TooLongHttpLineException) {
            return TARGET_TOO_LONG;
        }
        if (cause instanceof TooLongHttpHeaderException) {
            return FIELDS_TOO_LARGE;
        }
        return cause instanceof ContentLengthNotAllowedException || cause instanceof TransferEncodingNotAllowedException
                ? FRAMING
                : MALFORMED;
    }

    /** Whether what follows on the connection cannot be trusted or is not worth reading. */
    boolean closes() {
        return switch (this) {
            case MISDIRECTED, LOOP, METHOD_NOT_ALLOWED, TARGET, SIGNATURE, TOO_MANY_REQUESTS, OVERLOADED -> false;
            default -> true;
        };
    }
}
