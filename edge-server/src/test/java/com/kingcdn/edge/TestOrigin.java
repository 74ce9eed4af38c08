package com.kingcdn.edge;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/** An origin of a few paths: a title with ranges and validators, a page that POST changes, a slow one. */
final class TestOrigin implements AutoCloseable {

    static final int TITLE_SIZE = 20_000_000;
    static final byte[] TITLE = title();

    private final DisposableServer server;
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private volatile String page = "one";

    TestOrigin() {
        server = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .handle(this::answer)
                .bindNow();
    }

    private static byte[] title() {
        byte[] title = new byte[TITLE_SIZE];
        new Random(1105).nextBytes(title);
        return title;
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.port());
    }

    /** Method, target and Range of each request so far. */
    List<String> requests() {
        return requests;
    }

    long count(String start) {
        return requests.stream().filter(line -> line.startsWith(start)).count();
    }

    private Publisher<Void> answer(HttpServerRequest request, HttpServerResponse response) {
        HttpHeaders headers = request.requestHeaders();
        String range = headers.get("range");
        requests.add(request.method() + " " + request.uri() + (range == null ? "" : " " + range));
        return switch (request.fullPath()) {
            case "/6Y7B23V" -> title(request, response, range);
            case "/page" -> page(request, response);
            case "/slow" -> Mono.delay(Duration.ofSeconds(20)).then();
            case "/stall" ->
                response.header("content-length", "10")
                        .header("cache-control", "max-age=60")
                        .send(Flux.concat(
                                Mono.just(Unpooled.copiedBuffer("hello", StandardCharsets.UTF_8)), Mono.never()));
            default -> response.status(404).header("cache-control", "no-store").send();
        };
    }

    private static Publisher<Void> title(HttpServerRequest request, HttpServerResponse response, String range) {
        response.header("etag", "\"t1\"").header("cache-control", "max-age=600").header("accept-ranges", "bytes");
        if ("\"t1\"".equals(request.requestHeaders().get("if-none-match"))) {
            return response.status(304).send();
        }
        int first = 0;
        int last = TITLE_SIZE - 1;
        if (range != null && range.matches("bytes=\\d+-\\d*")) {
            String[] ends = range.substring(6).split("-");
            first = Integer.parseInt(ends[0]);
            last = ends.length > 1 ? Math.min(last, Integer.parseInt(ends[1])) : last;
            response.status(206).header("content-range", "bytes " + first + "-" + last + "/" + TITLE_SIZE);
        }
        int length = last - first + 1;
        response.header("content-length", String.valueOf(length));
        return request.method().name().equals("HEAD")
                ? response.send()
                : response.sendObject(Unpooled.wrappedBuffer(TITLE, first, length));
    }

    private Publisher<Void> page(HttpServerRequest request, HttpServerResponse response) {
        if (request.method().name().equals("POST")) {
            return request.receive().aggregate().asString().defaultIfEmpty("").flatMap(text -> {
                page = text;
                return Mono.from(response.status(204).send());
            });
        }
        return response.header("cache-control", "max-age=600").sendString(Mono.just(page));
    }

    @Override
    public void close() {
        server.disposeNow(Duration.ofSeconds(1));
    }
}
