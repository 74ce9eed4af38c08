package com.kingcdn.edge.upstream;

import com.kingcdn.edge.upstream.UpstreamException.Kind;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.http.HopByHop;
import com.kingcdn.topology.OriginEndpoint;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.prometheus.client.Gauge;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.NettyPipeline;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientResponse;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;

/** The origins over pooled HTTP/1.1 connections of Reactor Netty. */
public final class UpstreamClient implements Upstream, AutoCloseable {

    private final ForwardedFields forwarded;
    private final UpstreamProperties settings;
    private final Clock clock;
    private final ConnectionProvider connections;
    private final HttpClient prototype;
    private final UpstreamHealth health = new UpstreamHealth();
    private final ConcurrentMap<String, RetryBudget> budgets = new ConcurrentHashMap<>();

    /**
     * A client with its own connections.
     *
     * @param loops where connections live; best the same as the content server's, so that a miss stays on one thread
     */
    public UpstreamClient(UpstreamProperties settings, ForwardedFields forwarded, LoopResources loops, Clock clock) {
        this.settings = settings;
        this.forwarded = forwarded;
        this.clock = clock;
        UpstreamMetrics.DOWN.setChild(new DownEndpoints(health, clock));
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
                .responseTimeout(settings.responseTimeout())
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                        settings.connectTimeout().toMillis())
                .option(ChannelOption.TCP_NODELAY, true)
                .httpResponseDecoder(spec -> spec.maxHeaderSize(64 * 1024))
                .doOnChannelInit((observer, channel, address) -> channel.pipeline()
                        .addAfter(NettyPipeline.HttpCodec, "interim-responses", new InterimResponseFilter()));
    }

    /** Counts at each scrape, since an endpoint comes back by time alone. */
    private static final class DownEndpoints extends Gauge.Child {

        private final UpstreamHealth health;
        private final Clock clock;

        DownEndpoints(UpstreamHealth health, Clock clock) {
            this.health = health;
            this.clock = clock;
        }

        @Override
        public double get() {
            return health.down(clock.millis());
        }
    }

    @Override
    public Mono<UpstreamResponse> fetch(UpstreamRequest request) {
        return Mono.defer(() -> {
            if (forwarded.loops(request.fields())) {
                return Mono.error(new UpstreamException(Kind.LOOP, false, "this edge is in the request's CDN-Loop"));
            }
            RetryBudget budget = budgets.computeIfAbsent(request.distribution().id(), id -> new RetryBudget());
            budget.earn();
            Exchange exchange = new Exchange(request, budget);
            return exchange.attempt(UpstreamPlanner.first(exchange.endpoints, health::of, clock.millis()), 1);
        });
    }

    /** Closes idle connections and fails what is under way. */
    @Override
    public void close() {
        connections.disposeLater().block(Duration.ofSeconds(5));
    }

    /** One request with its retries. */
    private final class Exchange {

        private final UpstreamRequest request;
        private final RetryBudget budget;
        private final List<OriginEndpoint> endpoints;
        private final AtomicBoolean bodyTaken = new AtomicBoolean();
        private final @Nullable Flux<ByteBuf> body;

        Exchange(UpstreamRequest request, RetryBudget budget) {
            this.request = request;
            this.budget = budget;
            this.endpoints = request.distribution().origins();
            Flux<ByteBuf> content = request.downstream().body();
            this.body = content == null
                    ? null
                    : content.doOnSubscribe(s -> bodyTaken.set(true))
                            .onErrorMap(e -> new UpstreamException(
                                    Kind.REQUEST_BODY, false, "the client's content failed: " + e));
        }

        Mono<UpstreamResponse> attempt(UpstreamPlanner.Step step, int number) {
            OriginEndpoint endpoint = step.endpoint();
            Mono<UpstreamResponse> once = send(endpoint)
                    .onErrorMap(e -> Failures.of(e, endpoint, request.isSafe()))
                    .doOnNext(response -> health.succeeded(endpoint))
                    .onErrorResume(UpstreamException.class, e -> afterFailure(e, endpoint, number));
            return step.delayMillis() == 0
                    ? once
                    : Mono.delay(Duration.ofMillis(step.delayMillis())).then(once);
        }

        private Mono<UpstreamResponse> afterFailure(UpstreamException failure, OriginEndpoint endpoint, int number) {
            UpstreamMetrics.failed(failure.kind());
            if (Failures.isEndpointsFault(failure.kind())) {
                health.failed(endpoint, clock.millis());
            }
            if (!failure.isRetryable() || bodyTaken.get()) {
                return Mono.error(failure);
            }
            UpstreamPlanner.Step next = UpstreamPlanner.afterFailure(
                    endpoints,
                    health::of,
                    number,
                    endpoint,
                    ThreadLocalRandom.current().nextDouble(),
                    clock.millis());
            if (next == null || !budget.spend()) {
                return Mono.error(failure);
            }
            UpstreamMetrics.RETRIES.inc();
            return attempt(next, number + 1);
        }

        private Mono<UpstreamResponse> send(OriginEndpoint endpoint) {
            HeaderFields fields = forwarded.towards(endpoint, request);
            HttpClient client = prototype.doOnRequest((sent, connection) -> {
                put(fields, sent.requestHeaders());
                InterimResponseFilter.attach(
                        connection.channel(), request.downstream().interim());
            });
            HttpClient.RequestSender sender =
                    client.request(HttpMethod.valueOf(request.method())).uri(url(endpoint, request.target()));
            HttpClient.ResponseReceiver<?> receiver = body == null ? sender : sender.send(body);
            long sentAt = System.nanoTime();
            return receiver.responseConnection(
                            (response, connection) -> Mono.just(toResponse(response, connection, sentAt)))
                    .next();
        }

        private void put(HeaderFields fields, HttpHeaders headers) {
            // nothing of the library's own, such as its User-Agent: the origin sees what the client sent
            headers.clear();
            for (int i = 0; i < fields.size(); i++) {
                headers.add(fields.name(i), fields.value(i));
            }
            if (body != null && !fields.contains("content-length")) {
                headers.set("transfer-encoding", "chunked");
            }
        }

        private UpstreamResponse toResponse(HttpClientResponse response, Connection connection, long sentAt) {
            connection.removeHandler(NettyPipeline.ResponseTimeoutHandler);
            InterimResponseFilter.attach(connection.channel(), null);
            int status = response.status().code();
            if (status < 200 || status > 599) {
                connection.dispose();
                throw new UpstreamException(Kind.PROTOCOL, false, "the origin answered with status " + status);
            }
            UpstreamMetrics.answered(status, System.nanoTime() - sentAt);
            UpstreamMetrics.IN_FLIGHT.inc();
            HeaderFields fields = HopByHop.strip(InterimResponseFilter.fields(response.responseHeaders()));
            boolean empty = request.method().equals("HEAD") || status == 204 || status == 304;
            long announced =
                    empty ? 0 : Failures.length(response.responseHeaders().get("content-length"));
            return new UpstreamResponse(
                    status,
                    fields,
                    new ResponseBody(
                            connection, announced, settings.idleTimeout().toNanos(), UpstreamMetrics.IN_FLIGHT::dec));
        }
    }

    /** The endpoint's path, if it has one, before the client's target. */
    static String url(OriginEndpoint endpoint, String target) {
        String base = endpoint.url().toString();
        return (base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + target;
    }
}
