package com.kingcdn.edge.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.policy.ForwardReason;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Freshness, validation, purges and invalidation, as clients see them. */
class ValidationIT {

    private static final Duration DEADLINE = Duration.ofSeconds(10);

    private final CacheSetup setup = new CacheSetup();
    private final byte[] content = Origin.content(300_000, 1);
    private final CacheKey key = new CacheKey("a1105", null, "/title");

    @AfterEach
    void close() {
        setup.close();
    }

    private void publish(String etag, String cacheControl) {
        setup.origin.on("/title", setup.origin.file(content, etag, cacheControl));
    }

    /** RFC 9111 section 4.3.4. */
    @Test
    void aStaleEntryIsFreshenedByA304() {
        publish("\"one\"", "max-age=60");
        setup.get("/title");
        setup.advance(Duration.ofSeconds(61));

        Received validated = setup.get("/title");
        Received hit = setup.get("/title");

        assertThat(validated.content()).isEqualTo(content);
        assertThat(validated.cacheStatus().forward()).isEqualTo(ForwardReason.STALE);
        assertThat(validated.cacheStatus().forwardStatus()).isEqualTo(304);
        assertThat(hit.cacheStatus().isHit()).isTrue();
        assertThat(setup.origin.sent()).isEqualTo(content.length);
    }

    @Test
    void aStaleEntryIsReplacedByA200() {
        publish("\"one\"", "max-age=60");
        setup.get("/title");
        setup.advance(Duration.ofSeconds(61));
        byte[] other = Origin.content(400_000, 2);
        setup.origin.on("/title", setup.origin.file(other, "\"two\"", "max-age=60"));

        assertThat(setup.get("/title").content()).isEqualTo(other);
        assertThat(setup.get("/title").cacheStatus().isHit()).isTrue();
        assertThat(setup.store.size()).isEqualTo(1);
    }

    /** RFC 9110 section 13.1.2: the client's own copy is current. */
    @Test
    void aClientsConditionIsAnsweredFromTheStore() {
        publish("\"one\"", "max-age=60");
        setup.get("/title");

        Received notModified = setup.get("/title", "if-none-match", "\"one\"");

        assertThat(notModified.status()).isEqualTo(304);
        assertThat(notModified.content()).isEmpty();
        assertThat(notModified.fields().first("etag")).isEqualTo("\"one\"");
    }

    @Test
    void headIsAnsweredFromTheStore() {
        publish("\"one\"", "max-age=60");
        setup.get("/title");

        Received head = Received.of(setup.send(CacheSetup.request("HEAD", "/title")));

        assertThat(head.status()).isEqualTo(200);
        assertThat(head.contentLength()).isEqualTo(content.length);
        assertThat(head.content()).isEmpty();
        assertThat(setup.origin.requests()).hasSize(1);
    }

    /** RFC 5861 section 3. */
    @Test
    void aStaleEntryIsServedWhileItIsValidated() {
        publish("\"one\"", "max-age=60, stale-while-revalidate=30");
        setup.get("/title");
        setup.advance(Duration.ofSeconds(70));

        Received stale = setup.get("/title");
        await().atMost(DEADLINE).until(() -> setup.origin.requests().size() == 2);
        await().atMost(DEADLINE).until(() -> setup.get("/title").cacheStatus().ttlSeconds() > 0);

        assertThat(stale.cacheStatus().isHit()).isTrue();
        assertThat(stale.cacheStatus().ttlSeconds()).isNegative();
        assertThat(stale.content()).isEqualTo(content);
    }

    /** RFC 5861 section 4. */
    @Test
    void aStaleEntryStandsInForAFailingOrigin() {
        publish("\"one\"", "max-age=60");
        setup.get("/title");
        setup.advance(Duration.ofSeconds(61));
        setup.origin.on("/title", (request, response) -> response.status(503).send());

        Received standIn = setup.get("/title");

        assertThat(standIn.status()).isEqualTo(200);
        assertThat(standIn.content()).isEqualTo(content);
        assertThat(standIn.cacheStatus().forwardStatus()).isEqualTo(503);
    }

    @Test
    void anOriginThatIsGoneIsSaidSo() {
        setup.origin.close();

        Received failed = setup.get("/title");

        assertThat(failed.status()).isIn(502, 504);
        assertThat(failed.cacheStatus().forward()).isEqualTo(ForwardReason.URI_MISS);
        assertThat(failed.cacheStatus().detail()).isEqualTo("connection_refused");
    }

