package com.kingcdn.edge.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.kingcdn.control.ControlJson;
import com.kingcdn.edge.transport.Transport;
import com.kingcdn.edge.upstream.UpstreamException.Kind;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.HostHeader;
import com.kingcdn.topology.OriginCheck;
import com.kingcdn.topology.OriginEndpoint;
import com.kingcdn.topology.UpstreamSettings;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

@Timeout(30)
class UpstreamClientTest {

    private static Transport transport;
    private final List<AutoCloseable> resources = new ArrayList<>();
    private final UpstreamClient client = client(Duration.ofMillis(400), Duration.ofMillis(400));

    @BeforeAll
    static void startLoops() {
        transport = new Transport("test-upstream", 2);
    }

    @AfterAll
    static void stopLoops() {
        transport.close();
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable resource : resources) {
            resource.close();
        }
    }

    private UpstreamClient client(Duration response, Duration idle) {
        UpstreamProperties settings = new UpstreamProperties(
                Duration.ofSeconds(2), response, idle, Duration.ofSeconds(4), 4, 4, ForwardedStyle.X_FORWARDED);
        UpstreamClient made = new UpstreamClient(
                settings, new ForwardedFields("nyc-1", settings.forwarded()), transport, Clock.systemUTC());
        resources.add(made);
        return made;
    }

    private RawOrigin origin(RawOrigin.Handler handler) {
        RawOrigin origin = new RawOrigin(handler);
        resources.add(origin);
        return origin;
    }

    private RawOrigin saying(String response) {
        RawOrigin origin = RawOrigin.saying(response);
        resources.add(origin);
        return origin;
    }

    private static UpstreamRequest request(String method, @Nullable Flux<ByteBuf> body, OriginEndpoint... endpoints) {
        HeaderFields fields = body == null ? HeaderFields.EMPTY : HeaderFields.of("x-a", "b");
        return new UpstreamRequest(
                new Distribution("d", null, List.of(endpoints), HostHeader.ORIGIN),
                method,
                "client.example",
                "/a?b=%20c",
                fields,
                new Downstream("http", "192.0.2.1", body, null));
    }

    private UpstreamResponse get(OriginEndpoint... endpoints) {
        UpstreamResponse response =
                client.fetch(request("GET", null, endpoints)).block();
        assertThat(response).isNotNull();
        return response;
    }

    private static String text(@Nullable UpstreamResponse response) {
        assertThat(response).isNotNull();
        StringBuilder text = new StringBuilder();
        response.body()
                .doOnNext(buffer -> {
                    text.append(buffer.toString(StandardCharsets.UTF_8));
                    buffer.release();
                })
                .blockLast();
        return text.toString();
    }

    private static OriginEndpoint nobody() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return new OriginEndpoint(URI.create("http://127.0.0.1:" + socket.getLocalPort()));
        }
    }

    /** RFC 9112 section 6.3: what follows a response is never the next one, whole or in part. */
    @ParameterizedTest
    @ValueSource(
            strings = {"more than announced", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", "\r\nHTTP/1.1 2"})
    void aConnectionWithSurplusOctetsIsNotUsedAgain(String surplus) {
        RawOrigin origin = saying("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood" + surplus);

        for (int i = 0; i < 3; i++) {
            assertThat(text(get(origin.endpoint()))).isEqualTo("good");
        }

        assertThat(origin.connections()).isEqualTo(3);
    }

    @Test
    void bringsTheResponseWithoutFieldsOfTheConnection() {
        RawOrigin origin = saying("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: x-hop\r\nX-Hop: 1\r\n"
                + "Keep-Alive: timeout=5\r\nETag: \"e\"\r\n\r\nhello");
        UpstreamResponse response = get(origin.endpoint());
        assertThat(response.status()).isEqualTo(200);
        assertThat(text(response)).isEqualTo("hello");
        assertThat(response.fields()).isEqualTo(HeaderFields.of("content-length", "5", "etag", "\"e\""));
        assertThat(origin.heads().get(0))
                .startsWith("GET /a?b=%20c HTTP/1.1\r\nhost: 127.0.0.1:")
                .contains("\r\ncdn-loop: nyc-1\r\n")
                .contains("\r\nx-forwarded-for: 192.0.2.1\r\n")
                .doesNotContainIgnoringCase("user-agent")
                .doesNotContainIgnoringCase("accept");
    }

    @Test
    void reusesConnections() {
        RawOrigin origin = saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        for (int i = 0; i < 5; i++) {
            assertThat(text(get(origin.endpoint()))).isEqualTo("ok");
        }
        assertThat(origin.connections()).isEqualTo(1);
    }

    /** RFC 9110 section 15.2: a client reads over any number of interim responses. */
    @Test
    void passesInterimResponsesOnAndTakesTheFinalOne() {
        RawOrigin origin = saying("HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        for (int i = 0; i < 3; i++) {
            UpstreamRequest plain = request("GET", null, origin.endpoint());
            List<String> interim = new ArrayList<>();
            Downstream listening = new Downstream(
                    "http", null, null, (status, fields) -> interim.add(status + " " + fields.first("link")));
            UpstreamResponse response = client.fetch(
                            new UpstreamRequest(plain.distribution(), "GET", "h", "/", HeaderFields.EMPTY, listening))
                    .block();
            assertThat(response).isNotNull();
            assertThat(response.status()).isEqualTo(200);
            assertThat(response.fields().contains("link")).isFalse();
            assertThat(text(response)).isEqualTo("ok");
            assertThat(interim).containsExactly("102 null", "103 </a>");
        }
    }

    /** RFC 9112 section 8: an incomplete message. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
            })
    void failsWhenTheContentEndsEarly(String response) {
        RawOrigin origin = origin((head, in, out) -> {
            out.write(response.getBytes(StandardCharsets.UTF_8));
            return false;
        });
        assertKind(() -> text(get(origin.endpoint())), Kind.TRUNCATED);
    }

    @Test
    void readsContentUntilTheConnectionEndsWhenNothingElseSaysItsLength() {
        RawOrigin origin = origin((head, in, out) -> {
            out.write("HTTP/1.1 200 OK\r\n\r\nuntil the end".getBytes(StandardCharsets.UTF_8));
            return false;
        });
        assertThat(text(get(origin.endpoint()))).isEqualTo("until the end");
    }

    @Test
    void failsWhenTheHeadDoesNotCome() {
        RawOrigin origin = origin((head, in, out) -> in.read() >= 0);
        assertKind(() -> get(origin.endpoint()), Kind.RESPONSE_TIMEOUT);
        assertThat(origin.heads()).as("a slow origin is not asked twice").hasSize(1);
    }

    @Test
    void failsWhenTheContentStops() {
        RawOrigin origin = origin((head, in, out) -> {
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello".getBytes(StandardCharsets.UTF_8));
            return in.read() >= 0;
        });
        assertKind(() -> text(get(origin.endpoint())), Kind.IDLE_TIMEOUT);
    }

    /** What a subscriber does not ask for does not count as silence of the origin. */
    @Test
    void aSlowReaderIsNotTheOriginsFault() throws InterruptedException {
        byte[] content = new byte[300_000];
        RawOrigin origin = origin((head, in, out) -> {
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            out.write(content);
            return true;
        });
        UpstreamClient impatient = client(Duration.ofSeconds(5), Duration.ofMillis(50));
        UpstreamResponse response =
                impatient.fetch(request("GET", null, origin.endpoint())).block();
        assertThat(response).isNotNull();
        CountDownLatch over = new CountDownLatch(1);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        AtomicInteger received = new AtomicInteger();
        BaseSubscriber<ByteBuf> reader = new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                subscription.request(1);
            }

            @Override
            protected void hookOnNext(ByteBuf buffer) {
                received.addAndGet(buffer.readableBytes());
                buffer.release();
            }

            @Override
            protected void hookOnError(Throwable throwable) {
                failure.set(throwable);
                over.countDown();
            }

            @Override
            protected void hookOnComplete() {
                over.countDown();
            }
        };
        response.body().subscribe(reader);
        // several idle limits pass without demand
        assertThat(over.await(300, TimeUnit.MILLISECONDS)).isFalse();
        reader.request(Long.MAX_VALUE);
        assertThat(over.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(failure.get()).isNull();
        assertThat(received.get()).isEqualTo(content.length);
    }

    @Test
    void asksAnotherEndpointWhenTheFirstRefuses() throws IOException {
        RawOrigin origin = saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        assertThat(text(get(nobody(), origin.endpoint()))).isEqualTo("ok");
    }

    @Test
    void failsWhenNobodyListens() throws IOException {
        OriginEndpoint nobody = nobody();
        assertKind(() -> get(nobody), Kind.REFUSED);
    }

    /** RFC 9112 section 9.3.1: a client that reuses a connection must be ready for its end. */
    @Test
    void asksAgainWhenAReusedConnectionWasClosed() {
        AtomicInteger requests = new AtomicInteger();
        RawOrigin origin = origin((head, in, out) -> {
            if (requests.incrementAndGet() == 2) {
                return false;
            }
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(StandardCharsets.UTF_8));
            return true;
        });
        assertThat(text(get(origin.endpoint()))).isEqualTo("ok");
        assertThat(text(get(origin.endpoint()))).isEqualTo("ok");
        assertThat(requests.get()).isEqualTo(3);
    }

    /** RFC 9110 section 9.2.2: a request that is not idempotent is not repeated. */
    @Test
    void doesNotRepeatUnsafeRequests() {
        RawOrigin origin = origin((head, in, out) -> false);
        Flux<ByteBuf> body = Flux.defer(() -> Flux.just(Unpooled.copiedBuffer("x", StandardCharsets.UTF_8)));
        assertKind(() -> client.fetch(request("POST", body, origin.endpoint())).block(), Kind.CLOSED);
        assertThat(origin.heads()).hasSize(1);
    }

    @Test
    void streamsARequestsContent() {
        RawOrigin origin = origin((head, in, out) -> {
            echoChunks(in, out);
            return true;
        });
        Flux<ByteBuf> body = Flux.range(0, 3).map(i -> Unpooled.copiedBuffer("part" + i, StandardCharsets.UTF_8));
        UpstreamResponse response =
                client.fetch(request("PUT", body, origin.endpoint())).block();
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

    /** RFC 9112 sections 6.1 and 6.3: what has two lengths ought to be handled as an error. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "NONSENSE\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
            })
    void failsOnWhatIsNotHttp(String response) {
        RawOrigin origin = saying(response);
        assertKind(() -> get(origin.endpoint()), Kind.PROTOCOL);
    }

    @Test
    void keepsTheLengthOfWhatIsNotSent() {
        RawOrigin origin = saying("HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\nETag: \"e\"\r\n\r\n");
        UpstreamResponse response = get(origin.endpoint());
        assertThat(response.fields().first("content-length")).isEqualTo("500");
        assertThat(text(response)).isEmpty();
    }

    @Test
    void doesNotFollowRedirections() {
        RawOrigin origin = saying("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n");
        assertThat(get(origin.endpoint()).status()).isEqualTo(302);
        assertThat(origin.heads()).hasSize(1);
    }

    @Test
    void discardingClosesTheConnection() throws InterruptedException {
        CountDownLatch closed = new CountDownLatch(1);
        RawOrigin origin = origin((head, in, out) -> {
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nx".getBytes(StandardCharsets.UTF_8));
            try {
                while (in.read() >= 0) {
                    // until the edge goes
                }
            } finally {
                closed.countDown();
            }
            return false;
        });
        get(origin.endpoint()).discard();
        assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void boundsWhatWaitsForAConnection() {
        RawOrigin origin = origin((head, in, out) -> {
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            return in.read() >= 0;
        });
        // four connections are held, four requests wait, the next is refused
        List<UpstreamResponse> held = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            held.add(get(origin.endpoint()));
        }
        for (int i = 0; i < 4; i++) {
            client.fetch(request("GET", null, origin.endpoint())).subscribe(UpstreamResponse::discard, failure -> {});
        }
        assertKind(() -> get(origin.endpoint()), Kind.OVERLOADED);
        held.forEach(UpstreamResponse::discard);
    }

    private static Distribution distribution(@Nullable UpstreamSettings settings, OriginEndpoint... endpoints) {
        JsonMapper json = ControlJson.mapper();
        return json.readValue(
                "{\"id\": \"d\", \"origins\": " + json.writeValueAsString(endpoints) + ", \"upstream\": "
                        + json.writeValueAsString(settings) + "}",
                Distribution.class);
    }

    private Mono<UpstreamResponse> fetch(Distribution distribution, String method) {
        return client.fetch(new UpstreamRequest(distribution, method, "h", "/", HeaderFields.EMPTY, Downstream.NONE));
    }

    private static OriginEndpoint backup(RawOrigin origin) {
        return new OriginEndpoint(origin.endpoint().url(), 1, true);
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 502, 503, 504})
    void asksAnotherOriginWhenTheFirstFails(int status) {
        RawOrigin failing = saying("HTTP/1.1 " + status + " Failed\r\nContent-Length: 2\r\n\r\nno");
        RawOrigin second = saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        Distribution both = distribution(null, failing.endpoint(), backup(second));

        assertThat(text(fetch(both, "GET").block())).isEqualTo("ok");
        assertThat(fetch(both, "POST").block()).as("not repeated").satisfies(answer -> {
            assertThat(answer.status()).isEqualTo(status);
            answer.discard();
        });
        assertThat(failing.heads()).hasSize(2);
    }

    @Test
    void aFailureStandsWhenNobodyElseIsThere() {
        RawOrigin failing = saying("HTTP/1.1 503 Failed\r\nContent-Length: 2\r\n\r\nno");
        UpstreamResponse answer = get(failing.endpoint());
        assertThat(answer.status()).isEqualTo(503);
        assertThat(text(answer)).isEqualTo("no");
        assertThat(failing.heads()).as("not asked again at once").hasSize(1);
    }

    @Test
    void asksAnotherOriginWhenTheFirstIsSilent() {
        RawOrigin silent = origin((head, in, out) -> in.read() >= 0);
        RawOrigin second = saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        assertThat(text(fetch(distribution(null, silent.endpoint(), backup(second)), "GET")
                        .block()))
                .isEqualTo("ok");
    }

    /** RFC 9110 section 10.2.3. */
    @Test
    void leavesAnOriginAloneForAsLongAsItAsks() {
        RawOrigin busy = saying("HTTP/1.1 429 Busy\r\nRetry-After: 20\r\nContent-Length: 0\r\n\r\n");
        RawOrigin second = saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        Distribution both = distribution(null, busy.endpoint(), backup(second));
        for (int i = 0; i < 5; i++) {
            assertThat(text(fetch(both, "GET").block())).isEqualTo("ok");
        }
        assertThat(busy.heads()).hasSize(1);
    }

    @Test
    void aDistributionHasItsOwnPatience() {
        RawOrigin slow = origin((head, in, out) -> {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(700));
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(StandardCharsets.UTF_8));
            return true;
        });
        UpstreamSettings patient = new UpstreamSettings(null, Duration.ofSeconds(10), null, null);
        assertThat(text(fetch(distribution(patient, slow.endpoint()), "GET").block()))
                .isEqualTo("ok");
        UpstreamSettings impatient = new UpstreamSettings(null, Duration.ofMillis(50), null, null);
        assertKind(() -> fetch(distribution(impatient, slow.endpoint()), "GET").block(), Kind.RESPONSE_TIMEOUT);
    }

    /** An origin that has been silent for long is not asked by every request, and is found when it is back. */
    @Test
    void aCircuitOpensAndClosesByATrial() {
        AtomicBoolean back = new AtomicBoolean();
        RawOrigin origin = origin((head, in, out) -> {
            if (back.get()) {
                out.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(StandardCharsets.UTF_8));
            }
            return back.get();
        });
        Awaitility.await().atMost(Duration.ofSeconds(15)).until(() -> kind(origin) == Kind.UNAVAILABLE);
        int asked = origin.heads().size();
        for (int i = 0; i < 20; i++) {
            kind(origin);
        }
        assertThat(origin.heads()).as("trials only").hasSizeLessThanOrEqualTo(asked + 2);

        back.set(true);
        Awaitility.await().atMost(Duration.ofSeconds(15)).until(() -> kind(origin) == null);
        assertThat(text(get(origin.endpoint()))).isEqualTo("ok");
    }

    private @Nullable Kind kind(RawOrigin origin) {
        try {
            get(origin.endpoint()).discard();
            return null;
        } catch (UpstreamException e) {
            return e.kind();
        }
    }

    @Test
    void checksFindOutWhoWorks() {
        AtomicInteger status = new AtomicInteger(503);
        RawOrigin checked = origin((head, in, out) -> {
            int code = head.startsWith("GET /up ") ? status.get() : 200;
            out.write(("HTTP/1.1 " + code + " X\r\nContent-Length: 5\r\n\r\nfirst").getBytes(StandardCharsets.UTF_8));
            return true;
        });
        RawOrigin second = saying("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond");
        OriginCheck check = new OriginCheck("/up", Duration.ofSeconds(1), Duration.ofMillis(500), List.of(200));
        Distribution both =
                distribution(new UpstreamSettings(null, null, null, check), checked.endpoint(), backup(second));
        assertThat(text(fetch(both, "GET").block())).isEqualTo("first");

        client.checks().start(() -> List.of(both));
        Awaitility.await()
                .atMost(Duration.ofSeconds(15))
                .until(() -> text(fetch(both, "GET").block()).equals("second"));
        status.set(200);
        Awaitility.await()
                .atMost(Duration.ofSeconds(15))
                .until(() -> text(fetch(both, "GET").block()).equals("first"));
        assertThat(checked.heads()).anyMatch(head -> head.startsWith("GET /up HTTP/1.1\r\nhost: 127.0.0.1:"));
    }

    @Test
    void refusesALoop() {
        UpstreamRequest plain = request("GET", null, saying("").endpoint());
        UpstreamRequest looped = new UpstreamRequest(
                plain.distribution(), "GET", "h", "/", HeaderFields.of("cdn-loop", "other, nyc-1"), Downstream.NONE);
        assertKind(() -> client.fetch(looped).block(), Kind.LOOP);
    }

    private static void assertKind(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, Kind kind) {
        assertThatThrownBy(call).isInstanceOfSatisfying(UpstreamException.class, e -> assertThat(e.kind())
                .isEqualTo(kind));
    }
}
