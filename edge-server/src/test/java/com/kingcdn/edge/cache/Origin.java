package com.kingcdn.edge.cache;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/** An HTTP origin on a free port, which counts what it is asked and what it sends. Each path has its own behaviour. */
final class Origin implements AutoCloseable {

    /** How a path behaves. */
    interface Behaviour {
        Publisher<Void> answer(HttpServerRequest request, HttpServerResponse response);
    }

    private final Map<String, Behaviour> behaviours = new ConcurrentHashMap<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final AtomicLong sent = new AtomicLong();
    private final DisposableServer server;

    Origin() {
        server = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .handle((request, response) -> {
                    String range = request.requestHeaders().get("range");
                    requests.add(request.method() + " " + request.uri() + (range == null ? "" : " " + range));
                    Behaviour behaviour = behaviours.get(request.uri());
                    return behaviour == null
                            ? response.status(404)
                                    .header("cache-control", "max-age=60")
                                    .sendString(Flux.just("no"))
                            : behaviour.answer(request, response);
                })
                .bindNow();
    }

    int port() {
        return server.port();
    }

    void on(String path, Behaviour behaviour) {
        behaviours.put(path, behaviour);
    }

    /** Requests so far, each as method, target and Range. */
    List<String> requests() {
        return List.copyOf(requests);
    }

    /** Octets of content handed to the network so far. */
    long sent() {
        return sent.get();
    }

    /** Content that is the same for the same seed. */
    static byte[] content(int length, long seed) {
        byte[] octets = new byte[length];
        new Random(seed).nextBytes(octets);
        return octets;
    }

    /** A file that can be asked for in parts and validated. */
    Behaviour file(byte[] content, String etag, String cacheControl) {
        return (request, response) -> {
            response.header("etag", etag).header("cache-control", cacheControl).header("accept-ranges", "bytes");
            if (etag.equals(request.requestHeaders().get("if-none-match"))) {
                return response.status(304).send();
            }
            int first = 0;
            int last = content.length - 1;
            String range = request.requestHeaders().get("range");
            String ifRange = request.requestHeaders().get("if-range");
            if (range != null && (ifRange == null || ifRange.equals(etag))) {
                String[] ends = range.substring("bytes=".length()).split("-", -1);
                first = ends[0].isEmpty()
                        ? Math.max(0, content.length - Integer.parseInt(ends[1]))
                        : Integer.parseInt(ends[0]);
                if (!ends[0].isEmpty() && !ends[1].isEmpty()) {
                    last = Math.min(last, Integer.parseInt(ends[1]));
                }
                if (first > last) {
                    return response.status(416)
                            .header("content-range", "bytes */" + content.length)
                            .send();
                }
                response.status(206).header("content-range", "bytes " + first + "-" + last + "/" + content.length);
            }
            response.header("content-length", String.valueOf(last - first + 1));
            return response.send(pieces(content, first, last + 1));
        };
    }

    /** A piece of content in buffers of 16 KiB, each counted when it is asked for. */
    Flux<ByteBuf> pieces(byte[] content, int from, int end) {
        List<int[]> pieces = new ArrayList<>();
        for (int at = from; at < end; at += 16 << 10) {
            pieces.add(new int[] {at, Math.min(16 << 10, end - at)});
        }
        return Flux.fromIterable(pieces)
                .map(piece -> {
                    sent.addAndGet(piece[1]);
                    return Unpooled.copiedBuffer(content, piece[0], piece[1]);
                })
                .limitRate(1);
    }

    @Override
    public void close() {
        server.disposeNow();
    }
}
