package com.kingcdn.edge.web;

import com.kingcdn.edge.cache.EdgeResponse;
import com.kingcdn.edge.cache.HttpCache;
import com.kingcdn.edge.distribution.DistributionTable;
import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.edge.upstream.Downstream;
import com.kingcdn.edge.upstream.ForwardedFields;
import com.kingcdn.edge.upstream.Peer;
import com.kingcdn.edge.upstream.PeerSeal;
import com.kingcdn.edge.upstream.TierTable;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.topology.Distribution;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http2.Http2StreamChannel;
import java.net.InetAddress;
import java.time.Clock;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/**
 * Answers one request on the content port: checks it, finds whose it is, asks the cache.
 *
 * <p>Most hits come by {@link #hit}, from {@link HitHandler}; what lies in memory and came the longer way is still answered within the
 * call, without a reactive chain. Everything else is a {@link Mono} that the client's going away cancels.
 */
final class EdgeHandler implements BiFunction<HttpServerRequest, HttpServerResponse, Publisher<Void>> {

    private static final Logger LOG = LoggerFactory.getLogger(EdgeHandler.class);

    /** RFC 2518 section 10.1. */
    private static final int PROCESSING = 102;

    private final HttpCache cache;
    private final DistributionTable distributions;
    private final ForwardedFields forwarded;
    private final TierTable tiers;
    private final Clock clock;
    private final RequestGate gate;
    private final ResponseWriter writer;
    private final long contentLimit;
    private final @Nullable AccessLog log;

    EdgeHandler(
            ContentServer.Services services,
            RequestGate gate,
            ResponseWriter writer,
            long contentLimit,
            @Nullable AccessLog log) {
        this.cache = services.cache();
        this.distributions = services.distributions();
        this.forwarded = services.forwarded();
        this.tiers = services.tiers();
        this.clock = services.clock();
        this.gate = gate;
        this.writer = writer;
        this.contentLimit = contentLimit;
        this.log = log;
    }

    @Override
    public Publisher<Void> apply(HttpServerRequest request, HttpServerResponse response) {
        ClientExchange exchange = new ClientExchange(request, response, log);
        Intake intake = Intake.read(
                request.method(),
                request.uri(),
                // what HTTP/2 adds to HTTP/1.1 has been dealt with below
                exchange.channel() instanceof Http2StreamChannel ? HttpVersion.HTTP_1_1 : request.version(),
                request.requestHeaders(),
                request.scheme(),
                contentLimit);
        if (intake instanceof Intake.Accepted accepted) {
            exchange.accept(accepted.request());
            return answer(exchange, accepted);
        }
        return writer.refuse(exchange, ((Intake.Refused) intake).refusal());
    }

    /**
     * What a plain request (GET or HEAD, without content) is answered from memory, in one piece.
     *
     * @return null when it is not: then it goes the longer way, on which it is also refused if need be
     */
    @Nullable
    EdgeResponse hit(CacheRequest request) {
        try {
            return inOnePiece(request);
        } catch (RuntimeException e) {
            LOG.debug("a hit of {} failed, and goes the longer way, which answers for it", request.authority(), e);
            return null;
        }
    }

    private @Nullable EdgeResponse inOnePiece(CacheRequest request) {
        if (request.fields().contains(PeerSeal.FIELD) || forwarded.loops(request.fields())) {
            // another edge may know of purges that this one does not, and is told more than a client
            return null;
        }
        Distribution distribution = distributions.find(request.authority());
        EdgeResponse answer =
                distribution == null || !gate.isOpen(distribution) ? null : cache.tryServe(request, distribution);
        if (answer == null
                || answer.body() instanceof EdgeResponse.Whole
                || answer.body() instanceof EdgeResponse.None) {
            return answer;
        }
        answer.close();
        return null;
    }

    /**
     * Counts and logs a {@link #hit} that was written.
     *
     * @param nanos from its head to its response's
     */
    void answered(CacheRequest request, EdgeResponse answer, long nanos, @Nullable InetAddress client) {
        Outcome outcome = Outcome.of(answer.cacheStatus(), false);
        long bytes = answer.body() instanceof EdgeResponse.None ? 0 : answer.contentLength();
        EdgeMetrics.answered(outcome, answer.status(), nanos);
        EdgeMetrics.sent(outcome, bytes);
        if (log != null) {
            log.write(new AccessLog.Line(
                    System.currentTimeMillis() - TimeUnit.NANOSECONDS.toMillis(nanos),
                    client,
                    request.method(),
                    request.authority(),
                    request.target(),
                    answer.status(),
                    bytes,
                    TimeUnit.NANOSECONDS.toMicros(nanos),
                    outcome,
                    null,
                    writer.status(answer),
                    request.fields().first("range"),
                    request.fields().first("user-agent")));
        }
    }

