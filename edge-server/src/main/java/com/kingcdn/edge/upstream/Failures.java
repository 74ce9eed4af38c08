package com.kingcdn.edge.upstream;

import com.kingcdn.edge.upstream.UpstreamException.Kind;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.net.UnknownHostException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What failures mean for the request and its endpoint. */
final class Failures {

    private Failures() {}

    /**
     * The failure of an exchange before its head.
     *
     * @param safe whether the request may reach an origin twice
     */
    static UpstreamException of(Kind kind, boolean safe, String message) {
        boolean unsent =
                kind == Kind.UNRESOLVED || kind == Kind.REFUSED || kind == Kind.CONNECT_TIMEOUT || kind == Kind.TLS;
        // an origin that is slow or overloaded is not helped by asking again
        boolean retryable = unsent || (safe && kind == Kind.CLOSED);
        return new UpstreamException(kind, retryable, message);
    }

    /**
     * Whether another endpoint may be asked, where the same one may not: it was not reached, or it was too slow or made no sense, which
     * another one need not be.
     */
    static boolean mayGoElsewhere(UpstreamException failure, boolean safe) {
        return failure.isRetryable()
                || (safe
                        && switch (failure.kind()) {
                            case RESPONSE_TIMEOUT, PROTOCOL, OVERLOADED -> true;
                            default -> false;
                        });
    }

    /** Whether nothing came that shows the endpoint alive. */
    static boolean isSilence(Kind kind) {
        return switch (kind) {
            case UNRESOLVED, REFUSED, CONNECT_TIMEOUT, TLS, CLOSED, RESPONSE_TIMEOUT -> true;
            default -> false;
        };
    }

    /** Why there is no connection. */
    static Kind kind(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnknownHostException) {
                return Kind.UNRESOLVED;
            }
            // a ConnectException too, as refusals are
            if (cause instanceof ConnectTimeoutException || cause instanceof SslHandshakeTimeoutException) {
                return Kind.CONNECT_TIMEOUT;
            }
            if (cause instanceof SSLException) {
                return Kind.TLS;
            }
        }
        return Kind.REFUSED;
    }

    /** Whether the endpoint is to blame, so that others should be preferred for a while. */
    static boolean isEndpointsFault(Kind kind) {
        return switch (kind) {
            case UNRESOLVED,
                    REFUSED,
                    CONNECT_TIMEOUT,
                    TLS,
                    CLOSED,
                    RESPONSE_TIMEOUT,
                    PROTOCOL,
                    TRUNCATED,
                    IDLE_TIMEOUT -> true;
            case OVERLOADED, UNAVAILABLE, LOOP, REQUEST_BODY -> false;
        };
    }

    /** A Content-Length that the decoder has let pass, or -1. */
    static long length(@Nullable String contentLength) {
        try {
            return contentLength == null ? -1 : Long.parseLong(contentLength);
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
