package com.kingcdn.redirector.api;

import com.kingcdn.control.ControlJson;
import com.kingcdn.redirector.registry.ConflictException;
import com.kingcdn.redirector.registry.ControlStoreException;
import com.kingcdn.redirector.registry.JsonRefusal;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.ErrorResponse;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.ServerWebInputException;
import org.springframework.web.server.WebExceptionHandler;
import reactor.core.publisher.Mono;
import reactor.netty.channel.AbortedException;
import tools.jackson.core.JacksonException;

/**
 * The one place where a failed request gets its answer: a problem document (RFC 9457) that says what to do, never a stack trace. What is
 * nobody's request's fault is logged here, once.
 */
final class ApiErrorHandler implements WebExceptionHandler, Ordered {

    private static final Logger log = LoggerFactory.getLogger(ApiErrorHandler.class);

    private static final int BEFORE_BOOT = -2;

    /** The members of RFC 9457 section 3.1 that are used, and where in the request's body the fault lies. */
    private record Problem(String type, String title, int status, String detail, @Nullable String pointer) {}

    @Override
    public int getOrder() {
        return BEFORE_BOOT;
    }

    @Override
    public Mono<Void> handle(ServerWebExchange exchange, Throwable failure) {
        ServerHttpResponse response = exchange.getResponse();
        if (response.isCommitted() || failure instanceof AbortedException) {
            return Mono.error(failure);
        }
        if (failure instanceof ErrorResponse error) {
            response.getHeaders().putAll(error.getHeaders());
        }
        if (failure instanceof ControlStoreException store && store.kind() == ControlStoreException.Kind.BUSY) {
            response.getHeaders().set(HttpHeaders.RETRY_AFTER, "1");
        }
        Problem problem = problem(exchange, failure);
        response.setRawStatusCode(problem.status);
        response.getHeaders().setContentType(MediaType.APPLICATION_PROBLEM_JSON);
        response.getHeaders().set(HttpHeaders.CACHE_CONTROL, "no-store");
        byte[] body = ControlJson.mapper().writeValueAsBytes(problem);
        response.getHeaders().setContentLength(body.length);
        return HttpMethod.HEAD.equals(exchange.getRequest().getMethod())
                ? response.setComplete()
                : response.writeWith(
                        Mono.fromSupplier(() -> response.bufferFactory().wrap(body)));
    }

    private static Problem problem(ServerWebExchange exchange, Throwable failure) {
        if (failure instanceof UnprocessableException refused) {
            return problem(HttpStatus.UNPROCESSABLE_CONTENT, refused.getMessage(), refused.pointer());
        }
        if (failure instanceof ConflictException conflict) {
            return problem(HttpStatus.CONFLICT, conflict.getMessage(), null);
        }
        if (failure instanceof ControlStoreException store) {
            return problem(HttpStatus.SERVICE_UNAVAILABLE, store.getMessage(), null);
        }
        if (cause(failure, DataBufferLimitException.class) != null) {
            return problem(
                    HttpStatus.CONTENT_TOO_LARGE,
                    "the body is larger than " + ApiConfiguration.MAX_BODY_BYTES + " bytes",
                    null);
        }
        @Nullable JacksonException json = cause(failure, JacksonException.class);
        if (json != null && (failure instanceof ServerWebInputException || failure == json)) {
            JsonRefusal refusal = JsonRefusal.of(json);
            return problem(HttpStatus.BAD_REQUEST, refusal.reason(), refusal.pointer());
        }
        if (failure instanceof ErrorResponse error) {
            @Nullable String detail = error.getBody().getDetail();
            return problem(error.getStatusCode(), detail == null ? target(exchange) : detail, null);
        }
        log.error("{} failed", exchange.getLogPrefix() + exchange.getRequest().getPath(), failure);
        return problem(
                HttpStatus.INTERNAL_SERVER_ERROR,
                "an error of the redirector; its log has more under "
                        + exchange.getLogPrefix().strip(),
                null);
    }

    private static String target(ServerWebExchange exchange) {
        return exchange.getRequest().getMethod() + " "
                + exchange.getRequest().getPath().value() + " is not served here";
    }

    private static Problem problem(HttpStatusCode status, @Nullable String detail, @Nullable String pointer) {
        @Nullable HttpStatus known = HttpStatus.resolve(status.value());
        return new Problem(
                "about:blank",
                known == null ? "Error" : known.getReasonPhrase(),
                status.value(),
                String.valueOf(detail),
                pointer);
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
