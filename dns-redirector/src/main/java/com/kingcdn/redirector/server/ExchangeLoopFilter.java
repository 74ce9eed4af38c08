package com.kingcdn.redirector.server;

import com.kingcdn.redirector.api.ExchangeLoop;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRequest;

/** Tells each exchange its {@link ExchangeLoop}. */
public final class ExchangeLoopFilter implements WebFilter {

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        HttpServerRequest request = ServerHttpRequestDecorator.getNativeRequest(exchange.getRequest());
        request.withConnection(
                connection -> ExchangeLoop.set(exchange, connection.channel().eventLoop()));
        return chain.filter(exchange);
    }
}