    /** RFC 9111 section 5.2.1.7. */
    @Test
    void onlyIfCachedNeverAsks() {
        publish("\"one\"", "max-age=60");

        assertThat(setup.get("/title", "cache-control", "only-if-cached").status())
                .isEqualTo(504);
        setup.get("/title", "range", "bytes=0-9");
        assertThat(setup.get("/title", "cache-control", "only-if-cached").status())
                .isEqualTo(504);
        assertThat(setup.get("/title", "cache-control", "only-if-cached", "range", "bytes=0-9")
                        .status())
                .isEqualTo(206);
        assertThat(setup.origin.requests()).hasSize(1);
    }

    @Test
    void errorsAreKeptAsLongAsTheySay() {
        Received first = setup.get("/nothing");
        Received second = setup.get("/nothing");

        assertThat(first.status()).isEqualTo(404);
        assertThat(second.status()).isEqualTo(404);
        assertThat(second.cacheStatus().isHit()).isTrue();
        assertThat(second.text()).isEqualTo("no");
    }

    @Test
    void aHardPurgeForgets() {
        publish("\"one\"", "max-age=60");
        setup.get("/title");

        assertThat(setup.store.remove(key)).isEqualTo(1);
        assertThat(setup.store.remove(key)).isZero();

        assertThat(setup.get("/title").cacheStatus().forward()).isEqualTo(ForwardReason.URI_MISS);
    }

    @Test
    void aSoftPurgeValidates() {
        publish("\"one\"", "max-age=60");
        setup.get("/title");

        assertThat(setup.store.markStale(key)).isEqualTo(1);
        Received validated = setup.get("/title");

        assertThat(validated.cacheStatus().forwardStatus()).isEqualTo(304);
        assertThat(setup.get("/title").cacheStatus().isHit()).isTrue();
    }

    /** What was asked for before a purge may be what the purge was about. */
    @Test
    void aResponseThatAPurgeOvertookIsNotStored() {
        Sinks.One<Boolean> gate = Sinks.one();
        setup.origin.on("/title", (request, response) -> gate.asMono()
                .flatMap(open -> Mono.from(
                        setup.origin.file(content, "\"one\"", "max-age=60").answer(request, response))));

        CompletableFuture<EdgeResponse> early =
                setup.send(CacheSetup.request("GET", "/title")).toFuture();
        await().atMost(DEADLINE).until(() -> setup.origin.requests().size() == 1);
        setup.store.remove(key);
        gate.tryEmitValue(true);
        Received received = Received.of(Mono.fromFuture(early));

        assertThat(received.content()).isEqualTo(content);
        assertThat(received.cacheStatus().stored()).isFalse();
        assertThat(received.cacheStatus().detail()).isEqualTo("purged");
        assertThat(setup.store.size()).isZero();
    }

    @Test
    void aHeadThatASoftPurgeOvertookConfirmsNothing() {
        publish("\"one\"", "max-age=60");
        setup.get("/title");
        setup.advance(Duration.ofSeconds(61));
        Sinks.One<Boolean> gate = Sinks.one();
        setup.origin.on("/title", (request, response) -> {
            if (request.method().name().equals("HEAD")) {
                return gate.asMono().flatMap(open -> response.header("etag", "\"one\"")
                        .header("cache-control", "max-age=60")
                        .header("content-length", Integer.toString(content.length))
                        .send());
            }
            return setup.origin.file(content, "\"one\"", "max-age=60").answer(request, response);
        });

        CompletableFuture<EdgeResponse> early =
                setup.send(CacheSetup.request("HEAD", "/title")).toFuture();
        await().atMost(DEADLINE).until(() -> setup.origin.requests().size() == 2);
        setup.store.markStale(key);
        gate.tryEmitValue(true);
        Received.of(Mono.fromFuture(early));
        Received purged = setup.get("/title");
        setup.advance(Duration.ofSeconds(61));
        Received.of(setup.send(CacheSetup.request("HEAD", "/title")));
        Received confirmed = setup.get("/title");

        assertThat(purged.cacheStatus().forward()).isEqualTo(ForwardReason.STALE);
        assertThat(confirmed.cacheStatus().isHit()).isTrue();
    }

    @Test
    void aHeadWithoutValidatorsDoesNotEndASoftPurge() {
        publish("\"one\"", "max-age=60");
        setup.get("/title");
        setup.store.markStale(key);
        setup.origin.on("/title", (request, response) -> response.header("cache-control", "max-age=60")
                .sendHeaders());

        Received head = Received.of(setup.send(CacheSetup.request("HEAD", "/title")));
        publish("\"two\"", "max-age=60");
        Received after = setup.get("/title");

        assertThat(head.status()).isEqualTo(200);
        assertThat(after.fields().first("etag")).isEqualTo("\"two\"");
    }

