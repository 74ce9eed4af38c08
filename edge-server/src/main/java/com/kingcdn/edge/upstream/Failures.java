package com.kingcdn.edge.upstream;

import com.kingcdn.edge.upstream.UpstreamException.Kind;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.timeout.TimeoutException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import reactor.netty.internal.shaded.reactor.pool.PoolAcquirePendingLimitException;
import reactor.netty.internal.shaded.reactor.pool.PoolAcquireTimeoutException;

/** What the library's exceptions mean. */
final class Failures {

    private Failures() {}

    /**
     * The failure of an exchange before its head.
     *
     * @param safe whether the request may reach an origin twice
     */
    static UpstreamException of(Throwable failure, Hop hop, boolean safe) {
        if (failure instanceof UpstreamException known) {
            return known;
        }
        Kind kind = kind(failure);
        boolean unsent =
                kind == Kind.UNRESOLVED || kind == Kind.REFUSED || kind == Kind.CONNECT_TIMEOUT || kind == Kind.TLS;
        // an origin that is slow or overloaded is not helped by asking again
        boolean retryable = unsent || (safe && kind == Kind.CLOSED);
        return new UpstreamException(
                kind, retryable, hop.tier().label() + " " + hop.endpoint().url() + ": " + failure);
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

    private static Kind kind(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            Kind kind = kindOf(cause);
            if (kind != null) {
                return kind;
            }
        }
        return Kind.CLOSED;
    }

    private static @Nullable Kind kindOf(Throwable failure) {
        if (failure instanceof PoolAcquirePendingLimitException || failure instanceof PoolAcquireTimeoutException) {
            return Kind.OVERLOADED;
        }
        if (failure instanceof UnknownHostException) {
            return Kind.UNRESOLVED;
        }
        // before ConnectException, which it extends
        if (failure instanceof ConnectTimeoutException) {
            return Kind.CONNECT_TIMEOUT;
        }
        if (failure instanceof ConnectException) {
            return Kind.REFUSED;
        }
        if (failure instanceof SSLException) {
            return Kind.TLS;
        }
        if (failure instanceof TimeoutException) {
            return Kind.RESPONSE_TIMEOUT;
        }
        return failure instanceof DecoderException || failure instanceof IllegalArgumentException
                ? Kind.PROTOCOL
                : null;
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
