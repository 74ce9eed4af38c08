package com.kingcdn.redirector.api;

import com.kingcdn.control.ControlJson;
import org.springframework.core.Ordered;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebExceptionHandler;
import reactor.core.publisher.Mono;
import reactor.netty.channel.AbortedException;

/** The one place where a failed request of the controllers gets its answer: a {@link Problem}, never a stack trace. */
final class ApiErrorHandler implements WebExceptionHandler, Ordered {

    private static final int BEFORE_BOOT = -2;

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
        Problem.headers(failure).forEach(response.getHeaders()::put);
        String request = exchange.getRequest().getMethod() + " "
                + exchange.getRequest().getPath().value();
        Problem problem = Problem.of(failure, request, exchange.getLogPrefix());
        response.setRawStatusCode(problem.status());
        response.getHeaders().setContentType(MediaType.APPLICATION_PROBLEM_JSON);
        byte[] body = ControlJson.mapper().writeValueAsBytes(problem);
        response.getHeaders().setContentLength(body.length);
        return HttpMethod.HEAD.equals(exchange.getRequest().getMethod())
                ? response.setComplete()
                : response.writeWith(
                        Mono.fromSupplier(() -> response.bufferFactory().wrap(body)));
    }
}
