package com.kingcdn.edge.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/** Many readers of one fetch, before its head, while it fills, and at their own speeds. */
class CoalescingIT {

    private static final int MIB = 1 << 20;
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    private final CacheSetup setup = new CacheSetup();
    private final Sinks.One<Boolean> gate = Sinks.one();

    @AfterEach
    void close() {
        gate.tryEmitValue(true);
        setup.close();
    }

    /** The path answers only when the gate has been opened. */
    private void publishBehindGate(String path, Origin.Behaviour behaviour) {
        setup.origin.on(path, (request, response) -> gate.asMono()
                .flatMap(open -> Mono.from(behaviour.answer(request, response))));
    }

    private CompletableFuture<EdgeResponse> begin(String target, String... fields) {
        return setup.send(CacheSetup.request("GET", target, fields)).toFuture();
    }

    private List<CompletableFuture<EdgeResponse>> begin(int count, String target) {
        List<CompletableFuture<EdgeResponse>> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(begin(target));
        }
        return all;
    }

    private void awaitRequests(int count) {
        await().atMost(DEADLINE).until(() -> setup.origin.requests().size() >= count);
    }

    @Test
    void requestsThatComeBeforeTheHeadMakeOneFetch() {
        byte[] content = Origin.content(3 * MIB, 1);
        publishBehindGate("/title", setup.origin.file(content, "\"one\"", "max-age=60"));

        List<CompletableFuture<EdgeResponse>> all = begin(40, "/title");
        awaitRequests(1);
        gate.tryEmitValue(true);
        List<Received> received = Flux.fromIterable(all)
                .flatMap(
                        each -> Mono.fromCallable(() -> Received.of(Mono.fromFuture(each)))
                                .subscribeOn(Schedulers.boundedElastic()),
                        40)
                .collectList()
                .block(DEADLINE);

        assertThat(received).hasSize(40).allSatisfy(one -> assertThat(one.content())
                .isEqualTo(content));
        assertThat(received.stream().filter(one -> one.cacheStatus().collapsed()))
                .hasSize(39);
        assertThat(setup.origin.requests()).containsExactly("GET /title");
    }

    @Test
    void whoeverCausedTheFetchMayLeave() {
        byte[] content = Origin.content(MIB, 2);
        publishBehindGate("/title", setup.origin.file(content, "\"one\"", "max-age=60"));

        CompletableFuture<EdgeResponse> leader = begin("/title");
        awaitRequests(1);
        CompletableFuture<EdgeResponse> follower = begin("/title");
        leader.cancel(true);
        gate.tryEmitValue(true);

        assertThat(Received.of(Mono.fromFuture(follower)).content()).isEqualTo(content);
        assertThat(setup.origin.requests()).hasSize(1);
    }

    @Test
    void unstorableResponsesAreNotWaitedForTwice() {
        AtomicInteger number = new AtomicInteger();
        publishBehindGate("/private", (request, response) -> response.header("cache-control", "no-store")
                .sendString(Mono.just("answer " + number.incrementAndGet())));

        List<CompletableFuture<EdgeResponse>> all = begin(5, "/private");
        awaitRequests(1);
        gate.tryEmitValue(true);

        assertThat(all)
                .extracting(each -> Received.of(Mono.fromFuture(each)).text())
                .doesNotHaveDuplicates();
        assertThat(setup.origin.requests()).hasSize(5);
        assertThat(setup.store.size()).isZero();
    }

    /** Or one client could send all others to the origin, each by itself. */
    @ParameterizedTest
    @CsvSource({"authorization, Bearer mine", "range, bytes=300000-"})
    void whatIsForOneClientOnlyKeepsNobodyFromSharing(String field, String value) {
        byte[] content = Origin.content(1000, 2);
        setup.origin.on("/title", setup.origin.file(content, "\"one\"", "max-age=60"));
        assertThat(setup.get("/title", field, value).cacheStatus().stored()).isFalse();
        publishBehindGate("/title", setup.origin.file(content, "\"one\"", "max-age=60"));

        List<CompletableFuture<EdgeResponse>> all = begin(5, "/title");
        awaitRequests(2);
        gate.tryEmitValue(true);

        assertThat(all)
                .extracting(each -> Received.of(Mono.fromFuture(each)).content())
                .containsOnly(content);
        assertThat(setup.origin.requests()).hasSize(2);
    }

    /** A response that others cannot use must not make them wait for its content. */
    @Test
    void anUnstorableResponseThatStallsHoldsNobodyUp() {
        Sinks.Many<ByteBuf> stalled = Sinks.many().unicast().onBackpressureBuffer();
        AtomicInteger number = new AtomicInteger();
        setup.origin.on(
                "/private",
                (request, response) -> number.incrementAndGet() == 1
                        ? response.header("cache-control", "no-store").send(stalled.asFlux())
                        : response.header("cache-control", "no-store").sendString(Mono.just("second")));

        CompletableFuture<EdgeResponse> first = begin("/private");
        awaitRequests(1);
        stalled.tryEmitNext(Unpooled.copiedBuffer(new byte[1000]));
        EdgeResponse open = Mono.fromFuture(first).block(DEADLINE);

        assertThat(setup.get("/private").text()).isEqualTo("second");
        assertThat(open).isNotNull();
        open.close();
        stalled.tryEmitComplete();
    }

    @Test
    void variantsAreFetchedEachOnce() {
        publishBehindGate("/page", (request, response) -> response.header("vary", "accept-language")
                .header("cache-control", "max-age=60")
                .sendString(Mono.just("in " + request.requestHeaders().get("accept-language"))));

        CompletableFuture<EdgeResponse> german = begin("/page", "accept-language", "de");
        awaitRequests(1);
        CompletableFuture<EdgeResponse> french = begin("/page", "accept-language", "fr");
        gate.tryEmitValue(true);

        assertThat(Received.of(Mono.fromFuture(german)).text()).isEqualTo("in de");
        assertThat(Received.of(Mono.fromFuture(french)).text()).isEqualTo("in fr");
        assertThat(setup.get("/page", "accept-language", "de").cacheStatus().isHit())
                .isTrue();
        assertThat(setup.get("/page", "accept-language", "fr").cacheStatus().isHit())
                .isTrue();
        assertThat(setup.origin.requests()).hasSize(2);
    }

    @Test
    void octetsLeaveWhileTheirBlockIsStillArriving() {
        byte[] content = Origin.content(MIB, 3);
        setup.origin.on("/title", (request, response) -> response.header("etag", "\"one\"")
                .header("cache-control", "max-age=60")
                .header("content-length", "" + content.length)
                .send(
                        setup.origin
                                .pieces(content, 0, 16 << 10)
                                .concatWith(
                                        gate.asMono().thenMany(setup.origin.pieces(content, 16 << 10, content.length))),
                        octets -> true));

        SlowClient leader = new SlowClient(begin("/title"), content);
        SlowClient follower = new SlowClient(begin("/title"), content);
        leader.request(Long.MAX_VALUE);
        follower.request(Long.MAX_VALUE);
        await().atMost(DEADLINE).until(() -> leader.size() == 16 << 10 && follower.size() == 16 << 10);
        gate.tryEmitValue(true);
        await().atMost(DEADLINE).until(() -> leader.isDone() && follower.isDone());

        assertThat(leader.hasAll()).isTrue();
        assertThat(follower.hasAll()).isTrue();
        assertThat(setup.origin.requests()).hasSize(1);
    }

    @Test
    void aSlowClientSlowsNobody() {
        byte[] content = Origin.content(24 * MIB, 4);
        setup.origin.on("/title", setup.origin.file(content, "\"one\"", "max-age=60"));

        SlowClient slow = new SlowClient(begin("/title"), content);
        slow.request(1);
        await().atMost(DEADLINE).until(() -> slow.size() > 0);
        Received fast = setup.get("/title");
        slow.request(Long.MAX_VALUE);
        await().atMost(DEADLINE).until(slow::isDone);

        assertThat(fast.content()).isEqualTo(content);
        assertThat(slow.hasAll()).isTrue();
        assertThat(setup.origin.sent()).isEqualTo(content.length);
    }

    @Test
    void nobodysDemandFetchesNothing() {
        byte[] content = Origin.content(48 * MIB, 5);
        AtomicBoolean ended = new AtomicBoolean();
        setup.origin.on("/title", (request, response) -> response.header("etag", "\"one\"")
                .header("cache-control", "max-age=60")
                .header("content-length", "" + content.length)
                .send(setup.origin.pieces(content, 0, content.length).doFinally(end -> ended.set(true))));

        SlowClient stalled = new SlowClient(begin("/title"), content);
        stalled.request(1);
        await().atMost(DEADLINE).until(() -> setup.origin.sent() > 2 * MIB);
        await().during(Duration.ofMillis(300)).atMost(DEADLINE).until(() -> setup.store.memoryBytes() < 4 * MIB);
        stalled.cancel();
        await().atMost(DEADLINE).until(ended::get);

        // what lies in socket buffers has been sent, too
        assertThat(setup.origin.sent()).isLessThan(32 * MIB);
    }

    @Test
    void anAbortedFetchIsContinuedWhereItStopped() {
        byte[] content = Origin.content(16 * MIB, 6);
        setup.origin.on("/title", setup.origin.file(content, "\"one\"", "max-age=60"));

        SlowClient aborting = new SlowClient(begin("/title"), content);
        aborting.request(4);
        await().atMost(DEADLINE).until(() -> aborting.size() > 0);
        aborting.cancel();
        Received whole = setup.get("/title");

        assertThat(whole.content()).isEqualTo(content);
        assertThat(setup.origin.requests().get(0)).isEqualTo("GET /title");
        assertThat(setup.get("/title").content()).isEqualTo(content);
    }

    @Test
    void aThousandSlowClientsShareTheirBlocks() {
        byte[] content = Origin.content(3 * MIB, 7);
        setup.origin.on("/title", setup.origin.file(content, "\"one\"", "max-age=60"));

        List<SlowClient> clients = begin(1000, "/title").stream()
                .map(response -> new SlowClient(response, content))
                .toList();
        clients.forEach(client -> client.request(2));
        await().atMost(DEADLINE).until(() -> clients.stream().allMatch(client -> client.size() > 0));
        long whileWaiting = setup.store.memoryBytes();
        clients.forEach(client -> client.request(Long.MAX_VALUE));
        await().atMost(DEADLINE).until(() -> clients.stream().allMatch(SlowClient::isDone));

        assertThat(whileWaiting).isLessThanOrEqualTo(content.length);
        assertThat(clients).allMatch(SlowClient::hasAll);
        assertThat(setup.origin.requests()).hasSize(1);
    }

    /** A client that takes as many buffers as it is told to, and compares them with the content there should be. */
    private static final class SlowClient extends BaseSubscriber<ByteBuf> {

        private final byte[] expected;
        private final AtomicInteger size = new AtomicInteger();
        private final AtomicBoolean wrong = new AtomicBoolean();
        private final AtomicBoolean done = new AtomicBoolean();

        SlowClient(CompletableFuture<EdgeResponse> response, byte[] expected) {
            this.expected = expected;
            EdgeResponse head = Mono.fromFuture(response).block(DEADLINE);
            assertThat(head).isNotNull();
            ((EdgeResponse.Streamed) head.body()).content().subscribe(this);
        }

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            // waits to be told
        }

        @Override
        protected void hookOnNext(ByteBuf buffer) {
            int count = buffer.readableBytes();
            ByteBuf right = Unpooled.wrappedBuffer(expected, size.get(), count);
            if (!buffer.equals(right)) {
                wrong.set(true);
            }
            size.addAndGet(count);
            buffer.release();
        }

        @Override
        protected void hookOnComplete() {
            done.set(true);
        }

        int size() {
            return size.get();
        }

        boolean isDone() {
            return done.get();
        }

        boolean hasAll() {
            return isDone() && !wrong.get() && size.get() == expected.length;
        }
    }
}
