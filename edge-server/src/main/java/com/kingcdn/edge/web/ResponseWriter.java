package com.kingcdn.edge.web;

import com.kingcdn.edge.cache.EdgeResponse;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.http.HttpDate;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import java.time.Clock;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerResponse;

/** Turns what the cache answers into messages. */
final class ResponseWriter {

    private static final AsciiString CACHE_STATUS = AsciiString.cached("cache-status");

    private final CacheStatusHeader cacheStatus;
    private final String via;
    private final Clock clock;

    ResponseWriter(String node, Clock clock) {
        this.clock = clock;
        this.cacheStatus = new CacheStatusHeader(node);
        this.via = "1.1 " + node;
    }

    /** Sends the response; completes when the client has it, or is gone. */
    Publisher<Void> write(ClientExchange exchange, EdgeResponse answer) {
        HttpServerResponse response = exchange.response();
        String status = status(answer);
        boolean failed = answer.body() instanceof EdgeResponse.Problem;
        exchange.begin(answer.status(), Outcome.of(answer.cacheStatus(), failed), status);
        response.status(HttpResponseStatus.valueOf(answer.status()));
        HttpHeaders headers = response.responseHeaders();
        if (!put(headers, answer.fields())) {
            headers.set(HttpHeaderNames.DATE, HttpDate.format(clock.millis()));
        }
        if (answer.ageSeconds() >= 0) {
            headers.set(HttpHeaderNames.AGE, Long.toString(answer.ageSeconds()));
        }
        exchange.given().forEach(headers::add);
        headers.add(HttpHeaderNames.VIA, via);
        headers.add(CACHE_STATUS, status);
        if (answer.contentLength() >= 0 && answer.status() != 204) {
            headers.set(HttpHeaderNames.CONTENT_LENGTH, Long.toString(answer.contentLength()));
        }
        keepAlive10(exchange);
        EdgeResponse.Body body = answer.body();
        if (body instanceof EdgeResponse.Whole whole) {
            return whole(exchange, whole.content());
        }
        if (body instanceof EdgeResponse.Streamed streamed) {
            return streamed(exchange, streamed, answer.contentLength());
        }
        if (body instanceof EdgeResponse.Problem problem) {
            return problem(exchange, answer.status(), problem.detail());
        }
        if (answer.status() == 304) {
            // has no content, and says nothing about that of another response (RFC 9112 section 6.1)
            response.chunkedTransfer(false);
        }
        exchange.end(true, 0);
        return Mono.empty();
    }

    /** This edge's member of Cache-Status. */
    String status(EdgeResponse answer) {
        return cacheStatus.value(answer.cacheStatus());
    }

    /** Sends a refusal. */
    Publisher<Void> refuse(ClientExchange exchange, Refusal refusal) {
        return refuse(exchange, refusal, 0);
    }

    /** Sends a refusal that says when to come back, unless that is 0. */
    Publisher<Void> refuse(ClientExchange exchange, Refusal refusal, int retryAfterSeconds) {
        HttpServerResponse response = exchange.response();
        EdgeMetrics.refused(refusal);
        exchange.because(refusal);
        exchange.begin(refusal.status(), Outcome.REFUSED, null);
        response.status(HttpResponseStatus.valueOf(refusal.status()));
        HttpHeaders headers = response.responseHeaders();
        headers.set(HttpHeaderNames.DATE, HttpDate.format(clock.millis()));
        headers.set(HttpHeaderNames.CACHE_CONTROL, "no-store");
        if (refusal == Refusal.METHOD_NOT_ALLOWED) {
            headers.set(HttpHeaderNames.ALLOW, "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
        }
        if (retryAfterSeconds > 0) {
            headers.set(HttpHeaderNames.RETRY_AFTER, Integer.toString(retryAfterSeconds));
        }
        if (refusal.closes()) {
            response.keepAlive(false);
        } else {
            keepAlive10(exchange);
        }
        return problem(exchange, refusal.status(), refusal.detail());
    }

    private static Publisher<Void> whole(ClientExchange exchange, ByteBuf content) {
        int size = content.readableBytes();
        if (exchange.isHead()) {
            content.release();
            exchange.end(true, 0);
            return Mono.empty();
        }
        exchange.end(true, size);
        return exchange.response().sendObject(content);
    }

    private static Publisher<Void> streamed(ClientExchange exchange, EdgeResponse.Streamed streamed, long length) {
        HttpServerResponse response = exchange.response();
        if (exchange.isHead()) {
            streamed.abandon().run();
            exchange.end(true, 0);
            return Mono.empty();
        }
        if (length < 0 && exchange.request().version().equals(HttpVersion.HTTP_1_0)) {
            // no chunks in HTTP/1.0: the connection's end is the content's
            response.chunkedTransfer(false);
        }
        BodyWriter body = new BodyWriter(exchange.channel(), streamed.content(), length, exchange::end);
        return Mono.from(response.sendHeaders().then(body)).doFinally(signal -> {
            // the client may have gone before the content was asked for
            streamed.abandon().run();
            exchange.end(false, 0);
        });
    }

    /** Sends the answer to a request whose handling failed in a way nobody foresaw. */
    Publisher<Void> fail(ClientExchange exchange) {
        HttpServerResponse response = exchange.response();
        exchange.begin(500, Outcome.FAILED, null);
        response.status(HttpResponseStatus.INTERNAL_SERVER_ERROR);
        response.responseHeaders().set(HttpHeaderNames.DATE, HttpDate.format(clock.millis()));
        response.keepAlive(false);
        return problem(exchange, 500, "This edge failed to answer the request.");
    }

    private static Publisher<Void> problem(ClientExchange exchange, int status, String detail) {
        HttpServerResponse response = exchange.response();
        byte[] json = Problem.json(status, detail);
        HttpHeaders headers = response.responseHeaders();
        headers.set(HttpHeaderNames.CONTENT_TYPE, Problem.MEDIA_TYPE);
        headers.set(HttpHeaderNames.CONTENT_LENGTH, Integer.toString(json.length));
        exchange.end(true, json.length);
        return exchange.isHead() ? Mono.empty() : response.sendObject(Unpooled.wrappedBuffer(json));
    }

    /** Copies the field lines; whether Date is among them (RFC 9110 section 6.6.1). */
    private static boolean put(HttpHeaders headers, HeaderFields fields) {
        boolean dated = false;
        for (int i = 0; i < fields.size(); i++) {
            String name = fields.name(i);
            dated |= name.equals("date");
            headers.add(name, fields.value(i));
        }
        return dated;
    }

    /** HTTP/1.0 keeps a connection only when both sides say so. */
    private static void keepAlive10(ClientExchange exchange) {
        if (exchange.request().version().equals(HttpVersion.HTTP_1_0)
                && exchange.request().isKeepAlive()) {
            exchange.response().responseHeaders().set(HttpHeaderNames.CONNECTION, "keep-alive");
        }
    }
}
