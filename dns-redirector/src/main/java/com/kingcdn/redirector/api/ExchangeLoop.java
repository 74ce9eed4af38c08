package com.kingcdn.redirector.api;

import java.util.concurrent.Executor;
import org.springframework.web.server.ServerWebExchange;

/**
 * The event loop of an exchange's connection, as an attribute of the exchange. What is sent as time goes by is sent from there: from
 * another thread it could meet the end of the connection half-way, and its buffer would be lost.
 */
public final class ExchangeLoop {

    private static final String ATTRIBUTE = ExchangeLoop.class.getName();

    private ExchangeLoop() {}

    /** Remembers it. */
    public static void set(ServerWebExchange exchange, Executor loop) {
        exchange.getAttributes().put(ATTRIBUTE, loop);
    }

    /** The one remembered; the calling thread when there is none. */
    public static Executor of(ServerWebExchange exchange) {
        return exchange.getAttributeOrDefault(ATTRIBUTE, Runnable::run);
    }
}
