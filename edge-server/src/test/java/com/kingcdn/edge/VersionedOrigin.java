package com.kingcdn.edge;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.NullMarked;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/** An origin whose objects have versions, any octet of which can be told without asking it. */
@NullMarked
final class VersionedOrigin implements AutoCloseable {

    /** Objects of up to 60 kB, numbered from 0. */
    static final int SMALL = 1500;

    /** Objects of megabytes, numbered from {@link #SMALL}. */
    static final int LARGE = 24;

    private final AtomicIntegerArray versions = new AtomicIntegerArray(SMALL + LARGE);
    private DisposableServer server = start(0);

    private DisposableServer start(int port) {
        return HttpServer.create()
                .host("127.0.0.1")
                .port(port)
                .handle(this::answer)
                .bindNow();
    }

    int port() {
        return server.port();
    }

    static String path(int object) {
        return "/group" + object % 10 + "/" + object;
    }

    static int size(int object) {
        return object < SMALL ? 200 + object * 37 % 60_000 : 1_500_000 + object * 100_003 % 1_500_000;
    }

    /** An octet of an object's version: cheap to make at any offset, and different for each. */
    private static byte octet(int object, int version, int offset) {
        int mixed = (object * 31 + version) * 0x9E3779B1 + offset * 0x85EBCA6B;
        return (byte) (mixed >>> 13 ^ mixed >>> 24);
    }

    static byte[] content(int object, int version, int from, int to) {
        byte[] made = new byte[to - from];
        for (int i = 0; i < made.length; i++) {
            made[i] = octet(object, version, from + i);
        }
        return made;
    }

    /** Has another version of an object from now on. @return which */
    int change(int object) {
        return versions.incrementAndGet(object);
    }

    /** Is not there for that time. */
    void restart(Duration away) {
        int port = server.port();
        close();
        LockSupport.parkNanos(away.toNanos());
        server = start(port);
    }

    private Publisher<Void> answer(HttpServerRequest request, HttpServerResponse response) {
        int object =
                Integer.parseInt(request.fullPath().substring(request.fullPath().lastIndexOf('/') + 1));
        int version = versions.get(object);
        String etag = "\"" + object + "-" + version + "\"";
        response.header("etag", etag).header("cache-control", "max-age=" + (object % 5 == 0 ? 1 : 600));
        response.header("surrogate-key", "group-" + object % 10);
        if (etag.equals(request.requestHeaders().get("if-none-match"))) {
            return response.status(304).send();
        }
        int from = 0;
        int to = size(object);
        String range = request.requestHeaders().get("range");
        String ifRange = request.requestHeaders().get("if-range");
        if (range != null && (ifRange == null || ifRange.equals(etag))) {
            String[] ends = range.substring("bytes=".length()).split("-", 2);
            from = Integer.parseInt(ends[0]);
            to = ends[1].isEmpty() ? to : Math.min(to, Integer.parseInt(ends[1]) + 1);
            response.status(206).header("content-range", "bytes " + from + "-" + (to - 1) + "/" + size(object));
        }
        response.header("content-length", String.valueOf(to - from));
        return response.send(pieces(object, version, from, to));
    }

    private static Flux<ByteBuf> pieces(int object, int version, int from, int to) {
        return Flux.generate(() -> from, (at, sink) -> {
            int next = Math.min(to, at + 16_384);
            sink.next(Unpooled.wrappedBuffer(content(object, version, at, next)));
            if (next == to) {
                sink.complete();
            }
            return next;
        });
    }

    @Override
    public void close() {
        server.disposeNow(Duration.ofSeconds(5));
    }
}
