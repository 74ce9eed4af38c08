package com.kingcdn.edge.web;

import com.kingcdn.edge.cache.EdgeResponse;
import com.kingcdn.edge.cache.HttpCache;
import com.kingcdn.edge.distribution.DistributionTable;
import com.kingcdn.edge.distribution.DistributionTraffic;
import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.edge.upstream.Downstream;
import com.kingcdn.edge.upstream.ForwardedFields;
import com.kingcdn.edge.upstream.Peer;
import com.kingcdn.edge.upstream.PeerSeal;
import com.kingcdn.edge.upstream.TierTable;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.topology.Distribution;
import io.netty.handler.codec.http.HttpVersion;
import java.net.InetAddress;
import java.time.Clock;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers one request on the content port: checks it, finds whose it is, asks the cache.
 *
 * <p>Plain requests of HTTP/1.1 come by {@link #look}, from {@link PlainRequests}, and most of them are answered there. What lies in
 * memory and came another way is answered within the call, too. Everything else is {@link Awaited}, until the client goes away.
 */
final class EdgeHandler {

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

    /** Answers a request of any kind. */
    void handle(ClientStream stream, RequestHead head) {
        ClientExchange exchange = open(stream, head);
        try {
            Intake intake = Intake.read(head, contentLimit);
            if (intake instanceof Intake.Accepted accepted) {
                exchange.accept(accepted.request());
                answer(exchange, accepted);
            } else {
                writer.refuse(exchange, ((Intake.Refused) intake).refusal());
            }
        } catch (RuntimeException e) {
            fail(exchange, e);
        }
    }

    private ClientExchange open(ClientStream stream, RequestHead head) {
        ClientExchange exchange = new ClientExchange(stream, head, log);
        stream.attach(exchange);
        TlsConnection tls = stream.connection().tls();
        if (tls != null) {
            exchange.give(tls.alternative().fields());
        }
        return exchange;
    }

    /**
     * What a look for a plain request (GET or HEAD, without content) has found.
     *
     * @param distribution whose it is; null when it cannot be answered, or not before it has been checked for more
     * @param answer what lies ready for it, or null
     */
    record Look(@Nullable Distribution distribution, @Nullable EdgeResponse answer) {

        private static final Look NONE = new Look(null, null);

        /** The answer if it can be written in one piece. */
        @Nullable
        EdgeResponse inOnePiece() {
            return answer != null
                            && (answer.body() instanceof EdgeResponse.Whole
                                    || answer.body() instanceof EdgeResponse.None)
                    ? answer
                    : null;
        }
    }

    /** Looks for the answer to a plain request; refuses nothing. */
    Look look(CacheRequest request, @Nullable TlsConnection tls) {
        try {
            if (request.fields().contains(PeerSeal.FIELD)
                    || forwarded.loops(request.fields())
                    || (tls != null && (tls.alternative().isAnnounced() || !tls.covers(request)))) {
                // another edge may know of purges that this one does not, and is told more than a client; what is
                // announced is
                // in no head that lies ready
                return Look.NONE;
            }
            Distribution distribution = distributions.find(request.authority());
            return distribution == null || !gate.isOpen(distribution)
                    ? Look.NONE
                    : new Look(distribution, cache.tryServe(request, distribution));
        } catch (RuntimeException e) {
            LOG.debug("a hit of {} failed, and goes the longer way, which answers for it", request.authority(), e);
            return Look.NONE;
        }
    }

    /** Answers a plain request, for which {@link #look} has looked. */
    void handle(ClientStream stream, CacheRequest request, Look look) {
        RequestHead head = new RequestHead(
                request.method(), request.target(), HttpVersion.HTTP_1_1, request.fields(), request.scheme(), false);
        ClientExchange exchange = open(stream, head);
        Intake.Accepted accepted = new Intake.Accepted(request, 0);
        exchange.accept(request);
        try {
            Distribution distribution = look.distribution();
            if (distribution == null) {
                answer(exchange, accepted);
                return;
            }
            exchange.countFor(distributions.traffic().of(distribution));
            exchange.admit(request);
            EdgeResponse hit = look.answer();
            if (hit != null) {
                writer.write(exchange, hit);
            } else {
                work(exchange, accepted, distribution, null);
            }
        } catch (RuntimeException e) {
            fail(exchange, e);
        }
    }

    /**
     * Counts and logs an answer to a plain request that was written in one piece.
     *
     * @param look that has found it
     * @param nanos from its head to its response's
     */
    void answered(CacheRequest request, Look look, EdgeResponse answer, long nanos, @Nullable InetAddress client) {
        Outcome outcome = Outcome.of(answer.cacheStatus(), false);
        long bytes = answer.body() instanceof EdgeResponse.None ? 0 : answer.contentLength();
        EdgeMetrics.answered(Protocol.HTTP1, outcome, answer.status(), nanos);
        EdgeMetrics.sent(outcome, bytes);
        Distribution distribution = look.distribution();
        DistributionTraffic.Counter counter =
                distribution == null ? null : distributions.traffic().of(distribution);
        if (counter != null) {
            counter.answered();
            counter.sent(bytes);
        }
        if (log != null) {
            log.write(new AccessLog.Line(
                    System.currentTimeMillis() - TimeUnit.NANOSECONDS.toMillis(nanos),
                    client,
                    Protocol.HTTP1,
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

    private void answer(ClientExchange exchange, Intake.Accepted accepted) {
        CacheRequest request = accepted.request();
        Distribution distribution = forwarded.loops(request.fields()) ? null : distributions.find(request.authority());
        if (distribution == null) {
            writer.refuse(exchange, forwarded.loops(request.fields()) ? Refusal.LOOP : Refusal.MISDIRECTED);
            return;
        }
        exchange.countFor(distributions.traffic().of(distribution));
        Peer peer = peer(request);
        if (peer != null) {
            // the edge where the client arrived has asked for all that this distribution asks of clients
            exchange.admit(request);
            serve(exchange, accepted.with(request.withScheme(peer.scheme())), distribution, peer);
            return;
        }
        Refusal tooLong = exchange.head().tooLong();
        if (tooLong != null) {
            writer.refuse(exchange, tooLong);
            return;
        }
        TlsConnection tls = exchange.stream().connection().tls();
        if (tls != null && !tls.covers(request)) {
            writer.refuse(exchange, Refusal.MISDIRECTED);
            return;
        }
        Passage passage =
                gate.check(distribution, request, exchange.stream().connection().client());
        if (passage instanceof Passage.Closed closed) {
            refuse(exchange, closed);
        } else if (passage instanceof Passage.Open open) {
            exchange.admit(open.request());
            exchange.onEnd(open.release());
            exchange.give(open.fields());
            serve(exchange, accepted.with(open.request()), distribution, null);
        } else {
            exchange.admit(request);
            serve(exchange, accepted, distribution, null);
        }
    }

    private void refuse(ClientExchange exchange, Passage.Closed closed) {
        exchange.admit(closed.request());
        exchange.because(closed.reason());
        writer.refuse(exchange, closed.refusal(), closed.retryAfterSeconds());
    }

    /** The edge that the request comes from; null for a client. */
    private @Nullable Peer peer(CacheRequest request) {
        String seal = request.fields().first(PeerSeal.FIELD);
        return seal == null
                ? null
                : tiers.peer(seal, request.method(), request.authority(), request.target(), clock.millis());
    }

    private void serve(
            ClientExchange exchange, Intake.Accepted accepted, Distribution distribution, @Nullable Peer peer) {
        EdgeResponse hit = peer == null
                ? cache.tryServe(accepted.request(), distribution)
                : cache.tryServe(accepted.request(), distribution, peer);
        if (hit != null) {
            writer.write(exchange, hit);
        } else {
            work(exchange, accepted, distribution, peer);
        }
    }

    private void work(
            ClientExchange exchange, Intake.Accepted accepted, Distribution distribution, @Nullable Peer peer) {
        CacheRequest request = accepted.request();
        Passage passage = gate.admitWork(request);
        if (passage instanceof Passage.Closed closed) {
            refuse(exchange, closed);
            return;
        }
        exchange.onEnd(((Passage.Open) passage).release());
        ClientStream stream = exchange.stream();
        if (peer != null) {
            // this node is there, however long the rest takes
            stream.interim(PROCESSING, HeaderFields.EMPTY);
        }
        ClientContent content = accepted.contentLength() == 0 ? null : stream.content(contentLimit);
        Downstream downstream =
                new Downstream(request.scheme(), address(stream.connection().client()), content, stream::interim, peer);
        cache.handle(request, distribution, downstream).subscribe(new Awaited(this, exchange, content));
    }

    /** Sends what the cache has answered. */
    void send(ClientExchange exchange, @Nullable ClientContent content, EdgeResponse answer) {
        if (content != null && content.isTooLarge()) {
            answer.close();
            writer.refuse(exchange, Refusal.CONTENT_TOO_LARGE);
        } else {
            writer.write(exchange, answer);
        }
    }

    /** Ends a request whose handling failed in a way nobody foresaw. */
    void fail(ClientExchange exchange, Throwable failure) {
        if (exchange.hasEnded()) {
            LOG.error(
                    "{} for {} failed at its end",
                    exchange.head().method(),
                    exchange.head().target(),
                    failure);
            return;
        }
        LOG.error(
                "{} for {} failed",
                exchange.head().method(),
                exchange.head().fields().first("host"),
                failure);
        if (exchange.stream().hasBegun()) {
            exchange.end(false, 0);
            exchange.stream().cut();
        } else {
            writer.fail(exchange);
        }
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