    private Publisher<Void> answer(ClientExchange exchange, Intake.Accepted accepted) {
        CacheRequest request = accepted.request();
        if (forwarded.loops(request.fields())) {
            return writer.refuse(exchange, Refusal.LOOP);
        }
        Distribution distribution = distributions.find(request.authority());
        if (distribution == null) {
            return writer.refuse(exchange, Refusal.MISDIRECTED);
        }
        Peer peer = peer(request);
        if (peer != null) {
            // the edge where the client arrived has asked for all that this distribution asks of clients
            exchange.admit(request);
            return serve(exchange, accepted.with(request.withScheme(peer.scheme())), distribution, peer);
        }
        TlsConnection tls = TlsConnection.of(exchange.channel());
        if (tls != null && !tls.covers(request)) {
            return writer.refuse(exchange, Refusal.MISDIRECTED);
        }
        Passage passage = gate.check(distribution, request, exchange.client());
        if (passage instanceof Passage.Closed closed) {
            return refuse(exchange, closed);
        }
        exchange.admit(passage instanceof Passage.Open open ? open.request() : request);
        if (passage instanceof Passage.Open open) {
            exchange.onEnd(open.release());
            exchange.give(open.fields());
            return serve(exchange, accepted.with(open.request()), distribution, null);
        }
        return serve(exchange, accepted, distribution, null);
    }

    private Publisher<Void> refuse(ClientExchange exchange, Passage.Closed closed) {
        exchange.admit(closed.request());
        exchange.because(closed.reason());
        return writer.refuse(exchange, closed.refusal(), closed.retryAfterSeconds());
    }

    /** The edge that the request comes from; null for a client. */
    private @Nullable Peer peer(CacheRequest request) {
        String seal = request.fields().first(PeerSeal.FIELD);
        return seal == null
                ? null
                : tiers.peer(seal, request.method(), request.authority(), request.target(), clock.millis());
    }

    private Publisher<Void> serve(
            ClientExchange exchange, Intake.Accepted accepted, Distribution distribution, @Nullable Peer peer) {
        EdgeResponse hit = peer == null
                ? cache.tryServe(accepted.request(), distribution)
                : cache.tryServe(accepted.request(), distribution, peer);
        return hit != null ? writer.write(exchange, hit) : work(exchange, accepted, distribution, peer);
    }

    private Publisher<Void> work(
            ClientExchange exchange, Intake.Accepted accepted, Distribution distribution, @Nullable Peer peer) {
        Passage passage = gate.admitWork(accepted.request());
        if (passage instanceof Passage.Closed closed) {
            return refuse(exchange, closed);
        }
        exchange.onEnd(((Passage.Open) passage).release());
        if (peer != null) {
            // this node is there, however long the rest takes
            exchange.interim(PROCESSING, HeaderFields.EMPTY);
        }
        return handle(exchange, accepted, distribution, peer);
    }

    private Publisher<Void> handle(
            ClientExchange exchange, Intake.Accepted accepted, Distribution distribution, @Nullable Peer peer) {
        CacheRequest request = accepted.request();
        ClientContent content = accepted.contentLength() == 0
                ? null
                : new ClientContent(exchange.request().receive(), contentLimit);
        Downstream downstream = new Downstream(
                request.scheme(),
                address(exchange.client()),
                content == null ? null : content.buffers(),
                exchange::interim,
                peer);
        return cache.handle(request, distribution, downstream)
                .flatMap(answer -> {
                    if (content != null && content.isTooLarge()) {
                        answer.close();
                        return Mono.from(writer.refuse(exchange, Refusal.CONTENT_TOO_LARGE));
                    }
                    return Mono.from(writer.write(exchange, answer));
                })
                .onErrorResume(failure -> fail(exchange, request, failure))
                .doOnCancel(() -> exchange.end(false, 0))
                .doOnDiscard(EdgeResponse.class, EdgeResponse::close);
    }

    private Mono<Void> fail(ClientExchange exchange, CacheRequest request, Throwable failure) {
        if (!exchange.channel().isActive()) {
            exchange.end(false, 0);
            return Mono.empty();
        }
        LOG.error("{} for {} failed", request.method(), request.authority(), failure);
        if (exchange.response().hasSentHeaders()) {
            exchange.end(false, 0);
            exchange.channel().close();
            return Mono.empty();
        }
        exchange.response().responseHeaders().clear();
        return Mono.from(writer.fail(exchange));
    }

    private static @Nullable String address(@Nullable InetAddress client) {
        if (client == null) {
            return null;
        }
        String text = client.getHostAddress();
        // the zone of a link-local address means nothing to others
        int zone = text.indexOf('%');
        return zone < 0 ? text : text.substring(0, zone);
    }
}
