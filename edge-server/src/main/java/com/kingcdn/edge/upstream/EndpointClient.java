package com.kingcdn.edge.upstream;

import com.kingcdn.edge.upstream.Downstream.InterimReceiver;
import com.kingcdn.edge.upstream.UpstreamException.Kind;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.http.HopByHop;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;
import reactor.netty.Connection;
import reactor.netty.NettyPipeline;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientResponse;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;

/** Single exchanges with single endpoints, over pooled HTTP/1.1 connections of Reactor Netty. */
final class EndpointClient implements AutoCloseable {

    /** Timeouts come from configuration, so more are reached only by years of changing it. */
    private static final int MOST_CLIENTS = 1_000;

    private static final int HEADER_SECTION_BYTES = 64 * 1024;

    private final ConnectionProvider connections;
    private final HttpClient prototype;
    private final ConcurrentMap<Duration, HttpClient> clients = new ConcurrentHashMap<>();

    EndpointClient(UpstreamProperties settings, LoopResources loops) {
        this.connections = ConnectionProvider.builder("upstream")
                .maxConnections(settings.connections())
                .pendingAcquireMaxCount(settings.waiting())
                .pendingAcquireTimeout(settings.responseTimeout())
                .maxIdleTime(settings.keepAlive())
                .evictInBackground(Duration.ofSeconds(30))
                .lifo()
                .build();
        this.prototype = HttpClient.create(connections)
                .runOn(loops)
                .compress(false)
                .keepAlive(true)
                .disableRetry(true)
                .followRedirect(false)
                .option(ChannelOption.TCP_NODELAY, true)
                .httpResponseDecoder(spec -> spec.maxHeaderSize(HEADER_SECTION_BYTES))
                .doOnChannelInit((observer, channel, address) -> guard(channel.pipeline()));
    }

    private static void guard(ChannelPipeline pipeline) {
        ResponseBoundary boundary = new ResponseBoundary();
        pipeline.addBefore(NettyPipeline.HttpCodec, "response-boundary", boundary);
        pipeline.addAfter(NettyPipeline.HttpCodec, "exchange-guard", new ExchangeGuard(boundary));
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
            @Nullable InterimReceiver interim) {}

    /**
     * Sends once, and completes with the response's head. Fails with whatever the library fails with, or an {@link UpstreamException}.
     *
     * @param ended run when the exchange is over in any way, its content included
     */
    Mono<UpstreamResponse> send(Hop hop, Message message, Timeouts timeouts, Runnable ended) {
        HttpClient client = client(timeouts.connect()).doOnRequest((sent, connection) -> {
            put(message, sent.requestHeaders());
            ExchangeGuard.begin(connection.channel(), timeouts, message.interim());
        });
        HttpClient.RequestSender sender =
                client.request(HttpMethod.valueOf(message.method())).uri(url(hop, message.target()));
        HttpClient.ResponseReceiver<?> receiver = message.body() == null ? sender : sender.send(message.body());
        long sentAt = System.nanoTime();
        return receiver.responseConnection((response, connection) -> {
                    UpstreamResponse head = head(message, response, connection, timeouts, ended);
                    UpstreamMetrics.answered(hop.tier(), head.status(), System.nanoTime() - sentAt);
                    return Mono.just(head);
                })
                .next()
                .doFinally(end -> {
                    if (end != SignalType.ON_COMPLETE) {
                        ended.run();
                    }
                });
    }

    private HttpClient client(Duration connectTimeout) {
        HttpClient known = clients.get(connectTimeout);
        if (known != null) {
            return known;
        }
        if (clients.size() >= MOST_CLIENTS) {
            clients.clear();
        }
        return clients.computeIfAbsent(
                connectTimeout, each -> prototype.option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) each.toMillis()));
    }

    private static void put(Message message, HttpHeaders headers) {
        // nothing of the library's own, such as its User-Agent: the origin sees what the client sent
        headers.clear();
        HeaderFields fields = message.fields();
        for (int i = 0; i < fields.size(); i++) {
            headers.add(fields.name(i), fields.value(i));
        }
        if (message.body() != null && !fields.contains("content-length")) {
            headers.set("transfer-encoding", "chunked");
        }
    }

    private static UpstreamResponse head(
            Message message, HttpClientResponse response, Connection connection, Timeouts timeouts, Runnable ended) {
        int status = response.status().code();
        if (status < 200 || status > 599) {
            connection.dispose();
            throw new UpstreamException(Kind.PROTOCOL, false, "the upstream answered with status " + status);
        }
        HeaderFields fields = HopByHop.strip(ExchangeGuard.fields(response.responseHeaders()));
        boolean empty = message.method().equals("HEAD") || status == 204 || status == 304;
        long announced = empty ? 0 : Failures.length(response.responseHeaders().get("content-length"));
        UpstreamMetrics.IN_FLIGHT.inc();
        return new UpstreamResponse(
                status,
                fields,
                new ResponseBody(connection, announced, timeouts.idle().toNanos(), () -> {
                    UpstreamMetrics.IN_FLIGHT.dec();
                    ended.run();
                }));
    }

    /** The endpoint's path, if it has one, before the client's target. */
    static String url(Hop hop, String target) {
        String base = hop.endpoint().url().toString();
        return (base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + target;
    }

    /** Closes idle connections and fails what is under way. */
    @Override
    public void close() {
        connections.disposeLater().block(Duration.ofSeconds(5));
    }
}
