package com.kingcdn.edge.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.policy.ForwardReason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.netty.DisposableChannel;
import reactor.netty.http.server.HttpServerResponse;

/** What stands in for an origin that fails (RFC 9111 section 4.2.4, RFC 5861 section 4), and what never does. */
class StandInIT {

    private static final byte[] CONTENT = "content".getBytes(StandardCharsets.UTF_8);

    private final CacheSetup setup = new CacheSetup();

    @AfterEach
    void close() {
        setup.close();
    }

    @BeforeEach
    void storeAndFail() {
        setup.origin.on("/title", setup.origin.file(CONTENT, "\"v1\"", "max-age=60"));
        assertThat(setup.get("/title").cacheStatus().stored()).isTrue();
        setup.origin.on("/title", (request, response) -> response.status(503).send());
    }

    @Test
    void aStaleEntryStandsIn() {
        setup.advance(Duration.ofSeconds(61));

        Received received = setup.get("/title");

        assertThat(received.status()).isEqualTo(200);
        assertThat(received.content()).isEqualTo(CONTENT);
        assertThat(received.cacheStatus().forward()).isEqualTo(ForwardReason.STALE);
        assertThat(received.cacheStatus().detail()).isEqualTo("stale-if-error");
    }

    /** Its head would promise what the origin, which fails, has to give. */
    @Test
    void aPartStandsInForThatPartOnly() {
        byte[] content = Origin.content(1 << 20, 1);
        setup.origin.on("/long", setup.origin.file(content, "\"v1\"", "max-age=60"));
        setup.get("/long", "range", "bytes=0-9");
        setup.origin.on("/long", (request, response) -> response.status(503).send());
        setup.advance(Duration.ofSeconds(61));

        assertThat(setup.get("/long", "range", "bytes=0-9").status()).isEqualTo(206);
        assertThat(setup.get("/long").status()).isEqualTo(503);
        assertThat(setup.get("/long", "range", "bytes=1000000-1000009").status())
                .isEqualTo(503);
    }

    /** No response at all. */
    private static Mono<Void> broken(HttpServerResponse response) {
        return Mono.fromRunnable(() -> response.withConnection(DisposableChannel::dispose));
    }

    @Test
    void aStaleEntryStandsInForAHeadAsForAGet() {
        setup.advance(Duration.ofSeconds(61));

        Received received = Received.of(setup.send(CacheSetup.request("HEAD", "/title")));
        assertThat(received.status()).isEqualTo(200);
        assertThat(received.contentLength()).isEqualTo(CONTENT.length);
        assertThat(received.cacheStatus().detail()).isEqualTo("stale-if-error");

        setup.origin.on("/title", (request, response) -> broken(response));
        assertThat(Received.of(setup.send(CacheSetup.request("HEAD", "/title"))).status())
                .isEqualTo(200);
        setup.store.markStale(setup.key("/title"));
        assertThat(Received.of(setup.send(CacheSetup.request("HEAD", "/title"))).status())
                .isEqualTo(502);
    }

    /** Whoever asked first has not got what would be enough for the other. */
    @Test
    void aPartStandsInForWhoWaitsForSomebodyElsesRequest() {
        byte[] content = Origin.content(1 << 20, 1);
        setup.origin.on("/long", setup.origin.file(content, "\"v1\"", "max-age=60"));
        setup.get("/long", "range", "bytes=0-9");
        Sinks.Empty<Void> gate = Sinks.empty();
        setup.origin.on("/long", (request, response) -> gate.asMono().then(broken(response)));
        setup.advance(Duration.ofSeconds(61));
        int before = setup.origin.requests().size();

        CompletableFuture<EdgeResponse> whole =
                setup.send(CacheSetup.request("GET", "/long")).toFuture();
        await().until(() -> setup.origin.requests().size() > before);
        CompletableFuture<EdgeResponse> part = setup.send(CacheSetup.request("GET", "/long", "range", "bytes=0-9"))
                .toFuture();
        gate.tryEmitEmpty();

        assertThat(Received.of(Mono.fromFuture(whole)).status()).isEqualTo(502);
        Received received = Received.of(Mono.fromFuture(part));
        assertThat(received.status()).isEqualTo(206);
        assertThat(received.cacheStatus().collapsed()).isTrue();
        assertThat(received.content()).isEqualTo(Arrays.copyOf(content, 10));
    }

    @Test
    void oneThatWasInvalidatedDoesNot() {
        setup.store.markStale(CacheKey.of(setup.distribution(), CacheSetup.request("GET", "/title")));

        assertThat(setup.get("/title").status()).isEqualTo(503);
    }

    @Test
    void oneThatMayHaveBeenPurgedDoesNot() {
        setup.purgesKnown = false;

        assertThat(setup.get("/title").status()).isEqualTo(503);
    }
}
