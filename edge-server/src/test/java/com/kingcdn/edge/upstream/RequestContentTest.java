package com.kingcdn.edge.upstream;

import static com.kingcdn.edge.upstream.UpstreamSetup.assertKind;
import static com.kingcdn.edge.upstream.UpstreamSetup.request;
import static com.kingcdn.edge.upstream.UpstreamSetup.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.upstream.UpstreamException.Kind;
import com.kingcdn.http.HeaderFields;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What is sent with a request. */
@Timeout(30)
class RequestContentTest {

    private final UpstreamSetup setup = new UpstreamSetup();

    @AfterEach
    void close() {
        setup.close();
    }

    /** RFC 9110 section 9.2.2: a request that is not idempotent is not repeated. */
    @Test
    void doesNotRepeatUnsafeRequests() {
        RawOrigin origin = setup.origin((head, in, out) -> false);
        Flux<ByteBuf> body = Flux.defer(() -> Flux.just(Unpooled.copiedBuffer("x", StandardCharsets.UTF_8)));
        assertKind(
                () -> setup.client
                        .fetch(request("POST", body, origin.endpoint()))
                        .block(),
                Kind.CLOSED);
        assertThat(origin.heads()).hasSize(1);
    }

    @Test
    void streamsARequestsContent() {
        RawOrigin origin = setup.origin((head, in, out) -> {
            echoChunks(in, out);
            return true;
        });
        Flux<ByteBuf> body = Flux.range(0, 3).map(i -> Unpooled.copiedBuffer("part" + i, StandardCharsets.UTF_8));
        UpstreamResponse response =
                setup.client.fetch(request("PUT", body, origin.endpoint())).block();
        assertThat(response).isNotNull();
        assertThat(text(response)).isEqualTo("part0part1part2");
        assertThat(origin.heads().get(0)).contains("transfer-encoding: chunked");
    }

    private static void echoChunks(InputStream in, OutputStream out) throws IOException {
        StringBuilder read = new StringBuilder();
        while (read.indexOf("0\r\n\r\n") < 0) {
            read.append((char) in.read());
        }
        String content = read.toString().replaceAll("(?m)^[0-9a-f]+\r\n", "").replace("\r\n", "");
        out.write(("HTTP/1.1 200 OK\r\nContent-Length: " + content.length() + "\r\n\r\n" + content)
                .getBytes(StandardCharsets.UTF_8));
    }

    /** RFC 9112 section 6.3: less or more than was announced would be another message for the origin. */
    @ParameterizedTest
    @ValueSource(strings = {"1", "3"})
    void contentOfAnotherLengthThanItsOwnFails(String announced) {
        RawOrigin origin = setup.origin((head, in, out) -> in.readNBytes(3).length == 3);
        Flux<ByteBuf> body = Flux.defer(() -> Flux.just(Unpooled.copiedBuffer("xy", StandardCharsets.UTF_8)));
        UpstreamRequest plain = request("PUT", body, origin.endpoint());
        UpstreamRequest sized = new UpstreamRequest(
                plain.distribution(),
                "PUT",
                "h",
                "/",
                HeaderFields.of("content-length", announced),
                plain.downstream());
        assertKind(() -> setup.client.fetch(sized).block(), Kind.REQUEST_BODY);
    }

    @Test
    void aClientsFailureIsNotTheOrigins() {
        RawOrigin origin = setup.origin((head, in, out) -> in.read() >= 0);
        Flux<ByteBuf> body = Flux.error(new IOException("gone"));
        assertKind(
                () -> setup.client
                        .fetch(request("PUT", body, origin.endpoint()))
                        .block(),
                Kind.REQUEST_BODY);
    }

    /** No more of it is asked for than the origin takes. */
    @Test
    void isHeldBackByAnOriginThatReadsNothing() {
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger sent = new AtomicInteger();
        RawOrigin origin = setup.origin((head, in, out) -> {
            try {
                go.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            in.readNBytes(64 << 20);
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(StandardCharsets.UTF_8));
            return true;
        });
        Flux<ByteBuf> body = Flux.range(0, 64).map(i -> {
            sent.incrementAndGet();
            return Unpooled.wrappedBuffer(new byte[1 << 20]);
        });
        UpstreamRequest plain = request("PUT", body, origin.endpoint());
        UpstreamRequest sized = new UpstreamRequest(
                plain.distribution(),
                "PUT",
                "h",
                "/",
                HeaderFields.of("content-length", Integer.toString(64 << 20)),
                plain.downstream());
        Mono<UpstreamResponse> response = setup.client(Duration.ofSeconds(20), Duration.ofSeconds(20))
                .fetch(sized)
                .cache();
        response.subscribe();
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .during(Duration.ofMillis(200))
                .until(() -> sent.get() > 0 && sent.get() < 40);
        go.countDown();
        assertThat(text(response.block())).isEqualTo("ok");
        assertThat(sent.get()).isEqualTo(64);
    }

    @Test
    void anOriginThatTakesNothingIsNotWaitedForLongerThanForSilence() {
        CountDownLatch over = new CountDownLatch(1);
        RawOrigin origin = setup.origin((head, in, out) -> {
            try {
                over.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            return false;
        });
        AtomicBoolean cancelled = new AtomicBoolean();
        Flux<ByteBuf> endless = Flux.<ByteBuf>generate(sink -> sink.next(Unpooled.wrappedBuffer(new byte[1 << 20])))
                .doOnCancel(() -> cancelled.set(true));
        assertKind(
                () -> setup.client
                        .fetch(request("PUT", endless, origin.endpoint()))
                        .block(),
                Kind.RESPONSE_TIMEOUT);
        Awaitility.await().atMost(Duration.ofSeconds(10)).untilTrue(cancelled);
        over.countDown();
    }
}
