package com.kingcdn.redirector.api;

import com.kingcdn.redirector.registry.ConflictException;
import com.kingcdn.redirector.registry.ControlStoreException;
import com.kingcdn.redirector.registry.JsonRefusal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.MethodParameter;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.server.ServerWebInputException;
import org.springframework.web.server.UnsupportedMediaTypeStatusException;
import tools.jackson.core.JacksonException;

/**
 * A problem document (RFC 9457 section 3.1): the members that are used, and where in the request's body the fault lies. It says what to
 * do, never where in the code.
 */
public record Problem(String type, String title, int status, String detail, @Nullable String pointer) {

    private static final Logger log = LoggerFactory.getLogger(Problem.class);

    /**
     * Of a failed request. What is nobody's request's fault is logged here, once.
     *
     * @param request the method and path
     * @param logPrefix what tells the request from others in the log
     */
    public static Problem of(Throwable failure, String request, String logPrefix) {
        if (failure instanceof UnprocessableException refused) {
            return of(HttpStatus.UNPROCESSABLE_CONTENT, refused.getMessage(), refused.pointer());
        }
        if (failure instanceof ConflictException conflict) {
            return of(HttpStatus.CONFLICT, conflict.getMessage(), null);
        }
        if (failure instanceof ControlStoreException store) {
            boolean tooLong = store.kind() == ControlStoreException.Kind.TOO_LONG;
            return of(
                    tooLong ? HttpStatus.CONTENT_TOO_LARGE : HttpStatus.SERVICE_UNAVAILABLE, store.getMessage(), null);
        }
        if (cause(failure, DataBufferLimitException.class) != null) {
            return of(
                    HttpStatus.CONTENT_TOO_LARGE,
                    "the body is larger than " + ApiConfiguration.MAX_BODY_BYTES + " bytes",
                    null);
        }
        @Nullable JacksonException json = cause(failure, JacksonException.class);
        if (json != null && (failure instanceof ServerWebInputException || failure == json)) {
            JsonRefusal refusal = JsonRefusal.of(json);
            return of(HttpStatus.BAD_REQUEST, refusal.reason(), refusal.pointer());
        }
        if (failure instanceof ErrorResponse error) {
            return of(error.getStatusCode(), detail(error, request), null);
        }
        log.error("{}{} failed", logPrefix, request, failure);
        return of(
                HttpStatus.INTERNAL_SERVER_ERROR,
                "an error of the redirector; its log has more under " + logPrefix.strip(),
                null);
    }

    private static String detail(ErrorResponse error, String request) {
        if (error instanceof UnsupportedMediaTypeStatusException other
                && !other.getSupportedMediaTypes().isEmpty()) {
            return "the body has to come with Content-Type: " + MediaType.toString(other.getSupportedMediaTypes());
        }
        if (error instanceof ServerWebInputException input && isOfBody(input.getMethodParameter())) {
            // what is in it and cannot be read was told of above
            return "the body is empty or null";
        }
        @Nullable String detail = error.getBody().getDetail();
        return detail == null ? request + " is not served here" : detail;
    }

    private static boolean isOfBody(@Nullable MethodParameter parameter) {
        return parameter != null && parameter.hasParameterAnnotation(RequestBody.class);
    }

    private static Problem of(HttpStatusCode status, @Nullable String detail, @Nullable String pointer) {
        @Nullable HttpStatus known = HttpStatus.resolve(status.value());
        return new Problem(
                "about:blank",
                known == null ? "Error" : known.getReasonPhrase(),
                status.value(),
                String.valueOf(detail),
                pointer);
    }

    /** The fields that go with it, besides those of the content. */
    public static Map<String, List<String>> headers(Throwable failure) {
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        if (failure instanceof ErrorResponse error) {
            error.getHeaders().forEach(headers::put);
        }
        if (failure instanceof ControlStoreException store) {
            retryAfter(store.kind()).ifPresent(seconds -> headers.put(HttpHeaders.RETRY_AFTER, List.of(seconds)));
        }
        headers.put(HttpHeaders.CACHE_CONTROL, List.of("no-store"));
        return headers;
    }

    /** In how many seconds it may be worth to try again: a disk that takes no writes is tried every few. */
    private static Optional<String> retryAfter(ControlStoreException.Kind kind) {
        return switch (kind) {
            case BUSY -> Optional.of("1");
            case UNWRITABLE -> Optional.of("5");
            case TOO_LONG, STOPPED, DAMAGED -> Optional.empty();
        };
    }

    private static <T extends Throwable> @Nullable T cause(Throwable failure, Class<T> type) {
        for (@Nullable Throwable each = failure; each != null; each = each.getCause()) {
            if (type.isInstance(each)) {
                return type.cast(each);
            }
        }
        return null;
    }
}
