package com.kingcdn.edge.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.kingcdn.control.ControlJson;
import com.kingcdn.topology.Distribution;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Another edge as a client: what it may be given, and when. */
class PeerIT {

    /** A purge that this edge has not heard of may have named what it has: that is confirmed first. */
    @Test
    void onePurgeAheadGetsNothingThatIsNotValidated() {
        byte[] content = Origin.content(1000, 1);
        try (CacheSetup setup = new CacheSetup()) {
            setup.origin.on("/title", setup.origin.file(content, "\"one\"", "max-age=600"));
            setup.get("/title");
            setup.appliedSequence = 7;

            assertThat(setup.getAsPeer(7, "/title").cacheStatus().isHit()).isTrue();
            Received ahead = setup.getAsPeer(8, "/title");
            assertThat(ahead.cacheStatus().forwardStatus()).isEqualTo(304);
            assertThat(ahead.cacheStatus().detail()).isEqualTo("purge-state-unknown");
            assertThat(ahead.content()).isEqualTo(content);
            assertThat(setup.get("/title").cacheStatus().isHit()).isTrue();
            setup.appliedSequence = 8;
            assertThat(setup.getAsPeer(8, "/title").cacheStatus().isHit()).isTrue();
        }
    }

    @Test
    void onePurgeAheadGetsNothingStaleWhenTheOriginFails() {
        try (CacheSetup setup = new CacheSetup()) {
            setup.origin.on("/title", setup.origin.file(Origin.content(10, 1), "\"one\"", "max-age=600"));
            setup.get("/title");
            setup.origin.on(
                    "/title", (request, response) -> response.status(503).send());

            assertThat(setup.getAsPeer(1, "/title").status()).isEqualTo(503);
            assertThat(setup.getAsPeer(0, "/title").status()).isEqualTo(200);
        }
    }

    /** A fetch that was begun before the purge may bring what the purge was about. */
    @Test
    void onePurgeAheadDoesNotJoinAFetchThatWasBegunBefore() {
        Sinks.One<Boolean> gate = Sinks.one();
        try (CacheSetup setup = new CacheSetup()) {
            setup.origin.on("/title", (request, response) -> gate.asMono()
                    .then(Mono.from(setup.origin
                            .file(Origin.content(10, 1), "\"old\"", "max-age=600")
                            .answer(request, response))));
            CompletableFuture<EdgeResponse> before =
                    setup.send(CacheSetup.request("GET", "/title")).toFuture();
            await().until(() -> setup.origin.requests().size() == 1);
            setup.origin.on("/title", setup.origin.file(Origin.content(10, 2), "\"new\"", "max-age=600"));

            assertThat(setup.getAsPeer(1, "/title").fields().first("etag")).isEqualTo("\"new\"");
            gate.tryEmitValue(true);
            assertThat(Received.of(Mono.fromFuture(before)).status()).isEqualTo(200);
        }
    }

    /** The distribution's rules for clients are applied once, by the edge where the client is. */
    @Test
    void fieldsForClientsAreNotForPeers() {
        UnaryOperator<Distribution> rules = distribution -> ControlJson.mapper()
                .readValue(
                        "{\"id\": \"a1105\", \"origins\": [{\"url\": \""
                                + distribution.origins().get(0).url()
                                + "\"}], \"headers\": {\"toClient\": {\"set\": {\"cache-control\": \"no-store\"},"
                                + " \"add\": {\"x-by\": \"kingcdn\"}}}}",
                        Distribution.class);
        try (CacheSetup setup = new CacheSetup(rules)) {
            setup.origin.on("/title", setup.origin.file(Origin.content(10, 1), "\"one\"", "max-age=600"));
            for (int i = 0; i < 2; i++) {
                Received client = setup.get("/title");
                assertThat(client.fields().first("cache-control")).isEqualTo("no-store");
                assertThat(client.fields().first("x-by")).isEqualTo("kingcdn");
                Received peer = setup.getAsPeer(0, "/title");
                assertThat(peer.fields().first("cache-control")).isEqualTo("max-age=600");
                assertThat(peer.fields().contains("x-by")).isFalse();
            }
        }
    }
}
