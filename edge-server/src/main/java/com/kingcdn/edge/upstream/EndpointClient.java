package com.kingcdn.edge.upstream;

import com.kingcdn.edge.transport.Transport;
import com.kingcdn.edge.upstream.Downstream.InterimReceiver;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.topology.OriginEndpoint;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/** Single exchanges with single endpoints, over pooled HTTP/1.1 connections. */
final class EndpointClient implements AutoCloseable {

    /** Endpoints come from configuration, so more are reached only by years of changing it. */
    private static final int MOST_POOLS = 10_000;

    private final UpstreamProperties settings;
    private final Connector connector;
    private final ConcurrentMap<OriginEndpoint, ConnectionPool> pools = new ConcurrentHashMap<>();

    EndpointClient(UpstreamProperties settings, Connector connector) {
        this.settings = settings;
        this.connector = connector;
    }

    EndpointClient(UpstreamProperties settings, Transport transport) {
        this(settings, new Connector(transport));
    }

    /**
     * What is sent.
     *
     * @param fields all of the header section but transfer-encoding
     * @param body to be subscribed to once, or null
     * @param interim gets each interim response, or null
     */
    record Message(
            String method,
            String target,
            HeaderFields fields,
            @Nullable Flux<ByteBuf> body,
            @Nullable InterimReceiver interim) {

        /** Whether the content's length is not told. */
        boolean isChunked() {
            return body != null && !fields.contains("content-length");
        }

        /** Whether the request may reach an origin twice. */
        boolean isSafe() {
            return method.equals("GET") || method.equals("HEAD") || method.equals("OPTIONS");
        }

        /** Whether it may, and can, be sent a second time. */
        boolean isRepeatable() {
            return body == null && isSafe();
        }
    }

    /** Sends once; on the caller's event loop, if it is on one. */
    OriginExchange send(Hop hop, Message message, Timeouts timeouts, OriginExchange.Listener listener) {
        ConnectionPool pool = pool(hop.endpoint());
        EventLoop loop = pool.loop();
        OriginExchange exchange = new OriginExchange(pool, hop, message, timeouts, listener, loop);
        if (loop.inEventLoop()) {
            pool.acquire(exchange, false);
        } else {
            loop.execute(() -> pool.acquire(exchange, false));
        }
        return exchange;
    }

    private ConnectionPool pool(OriginEndpoint endpoint) {
        ConnectionPool known = pools.get(endpoint);
        if (known != null) {
            return known;
        }
        if (pools.size() >= MOST_POOLS) {
            pools.values().removeIf(ConnectionPool::isUnused);
        }
        return pools.computeIfAbsent(endpoint, each -> new ConnectionPool(each, settings, connector));
    }

    /** Runs later, on an event loop. */
    void later(Runnable step, long delayMillis) {
        connector.anyLoop().schedule(step, delayMillis, TimeUnit.MILLISECONDS);
    }

    /** Closes idle connections and fails what is under way. */
    @Override
    public void close() {
        connector.close();
    }
}
