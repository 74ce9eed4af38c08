package com.kingcdn.edge.upstream;

import static com.kingcdn.edge.upstream.UpstreamSetup.assertKind;
import static com.kingcdn.edge.upstream.UpstreamSetup.request;
import static com.kingcdn.edge.upstream.UpstreamSetup.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.kingcdn.edge.upstream.UpstreamException.Kind;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.EventExecutor;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** A response's content, whole or broken off. */
@Timeout(30)
class ResponseContentTest {

    private final UpstreamSetup setup = new UpstreamSetup();

    @AfterEach
    void close() {
        setup.close();
    }

    /** RFC 9112 section 8: an incomplete message. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
            })
    void failsWhenTheContentEndsEarly(String response) {
        RawOrigin origin = setup.origin((head, in, out) -> {
            out.write(response.getBytes(StandardCharsets.UTF_8));
            return false;
        });
        assertKind(() -> text(setup.get(origin.endpoint())), Kind.TRUNCATED);
    }

    @Test
    void readsContentUntilTheConnectionEndsWhenNothingElseSaysItsLength() {
        RawOrigin origin = setup.origin((head, in, out) -> {
            out.write("HTTP/1.1 200 OK\r\n\r\nuntil the end".getBytes(StandardCharsets.UTF_8));
            return false;
        });
        assertThat(text(setup.get(origin.endpoint()))).isEqualTo("until the end");
    }

    @Test
    void contentThatComesWithItsHeadIsHandedOnWithIt() throws Exception {
        RawOrigin origin = setup.saying("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
        CompletableFuture<Integer> within = new CompletableFuture<>();
        CountDownLatch over = new CountDownLatch(1);
        setup.client.fetch(request("GET", null, origin.endpoint())).subscribe(response -> {
            AtomicInteger received = new AtomicInteger();
            response.body().doOnComplete(over::countDown).subscribe(buffer -> {
                received.addAndGet(buffer.readableBytes());
                buffer.release();
            });
            within.complete(received.get());
        });
        assertThat(within.get(10, TimeUnit.SECONDS)).isEqualTo(5);
        assertThat(over.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void contentThatHasComeWithItsHeadCanBeTakenAtOnce() {
        RawOrigin origin = setup.saying("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
        double before = UpstreamMetrics.IN_FLIGHT.get();
        for (int i = 0; i < 3; i++) {
            assertThat(takeWhole(origin, 5)).isEqualTo("hello");
        }
        await().untilAsserted(() -> assertThat(UpstreamMetrics.IN_FLIGHT.get()).isEqualTo(before));
    }

    /** Then it comes as it otherwise does. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nlonger",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
            })
    void contentThatIsLongerOrOfUnknownLengthIsNotTakenAtOnce(String response) {
        RawOrigin origin = setup.saying(response);
        assertThat(takeWhole(origin, 5)).isIn("not at once: longer", "not at once: hello", "not at once: ");
    }

    @Test
    void contentOfWhichAPartIsMissingIsNotTakenAtOnce() {
        RawOrigin origin = setup.origin((head, in, out) -> {
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell".getBytes(StandardCharsets.UTF_8));
            return false;
        });
        assertKind(() -> takeWhole(origin, 5), Kind.TRUNCATED);
    }

    /** Nobody else reads on to the response's end then: whoever takes the content frees its connection. */
    @Test
    void contentThatIsTakenAfterTheHeadsTurnEndsItsResponse() throws Exception {
        RawOrigin origin = setup.saying("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
        double before = UpstreamMetrics.IN_FLIGHT.get();
        CompletableFuture<String> taken = new CompletableFuture<>();
        setup.client.fetch(request("GET", null, origin.endpoint())).subscribe(response -> loopOfThisThread()
                .execute(() -> {
                    ByteBuf whole = response.takeWhole(5);
                    if (whole == null) {
                        taken.complete("nothing");
                    } else {
                        taken.complete(whole.toString(StandardCharsets.UTF_8));
                        whole.release();
                    }
                }));
        assertThat(taken.get(10, TimeUnit.SECONDS)).isEqualTo("hello");
        await().untilAsserted(() -> assertThat(UpstreamMetrics.IN_FLIGHT.get()).isEqualTo(before));
    }

    private EventExecutor loopOfThisThread() {
        for (EventExecutor loop : setup.transport().group()) {
            if (loop.inEventLoop()) {
                return loop;
            }
        }
        throw new IllegalStateException("not on an event loop");
    }

    /** All of the content when it can be taken within the head's turn, or else as it comes. */
    private @Nullable String takeWhole(RawOrigin origin, int most) {
        return setup.client
                .fetch(request("GET", null, origin.endpoint()))
                .flatMap(response -> {
                    ByteBuf whole = response.takeWhole(most);
                    if (whole == null) {
                        return Mono.fromCallable(() -> "not at once: " + text(response))
                                .subscribeOn(Schedulers.boundedElastic());
                    }
                    String taken = whole.toString(StandardCharsets.UTF_8);
                    whole.release();
                    return Mono.just(taken);
                })
                .block(Duration.ofSeconds(10));
    }

    @Test
    void failsWhenTheContentStops() {
        RawOrigin origin = setup.origin((head, in, out) -> {
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello".getBytes(StandardCharsets.UTF_8));
            return in.read() >= 0;
        });
        assertKind(() -> text(setup.get(origin.endpoint())), Kind.IDLE_TIMEOUT);
    }

    /** What a subscriber does not ask for does not count as silence of the origin. */
    @Test
    void aSlowReaderIsNotTheOriginsFault() throws InterruptedException {
        byte[] content = new byte[300_000];
        RawOrigin origin = setup.origin((head, in, out) -> {
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            out.write(content);
            return true;
        });
        UpstreamClient impatient = setup.client(Duration.ofSeconds(5), Duration.ofMillis(50));
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
    void keepsTheLengthOfWhatIsNotSent() {
        RawOrigin origin = setup.saying("HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\nETag: \"e\"\r\n\r\n");
        UpstreamResponse response = setup.get(origin.endpoint());
        assertThat(response.fields().first("content-length")).isEqualTo("500");
        assertThat(text(response)).isEmpty();
    }
}