    /** Who comes after a soft purge is not answered by what was asked before it. */
    @Test
    void aValidationThatASoftPurgeOvertookIsNotForThoseWhoCameAfterIt() {
        publish("\"one\"", "max-age=60");
        setup.get("/title");
        setup.advance(Duration.ofSeconds(61));
        Sinks.One<Boolean> gate = Sinks.one();
        setup.origin.on("/title", (request, response) -> gate.asMono()
                .flatMap(open -> Mono.from(
                        setup.origin.file(content, "\"one\"", "max-age=60").answer(request, response))));

        CompletableFuture<EdgeResponse> before =
                setup.send(CacheSetup.request("GET", "/title")).toFuture();
        await().atMost(DEADLINE).until(() -> setup.origin.requests().size() == 2);
        setup.store.markStale(key);
        CompletableFuture<EdgeResponse> after =
                setup.send(CacheSetup.request("GET", "/title")).toFuture();
        gate.tryEmitValue(true);

        assertThat(Received.of(Mono.fromFuture(before)).content()).isEqualTo(content);
        assertThat(Received.of(Mono.fromFuture(after)).content()).isEqualTo(content);
        assertThat(setup.origin.requests()).hasSize(3);
        assertThat(setup.get("/title").cacheStatus().isHit()).isTrue();
    }

    /** RFC 9110 section 13.1.1: who has a part of another version is not given one of this, stored before or not. */
    @Test
    void anIfMatchThatFailsIsAnsweredByTheOrigin() {
        publish("\"one\"", "max-age=60");
        setup.get("/title");
        setup.advance(Duration.ofSeconds(61));
        for (String path : List.of("/title", "/other")) {
            setup.origin.on(path, (request, response) -> {
                String wanted = request.requestHeaders().get("if-match");
                return wanted != null && !wanted.equals("\"two\"")
                        ? response.status(412).send()
                        : setup.origin.file(content, "\"two\"", "max-age=60").answer(request, response);
            });
        }

        Received stale = setup.get("/title", "range", "bytes=10-19", "if-match", "\"one\"");
        Received missing = setup.get("/other", "range", "bytes=10-19", "if-match", "\"one\"");

        assertThat(stale.status()).isEqualTo(412);
        assertThat(missing.status()).isEqualTo(412);
        assertThat(setup.get("/other", "range", "bytes=10-19", "if-match", "\"two\"")
                        .status())
                .isEqualTo(206);
    }

    @Test
    void anIfMatchThatFailsIsAnsweredByTheOriginOfWhatIsNotStored() {
        setup.origin.on(
                "/title",
                (request, response) -> request.requestHeaders().contains("if-match")
                        ? response.status(412).send()
                        : setup.origin.file(content, "\"two\"", "no-store").answer(request, response));

        assertThat(setup.get("/title", "if-match", "\"one\"").status()).isEqualTo(412);
    }

    @Test
    void whatMayHaveBeenPurgedIsValidatedFirst() {
        publish("\"one\"", "max-age=60");
        setup.get("/title");
        setup.purgesKnown = false;

        Received validated = setup.get("/title");

        assertThat(validated.content()).isEqualTo(content);
        assertThat(validated.cacheStatus().forward()).isEqualTo(ForwardReason.STALE);
        assertThat(validated.cacheStatus().detail()).isEqualTo("purge-state-unknown");
        assertThat(setup.origin.requests()).hasSize(2);
    }

    /** RFC 9111 section 4.4. */
    @Test
    void anUnsafeMethodInvalidates() {
        AtomicInteger posts = new AtomicInteger();
        setup.origin.on("/title", (request, response) -> {
            if (request.method().name().equals("POST")) {
                posts.incrementAndGet();
                return response.status(204).send();
            }
            assertThat(request.requestHeaders().contains(HttpHeaderNames.COOKIE))
                    .isFalse();
            return setup.origin.file(content, "\"" + posts + "\"", "max-age=60").answer(request, response);
        });
        setup.get("/title");

        Received post = Received.of(setup.send(CacheSetup.request("POST", "/title")));
        Received after = setup.get("/title");

        assertThat(post.status()).isEqualTo(204);
        assertThat(post.cacheStatus().forward()).isEqualTo(ForwardReason.METHOD);
        assertThat(after.cacheStatus().forward()).isEqualTo(ForwardReason.STALE);
        assertThat(after.fields().first("etag")).isEqualTo("\"1\"");
    }
}
