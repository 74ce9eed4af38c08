package com.kingcdn.edge.web;

import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.http.HeaderFields;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpVersion;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import reactor.netty.Connection;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/** One request and its response on a client's connection, as metrics and the access log see it. */
final class ClientExchange {

    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final @Nullable AccessLog log;
    private final long startNanos = System.nanoTime();
    private final AtomicBoolean ended = new AtomicBoolean();
    private @Nullable CacheRequest accepted;
    private boolean bare;
    private @Nullable String reason;
    private @Nullable Runnable atEnd;
    private int status;
    private Outcome outcome = Outcome.REFUSED;
    private @Nullable String cacheStatus;
    private HeaderFields given = HeaderFields.EMPTY;

    ClientExchange(HttpServerRequest request, HttpServerResponse response, @Nullable AccessLog log) {
        this.request = request;
        this.response = response;
        this.log = log;
        EdgeMetrics.IN_FLIGHT.inc();
    }

    HttpServerRequest request() {
        return request;
    }

    HttpServerResponse response() {
        return response;
    }

    Channel channel() {
        // Reactor Netty's requests are their connections
        return ((Connection) request).channel();
    }

    boolean isHead() {
        return request.method().name().equals("HEAD");
    }

    void accept(CacheRequest clientRequest) {
        accepted = clientRequest;
    }

    /** Takes over the request as it may be logged: without a token. */
    void admit(CacheRequest bareRequest) {
        accepted = bareRequest;
        bare = true;
    }

    /** Notes what its response gets beside its own fields, whatever is answered. */
    void give(HeaderFields fields) {
        given = fields;
    }

    HeaderFields given() {
        return given;
    }

    /** Notes why it is refused, unless something more exact is noted already. */
    void because(Refusal refusal) {
        if (reason == null) {
            reason = refusal.label();
        }
    }

    /** Notes a word for the log on why it is refused. */
    void because(@Nullable String word) {
        reason = word;
    }

    /** Runs this when the response is over, or at once when it already is. */
    void onEnd(Runnable action) {
        if (ended.get()) {
            action.run();
            return;
        }
        Runnable before = atEnd;
        atEnd = before == null
                ? action
                : () -> {
                    before.run();
                    action.run();
                };
    }

    /** The client's address, or null when its channel has none. */
    @Nullable
    InetAddress client() {
        InetSocketAddress address = request.remoteAddress();
        return address == null ? null : address.getAddress();
    }

    /** Passes an interim response on (RFC 9110 section 15.2), unless the client's version has none. */
    void interim(int code, HeaderFields fields) {
        ConnectionGuard guard = channel().pipeline().get(ConnectionGuard.class);
        if (guard != null && request.version().equals(HttpVersion.HTTP_1_1)) {
            guard.interim(code, fields);
        }
    }

    /** Notes that the response's head is made. */
    void begin(int code, Outcome word, @Nullable String cacheStatusMember) {
        status = code;
        outcome = word;
        cacheStatus = cacheStatusMember;
        EdgeMetrics.answered(word, code, System.nanoTime() - startNanos);
    }

    /**
     * Notes that the response is over; the first call counts.
     *
     * @param whole whether all of it was sent
     * @param bytes of content
     */
    void end(boolean whole, long bytes) {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        EdgeMetrics.IN_FLIGHT.dec();
        if (atEnd != null) {
            atEnd.run();
        }
        EdgeMetrics.sent(outcome, bytes);
        if (!whole) {
            EdgeMetrics.ABORTED.inc();
        }
        if (log != null) {
            log.write(line(bytes));
        }
    }

    private AccessLog.Line line(long bytes) {
        CacheRequest clientRequest = accepted;
        long nanos = System.nanoTime() - startNanos;
        return new AccessLog.Line(
                System.currentTimeMillis() - TimeUnit.NANOSECONDS.toMillis(nanos),
                client(),
                request.method().name(),
                clientRequest == null ? "" : clientRequest.authority(),
                clientRequest == null || !bare ? withoutParameters(request.uri()) : clientRequest.target(),
                status,
                bytes,
                TimeUnit.NANOSECONDS.toMicros(nanos),
                outcome,
                reason,
                cacheStatus,
                request.requestHeaders().get("range"),
                request.requestHeaders().get("user-agent"));
    }

    /** What nobody has looked at may have a token in any parameter. */
    private static String withoutParameters(String target) {
        int end = 0;
        while (end < target.length() && "?;=".indexOf(target.charAt(end)) < 0) {
            end++;
        }
        return target.substring(0, end);
    }
}
