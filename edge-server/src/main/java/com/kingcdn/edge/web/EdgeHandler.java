package com.kingcdn.edge.web;

import com.kingcdn.edge.cache.EdgeResponse;
import com.kingcdn.edge.cache.HttpCache;
import com.kingcdn.edge.distribution.DistributionTable;
import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.edge.upstream.Downstream;
import com.kingcdn.edge.upstream.ForwardedFields;
import com.kingcdn.topology.Distribution;
import java.net.InetAddress;
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
 * <p>A hit in memory is answered within the call, without a reactive chain: {@link HttpCache#tryServe}. Everything else is a
 * {@link Mono} that the client's going away cancels.
 */
final class EdgeHandler implements BiFunction<HttpServerRequest, HttpServerResponse, Publisher<Void>> {

    private static final Logger LOG = LoggerFactory.getLogger(EdgeHandler.class);

    private final HttpCache cache;
    private final DistributionTable distributions;
    private final ForwardedFields forwarded;
    private final ResponseWriter writer;
    private final long contentLimit;
    private final @Nullable AccessLog log;

    EdgeHandler(
            HttpCache cache,
            DistributionTable distributions,
            ForwardedFields forwarded,
            ResponseWriter writer,
            long contentLimit,
            @Nullable AccessLog log) {
        this.cache = cache;
        this.distributions = distributions;
        this.forwarded = forwarded;
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
                request.version(),
                request.requestHeaders(),
                request.scheme(),
                contentLimit);
        if (intake instanceof Intake.Accepted accepted) {
            exchange.accept(accepted.request());
            return answer(exchange, accepted);
        }
        return writer.refuse(exchange, ((Intake.Refused) intake).refusal());
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
        EdgeResponse hit = cache.tryServe(request, distribution);
        return hit != null ? writer.write(exchange, hit) : handle(exchange, accepted, distribution);
    }

    private Publisher<Void> handle(ClientExchange exchange, Intake.Accepted accepted, Distribution distribution) {
        CacheRequest request = accepted.request();
        ClientContent content = accepted.contentLength() == 0
                ? null
                : new ClientContent(exchange.request().receive(), contentLimit);
        Downstream downstream = new Downstream(
                request.scheme(),
                address(exchange.client()),
                content == null ? null : content.buffers(),
                exchange::interim);
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
