package com.kingcdn.edge.cache;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.policy.ForwardReason;
import com.kingcdn.edge.store.PurgeScope;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** Purges by tag and cache groups (RFC 9875), as clients see them. */
@NullMarked
class TagIT {

    private final CacheSetup setup = new CacheSetup();

    @AfterEach
    void close() {
        setup.close();
    }

    private void publish(String path, String... fields) {
        setup.origin.on(path, (request, response) -> {
            for (int i = 0; i < fields.length; i += 2) {
                response.header(fields[i], fields[i + 1]);
            }
            boolean confirmed = "\"one\"".equals(request.requestHeaders().get("if-none-match"));
            return confirmed
                    ? response.status(304).send()
                    : response.header("cache-control", "max-age=60")
                            .header("etag", "\"one\"")
                            .header("content-length", "2")
                            .sendString(Mono.just("ok"));
        });
    }

    private boolean isHit(String path) {
        return setup.get(path).cacheStatus().isHit();
    }

    @Test
    void aHardPurgeOfATagForgets_aSoftOneValidates() {
        publish("/one", "surrogate-key", "show-1 all");
        publish("/two", "cache-tag", "show-2, all");
        setup.get("/one");
        setup.get("/two");

        setup.store.remove(PurgeScope.tag("a1105", "show-1"));
        assertThat(setup.get("/one").cacheStatus().forward()).isEqualTo(ForwardReason.URI_MISS);
        assertThat(isHit("/one")).isTrue();
        assertThat(isHit("/two")).isTrue();

        setup.store.markStale(PurgeScope.tag(null, "all"));
        assertThat(setup.get("/two").cacheStatus().forwardStatus()).isEqualTo(304);
        assertThat(isHit("/two")).isTrue();
        setup.store.remove(PurgeScope.tag("other", "all"));
        assertThat(isHit("/two")).isTrue();
    }

    /** RFC 9875 section 3: on responses to unsafe requests only. */
    @Test
    void anUnsafeRequestInvalidatesTheGroupsItsResponseNames() {
        publish("/scores", "cache-groups", "\"games\", \"today\"");
        publish("/news", "cache-groups", "\"today\"");
        publish("/games", "surrogate-key", "games");
        publish("/safe", "cache-group-invalidation", "\"games\"");
        setup.origin.on(
                "/goal", (request, response) -> response.header("cache-group-invalidation", "\"games\";x=1, \"none\"")
                        .status(204)
                        .send());
        setup.get("/scores");
        setup.get("/news");
        setup.get("/games");

        setup.get("/safe");
        assertThat(isHit("/scores")).isTrue();

        Received.of(setup.send(CacheSetup.request("POST", "/goal")));
        assertThat(setup.get("/scores").cacheStatus().forwardStatus()).isEqualTo(304);
        assertThat(isHit("/scores")).isTrue();
        assertThat(isHit("/news")).isTrue();
        assertThat(isHit("/games")).as("a surrogate key is no cache group").isTrue();
    }

    /** Whoever says that the request comes by way of a CDN (RFC 8586) is a client all the same. */
    @Test
    void tagsAreForTheCdnAndNotForClients() {
        publish("/tagged", "surrogate-key", "show-1", "cache-tag", "x", "cache-groups", "\"games\"");
        Received miss = setup.get("/tagged");
        Received hit = setup.get("/tagged");
        Received node = setup.getAsPeer(0, "/tagged", "cdn-loop", "fra-1");
        Received other = setup.get("/tagged", "cdn-loop", "other-cdn");
        for (Received client : new Received[] {miss, hit, other}) {
            assertThat(client.fields().contains("surrogate-key")).isFalse();
            assertThat(client.fields().contains("cache-tag")).isFalse();
            assertThat(client.fields().first("cache-groups")).isEqualTo("\"games\"");
        }
        assertThat(node.cacheStatus().isHit()).isTrue();
        assertThat(node.fields().first("surrogate-key")).isEqualTo("show-1");
        assertThat(node.fields().first("cache-tag")).isEqualTo("x");
        Received passed = Received.of(setup.send(CacheSetup.request("POST", "/tagged")));
        assertThat(passed.fields().contains("surrogate-key")).isFalse();
    }

    /** An edge that asks whether what it has still holds would else never hear of new tags, nor be purged by them. */
    @Test
    void theNewsThatNothingIsNewHasTagsAndDirectivesForCaches() {
        publish("/tagged", "surrogate-key", "show-1", "cache-groups", "\"games\"", "cdn-cache-control", "max-age=70");
        setup.get("/tagged");
        Received node = setup.getAsPeer(0, "/tagged", "if-none-match", "\"one\"");
        Received client = setup.get("/tagged", "if-none-match", "\"one\"");
        for (Received each : new Received[] {node, client}) {
            assertThat(each.status()).isEqualTo(304);
            assertThat(each.cacheStatus().isHit()).isTrue();
            assertThat(each.fields().first("cdn-cache-control")).isEqualTo("max-age=70");
            assertThat(each.fields().first("cache-groups")).isEqualTo("\"games\"");
        }
        assertThat(node.fields().first("surrogate-key")).isEqualTo("show-1");
        assertThat(client.fields().contains("surrogate-key")).isFalse();
    }

    /** A validation under way when a hard purge comes may confirm the old version, which nobody gets any more. */
    @Test
    void whatIsPurgedWhileItIsValidatedIsFetchedAnew() {
        publish("/title", "surrogate-key", "show-1");
        setup.get("/title");
        setup.store.markStale(PurgeScope.tag(null, "show-1"));
        AtomicReference<String> body = new AtomicReference<>("old");
        setup.origin.on("/title", (request, response) -> {
            response.header("surrogate-key", "show-1").header("cache-control", "max-age=60");
            if (request.requestHeaders().contains("if-none-match")) {
                setup.store.remove(PurgeScope.tag(null, "show-1"));
                body.set("new");
                return response.status(304).send();
            }
            return response.header("etag", "\"two\"")
                    .header("content-length", "3")
                    .sendString(Mono.just(String.valueOf(body.get())));
        });
        assertThat(new String(setup.get("/title").content(), StandardCharsets.US_ASCII))
                .isEqualTo("new");
        assertThat(isHit("/title")).isTrue();
    }
}
