package com.kingcdn.edge.upstream;

/** Thrown when no endpoint gave a whole response: the one exception of this package. */
public final class UpstreamException extends RuntimeException {

    /** What went wrong; also a metric label. */
    public enum Kind {
        UNRESOLVED(502, "dns_error"),
        REFUSED(502, "connection_refused"),
        CONNECT_TIMEOUT(504, "connection_timeout"),
        TLS(502, "tls_protocol_error"),
        /** Too many requests wait for a connection to this origin. */
        OVERLOADED(503, "connection_limit_reached"),
        /** No endpoint is asked at the moment: all have been silent for long, and trials are under way. */
        UNAVAILABLE(503, "destination_unavailable"),
        CLOSED(502, "connection_terminated"),
        /** The response's head did not come in time. */
        RESPONSE_TIMEOUT(504, "http_response_timeout"),
        /** The response's content stopped coming. */
        IDLE_TIMEOUT(504, "connection_read_timeout"),
        PROTOCOL(502, "http_protocol_error"),
        /** The content ended before its announced length. */
        TRUNCATED(502, "http_response_incomplete"),
        /** The request has been here before (RFC 8586). */
        LOOP(508, "proxy_loop_detected"),
        /** The client's own content failed while it was sent on. */
        REQUEST_BODY(400, "http_request_error");

        private final int status;
        private final String token;

        Kind(int status, String token) {
            this.status = status;
            this.token = token;
        }

        /** What a client is answered, if nothing stored may be used instead. */
        public int status() {
            return status;
        }

        /** The proxy error type (RFC 9209 section 2.3), for Cache-Status details and logs. */
        public String token() {
            return token;
        }
    }

    private static final long serialVersionUID = 1;

    private final Kind kind;
    private final boolean retryable;
    private final int retryAfterSeconds;

    /**
     * Says what failed, for a log line.
     *
     * @param retryable whether the same request may be sent again
     */
    public UpstreamException(Kind kind, boolean retryable, String message) {
        this(kind, retryable, message, 0);
    }

    private UpstreamException(Kind kind, boolean retryable, String message, int retryAfterSeconds) {
        // an expected outcome: the place in our code says nothing, and stack traces are dear while an origin is down
        super(message, null, false, false);
        this.kind = kind;
        this.retryable = retryable;
        this.retryAfterSeconds = retryAfterSeconds;
    }

    /** Says that nobody is asked before the next trial, in so many seconds. */
    static UpstreamException unavailable(String message, int retryAfterSeconds) {
        return new UpstreamException(Kind.UNAVAILABLE, false, message, retryAfterSeconds);
    }

    public Kind kind() {
        return kind;
    }

    public boolean isRetryable() {
        return retryable;
    }

    /** For Retry-After (RFC 9110 section 10.2.3): at least 1, or 0 when nobody knows. */
    public int retryAfterSeconds() {
        return retryAfterSeconds;
    }
}
