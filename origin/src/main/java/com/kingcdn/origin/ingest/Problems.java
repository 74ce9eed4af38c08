package com.kingcdn.origin.ingest;

import com.kingcdn.origin.content.StoreException;
import java.util.Arrays;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import reactor.netty.channel.AbortedException;

/** The answers to what cannot be done: problem details (RFC 9457). */
final class Problems {

    private static final Logger LOG = LoggerFactory.getLogger(Problems.class);

    private Problems() {}

    static Mono<ServerResponse> of(HttpStatus status, String detail) {
        return response(status, detail, HttpHeaders.EMPTY);
    }

    /** The answer to an exception; one that nobody foresaw is logged, and only here. */
    static Mono<ServerResponse> of(Throwable error, ServerRequest request) {
        if (error instanceof IllegalArgumentException) {
            return of(HttpStatus.BAD_REQUEST, String.valueOf(error.getMessage()));
        }
        if (error instanceof StoreException store) {
            return ofStore(store);
        }
        if (error instanceof Ingestor.BusyException) {
            HttpHeaders retry = new HttpHeaders();
            retry.set(HttpHeaders.RETRY_AFTER, "1");
            return response(HttpStatus.SERVICE_UNAVAILABLE, "as many uploads are running as may", retry);
        }
        if (error instanceof TimeoutException) {
            return of(HttpStatus.REQUEST_TIMEOUT, "the upload sent nothing for too long");
        }
        if (error instanceof AbortedException || AbortedException.isConnectionReset(error)) {
            // the client has gone: nobody reads this
            return of(HttpStatus.BAD_REQUEST, "the request was cut off");
        }
        LOG.error("{} {} failed", request.method(), request.uri().getRawPath(), error);
        return of(HttpStatus.INTERNAL_SERVER_ERROR, "the request failed; the origin's log says why");
    }

    /** RFC 6750 section 3: what to show, and with a wrong token that it was wrong. */
    static Mono<ServerResponse> unauthorized(boolean shown) {
        HttpHeaders challenge = new HttpHeaders();
        challenge.set(
                HttpHeaders.WWW_AUTHENTICATE,
                shown ? "Bearer realm=\"origin\", error=\"invalid_token\"" : "Bearer realm=\"origin\"");
        return response(
                HttpStatus.UNAUTHORIZED,
                shown ? "this is not the origin's token" : "send the origin's token as Authorization: Bearer TOKEN",
                challenge);
    }

    static Mono<ServerResponse> methodNotAllowed(HttpMethod... allowed) {
        HttpHeaders allow = new HttpHeaders();
        allow.set(
                HttpHeaders.ALLOW, Arrays.stream(allowed).map(HttpMethod::name).collect(Collectors.joining(", ")));
        return response(HttpStatus.METHOD_NOT_ALLOWED, "the method is not one of those in Allow", allow);
    }

    /** RFC 7694 section 3: which codings would do. */
    static Mono<ServerResponse> unsupportedCoding() {
        HttpHeaders accept = new HttpHeaders();
        accept.set(HttpHeaders.ACCEPT_ENCODING, "identity");
        return response(HttpStatus.UNSUPPORTED_MEDIA_TYPE, "content is stored without a content coding", accept);
    }

    private static Mono<ServerResponse> ofStore(StoreException error) {
        String detail = String.valueOf(error.getMessage());
        return switch (error.kind()) {
            case DIGEST_MISMATCH, ABORTED -> of(HttpStatus.BAD_REQUEST, detail);
            case TOO_LARGE -> of(HttpStatus.CONTENT_TOO_LARGE, detail);
            case CONDITION_FAILED -> of(HttpStatus.PRECONDITION_FAILED, detail);
            case NO_SPACE -> {
                LOG.error("{}: {}", detail, String.valueOf(error.getCause()));
                yield of(HttpStatus.INSUFFICIENT_STORAGE, detail);
            }
            case IO -> {
                LOG.error("{}", detail);
                yield of(HttpStatus.INTERNAL_SERVER_ERROR, "the content store failed; the origin's log says why");
            }
        };
    }

    private static Mono<ServerResponse> response(HttpStatus status, String detail, HttpHeaders headers) {
        return ServerResponse.status(status)
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .headers(all -> all.putAll(headers))
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .bodyValue(ProblemDetail.forStatusAndDetail(status, detail));
    }
}
