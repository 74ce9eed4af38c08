package com.kingcdn.origin.web;

import com.kingcdn.http.ByteRange;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.log.JsonLinesLog;
import com.kingcdn.origin.content.CatalogEntry;
import com.kingcdn.origin.content.ContentStore;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.NoSuchFileException;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;
import reactor.netty.FutureMono;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/** The HTTP handler of content: everything but the origin's own interface. */
public final class ContentHandler implements BiFunction<HttpServerRequest, HttpServerResponse, Publisher<Void>> {

    private static final Logger LOG = LoggerFactory.getLogger(ContentHandler.class);

    private final ContentStore store;
    private final ContentResponses responses;
    private final ContentMetrics metrics;
    private final @Nullable JsonLinesLog accessLog;
    private final Clock clock;

    /** @param accessLog none when null */
    public ContentHandler(
            ContentStore store,
            List<CacheControlRule> rules,
            ContentMetrics metrics,
            @Nullable JsonLinesLog accessLog,
            Clock clock) {
        this.store = store;
        this.responses = new ContentResponses(store.catalog(), rules);
        this.metrics = metrics;
        this.accessLog = accessLog;
        this.clock = clock;
    }

    @Override
    public Publisher<Void> apply(HttpServerRequest request, HttpServerResponse response) {
        Exchange exchange = new Exchange(
                clock.millis(), System.nanoTime(), request.method().name(), RequestTarget.rawPath(request.uri()));
        HeaderFields.Builder fields = HeaderFields.builder();
        request.requestHeaders().forEach(field -> fields.add(field.getKey(), field.getValue()));
        HeaderFields requestFields = fields.build();
        ContentResponse answer = respond(exchange, requestFields);
        ContentFile file = null;
        if (exchange.method.equals("GET") && entryOf(answer.body()) != null) {
            try {
                file = open(answer);
            } catch (NoSuchFileException e) {
                // replaced since it was looked up: the new version is there already
                answer = respond(exchange, requestFields);
                file = openOrNull(answer);
            } catch (IOException e) {
                LOG.error("content of {} cannot be read: {}", exchange.rawPath, e.toString());
            }
            if (file == null && entryOf(answer.body()) != null) {
                answer = ContentResponses.problem(500, "the content cannot be read", HeaderFields.EMPTY);
            }
        }
        metrics.answered(exchange.method, answer.status());
        return send(exchange, answer, file, request, response);
    }

    private ContentResponse respond(Exchange exchange, HeaderFields request) {
        return responses.respond(exchange.method, exchange.rawPath, request, exchange.startMillis);
    }

    private @Nullable ContentFile openOrNull(ContentResponse answer) {
        try {
            return entryOf(answer.body()) == null ? null : open(answer);
        } catch (IOException e) {
            LOG.error("content cannot be read: {}", e.toString());
            return null;
        }
    }

    private ContentFile open(ContentResponse answer) throws IOException {
        CatalogEntry entry = entryOf(answer.body());
        if (entry == null) {
            throw new IllegalArgumentException("only content has a file");
        }
        return new ContentFile(store.read(entry), metrics.sentBytes());
    }

    private static @Nullable CatalogEntry entryOf(ContentResponse.Body body) {
        if (body instanceof ContentResponse.Content content) {
            return content.entry();
        }
        return body instanceof ContentResponse.Multipart multipart ? multipart.entry() : null;
    }

    private Mono<Void> send(
            Exchange exchange,
            ContentResponse answer,
            @Nullable ContentFile file,
            HttpServerRequest request,
            HttpServerResponse response) {
        response.status(answer.status());
        answer.fields().forEach(response::addHeader);
        if (answer.body().length() >= 0) {
            response.header("content-length", Long.toString(answer.body().length()));
        }
        Channel[] channel = new Channel[1];
        response.withConnection(connection -> channel[0] = connection.channel());
        // one piece after the other, each when the one before is in the socket's buffer: a slow client holds nothing
        // but its place
        Mono<Void> sent = exchange.method.equals("HEAD") || answer.body().length() <= 0
                ? response.send().then()
                : response.sendHeaders()
                        .then(body(answer.body(), file)
                                .concatMap(piece -> FutureMono.deferFuture(() -> channel[0].writeAndFlush(piece.get())))
                                .then())
                        .then();
        InetSocketAddress client = request.remoteAddress();
        return sent.doFinally(end -> {
            if (file != null) {
                file.release();
            }
            log(exchange, answer.status(), client, file == null ? 0 : file.sent(), end);
        });
    }

    private static Flux<Supplier<Object>> body(ContentResponse.Body body, @Nullable ContentFile file) {
        if (body instanceof ContentResponse.Words words) {
            return bytes(words.bytes());
        }
        if (file != null && body instanceof ContentResponse.Content content) {
            return file.pieces(content.first(), content.length());
        }
        if (file != null && body instanceof ContentResponse.Multipart multipart) {
            MultipartByteRanges parts = multipart.parts();
            return Flux.range(0, parts.ranges().size())
                    .concatMap(i -> bytes(parts.head(i))
                            .concatWith(pieces(file, parts.ranges().get(i))))
                    .concatWith(bytes(parts.tail()));
        }
        return Flux.empty();
    }

    private static Flux<Supplier<Object>> pieces(ContentFile file, ByteRange range) {
        return file.pieces(range.first(), range.length());
    }

    private static Flux<Supplier<Object>> bytes(byte[] bytes) {
        return Flux.just(() -> Unpooled.wrappedBuffer(bytes));
    }

    private void log(Exchange exchange, int status, @Nullable InetSocketAddress client, long bytes, SignalType end) {
        if (accessLog == null) {
            return;
        }
        AccessLogLine line = new AccessLogLine(
                exchange.startMillis,
                client == null ? null : client.getAddress(),
                exchange.method,
                exchange.rawPath,
                status,
                new AccessLogLine.Sent(
                        bytes,
                        TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - exchange.startNanos),
                        end == SignalType.ON_COMPLETE));
        if (!accessLog.write(line)) {
            metrics.logLineDropped();
        }
    }

    /** One request, and when it began. */
    private record Exchange(long startMillis, long startNanos, String method, String rawPath) {}
}
