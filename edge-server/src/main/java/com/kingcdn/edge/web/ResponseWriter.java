package com.kingcdn.edge.web;

import com.kingcdn.edge.cache.EdgeResponse;
import com.kingcdn.edge.upstream.PeerSeal;
import com.kingcdn.http.HeaderFields;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** Turns what the cache answers, and what the edge refuses, into responses on a {@link ClientStream}. */
final class ResponseWriter {

    private static final HeaderFields NOT_STORED = HeaderFields.of("cache-control", "no-store");

    private final CacheStatusHeader cacheStatus;

    ResponseWriter(String node) {
        this.cacheStatus = new CacheStatusHeader(node);
    }

    /** Sends the response. */
    void write(ClientExchange exchange, EdgeResponse answer) {
        EdgeResponse.Body body = answer.body();
        boolean failed = body instanceof EdgeResponse.Problem;
        exchange.begin(
                answer.status(), Outcome.of(answer.cacheStatus(), failed), exchange.isLogged() ? status(answer) : null);
        ResponseHead head = ResponseHead.of(answer).plus(exchange.given());
        if (body instanceof EdgeResponse.Whole whole) {
            respond(exchange, head, whole.content());
        } else if (body instanceof EdgeResponse.Streamed streamed) {
            streamed(exchange, head, streamed);
        } else if (body instanceof EdgeResponse.Problem problem) {
            problem(exchange, head, problem.detail());
        } else {
            respond(exchange, head, Unpooled.EMPTY_BUFFER);
        }
    }

    /** This edge's member of Cache-Status. */
    String status(EdgeResponse answer) {
        return cacheStatus.value(answer.cacheStatus());
    }

    /** Sends a refusal. */
    void refuse(ClientExchange exchange, Refusal refusal) {
        refuse(exchange, refusal, 0);
    }

    /** Sends a refusal that says when to come back, unless that is 0. */
    void refuse(ClientExchange exchange, Refusal refusal, int retryAfterSeconds) {
        EdgeMetrics.refused(refusal);
        exchange.because(refusal);
        exchange.begin(refusal.status(), Outcome.REFUSED, null);
        HeaderFields fields = NOT_STORED;
        if (refusal == Refusal.METHOD_NOT_ALLOWED) {
            fields = fields.with("allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
        }
        if (retryAfterSeconds > 0) {
            fields = fields.with("retry-after", Integer.toString(retryAfterSeconds));
        }
        if (refusal.closes()) {
            exchange.stream().closeAfter();
        }
        own(exchange, refusal.status(), fields, refusal.detailToken(), refusal.detail());
    }

    /** Sends the answer to a request whose handling failed in a way nobody foresaw. */
    void fail(ClientExchange exchange) {
        exchange.begin(500, Outcome.FAILED, null);
        exchange.stream().closeAfter();
        own(exchange, 500, NOT_STORED, "failed", "This edge failed to answer the request.");
    }

    /** Names this edge to clients; an edge goes to the next tier when it gets no Cache-Status (docs/adr/0007-tiers.md). */
    private static void own(ClientExchange exchange, int status, HeaderFields fields, String why, String detail) {
        boolean forEdge = exchange.head().fields().contains(PeerSeal.FIELD);
        problem(exchange, ResponseHead.own(status, fields, EdgeResponse.UNKNOWN_LENGTH, forEdge ? null : why), detail);
    }

    private static void respond(ClientExchange exchange, ResponseHead head, ByteBuf content) {
        if (exchange.head().isHead()) {
            content.release();
            exchange.end(true, 0);
            exchange.stream().respond(head, Unpooled.EMPTY_BUFFER);
            return;
        }
        int size = content.readableBytes();
        exchange.end(true, size);
        exchange.stream().respond(size == 0 ? ended(head) : head, content);
    }

    /** The head of a response without content, whose end must be seen all the same (RFC 9112 section 6.3). */
    private static ResponseHead ended(ResponseHead head) {
        return head.contentLength() >= 0 || head.isBare()
                ? head
                : new ResponseHead(head.status(), head.fields(), head.ageSeconds(), 0, head.cacheStatus());
    }

    private static void streamed(ClientExchange exchange, ResponseHead head, EdgeResponse.Streamed streamed) {
        if (exchange.head().isHead()) {
            streamed.abandon().run();
            exchange.end(true, 0);
            exchange.stream().respond(head, Unpooled.EMPTY_BUFFER);
            return;
        }
        exchange.stream().begin(head);
        BodyWriter body = new BodyWriter(exchange, streamed, head.contentLength());
        exchange.underWay(body);
        streamed.content().subscribe(body);
    }

    private static void problem(ClientExchange exchange, ResponseHead head, String detail) {
        byte[] json = Problem.json(head.status(), detail);
        HeaderFields fields = head.fields().with("content-type", Problem.MEDIA_TYPE);
        respond(
                exchange,
                new ResponseHead(head.status(), fields, head.ageSeconds(), json.length, head.cacheStatus()),
                Unpooled.wrappedBuffer(json));
    }
}
