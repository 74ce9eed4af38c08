package com.kingcdn.edge.cache;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.policy.ForwardReason;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Clauses of RFC 9111 and RFC 9110 that few caches follow, each as a client and an origin see it. */
class ConformanceIT {

    private final CacheSetup setup = new CacheSetup();

    @AfterEach
    void close() {
        setup.close();
    }

    private Received send(String method, String target, String... fields) {
        return Received.of(setup.send(CacheSetup.request(method, target, fields)));
    }

    /** RFC 9111 section 5.2.2.4: who caused the fetch gets the listed fields; who is served from the cache does not. */
    @Test
    void fieldsListedByNoCacheAreForTheOneWhoAsked() {
        setup.origin.on("/listed", (request, response) -> response.header(
                        "cache-control", "max-age=60, no-cache=\"set-cookie\"")
                .header("set-cookie", "a=b")
                .header("x-kept", "yes")
                .sendString(Mono.just("content")));

        Received first = setup.get("/listed");
        Received second = setup.get("/listed");

        assertThat(first.fields().first("set-cookie")).isEqualTo("a=b");
        assertThat(second.cacheStatus().isHit()).isTrue();
        assertThat(second.fields().contains("set-cookie")).isFalse();
        assertThat(second.fields().first("x-kept")).isEqualTo("yes");
    }

    /** RFC 9110 section 9.3.3: a POST's response with explicit freshness and its own Content-Location answers later GETs. */
    @Test
    void aPostedRepresentationAnswersLaterGets() {
        setup.origin.on("/posted", (request, response) -> response.header("cache-control", "max-age=60")
                .header("content-location", "/posted")
                .sendString(Flux.just("what ", "was made")));

        Received posted = send("POST", "/posted");
        Received hit = setup.get("/posted");

        assertThat(posted.text()).isEqualTo("what was made");
        assertThat(posted.cacheStatus().forward()).isEqualTo(ForwardReason.METHOD);
        assertThat(posted.cacheStatus().stored()).isTrue();
        assertThat(hit.cacheStatus().isHit()).isTrue();
        assertThat(hit.text()).isEqualTo("what was made");
        assertThat(setup.origin.requests()).containsExactly("POST /posted");
    }

    /** The same section: a Content-Location elsewhere, or none, makes it an answer to that POST only. */
    @Test
    void otherResponsesToPostAreNotStored() {
        setup.origin.on("/form", (request, response) -> response.header("cache-control", "max-age=60")
                .sendString(Mono.just("thanks")));

        send("POST", "/form");
        Received next = setup.get("/form");

        assertThat(next.cacheStatus().forward()).isEqualTo(ForwardReason.URI_MISS);
        assertThat(setup.origin.requests()).hasSize(2);
    }

    /** RFC 9111 section 4.3.4: a 304 that names another version confirms nothing; the content is asked for without conditions. */
    @Test
    void a304OfAnotherVersionIsNotUsed() {
        setup.origin.on("/moved", (request, response) -> {
            boolean conditional = request.requestHeaders().contains("if-none-match");
            response.header("cache-control", "max-age=60").header("etag", conditional ? "\"two\"" : "\"one\"");
            return conditional ? response.status(304).send() : response.sendString(Mono.just("content"));
        });
        setup.get("/moved");
        setup.advance(Duration.ofSeconds(61));

        Received validated = setup.get("/moved");

        assertThat(validated.status()).isEqualTo(200);
        assertThat(validated.fields().first("etag")).isEqualTo("\"one\"");
        assertThat(validated.cacheStatus().forwardStatus()).isEqualTo(200);
        assertThat(setup.origin.requests()).hasSize(3);
    }

    /** RFC 9111 section 4.2.4: an origin that answers 304 to everything has failed, and what is stored stands in. */
    @Test
    void anUnasked304IsAFailure() {
        setup.origin.on("/broken", (request, response) -> response.header("cache-control", "max-age=60")
                .header("etag", "\"one\"")
                .sendString(Mono.just("content")));
        setup.get("/broken");
        setup.advance(Duration.ofSeconds(61));
        setup.origin.on("/broken", (request, response) -> response.status(304)
                .header("etag", "\"two\"")
                .send());

        Received standIn = setup.get("/broken");

        assertThat(standIn.status()).isEqualTo(200);
        assertThat(standIn.text()).isEqualTo("content");
        assertThat(standIn.cacheStatus().detail()).isEqualTo("http_protocol_error");
    }

    /** RFC 9110 section 15.3.7: a part that says which it is goes to the one client that it satisfies, and is not stored. */
    @Test
    void aPartOtherThanAskedForIsPassedOnWhenTheClientIsServedByIt() {
        setup.origin.on("/odd", (request, response) -> response.status(206)
                .header("cache-control", "max-age=60")
                .header("content-range", "bytes 4-9/10")
                .header("content-length", "6")
                .sendString(Mono.just("456789")));

        Received part = setup.get("/odd", "range", "bytes=-5");
        Received again = setup.get("/odd", "range", "bytes=-5");

        assertThat(part.status()).isEqualTo(206);
        assertThat(part.fields().first("content-range")).isEqualTo("bytes 4-9/10");
        assertThat(part.text()).isEqualTo("456789");
        assertThat(again.cacheStatus().isHit()).isFalse();
        assertThat(setup.get("/odd").status()).isEqualTo(502);
    }

    private void searchable(String target, String noVarySearch, String content) {
        setup.origin.on(target, (request, response) -> response.header("cache-control", "max-age=60")
                .header("no-vary-search", noVarySearch)
                .sendString(Mono.just(content)));
    }

    /** No-Vary-Search: what the response says does not matter makes no other object, and a purge of any is one of all. */
    @Test
    void parametersThatDoNotMatterAreOneObject() {
        searchable("/nvs?v=1&utm=a", "params=(\"utm\"), key-order", "one");
        searchable("/nvs?v=1&utm=b", "params=(\"utm\"), key-order", "one");
        searchable("/nvs?v=2", "params=(\"utm\"), key-order", "two");

        assertThat(setup.get("/nvs?v=1&utm=a").text()).isEqualTo("one"); // learns
        assertThat(setup.get("/nvs?v=1&utm=b").text()).isEqualTo("one"); // stores
        assertThat(setup.get("/nvs?utm=c&v=1").cacheStatus().isHit()).isTrue();
        assertThat(setup.get("/nvs?v=1").cacheStatus().isHit()).isTrue();
        assertThat(setup.get("/nvs?v=2").text()).isEqualTo("two");
        assertThat(setup.origin.requests()).hasSize(3);
        setup.store.remove(setup.key("/nvs?utm=x&v=1"));
        assertThat(setup.get("/nvs?v=1&utm=a").cacheStatus().isHit()).isFalse();
    }

    /** No-Vary-Search: nothing is served for another query because of what an earlier response has said. */
    @Test
    void aResponseThatSaysNothingAboutItsQueryIsForItAlone() {
        searchable("/was?a=1", "params", "any");
        setup.get("/was?a=1");
        setup.origin.on("/was", (request, response) -> response.header("cache-control", "max-age=60")
                .sendString(Mono.just("plain")));
        setup.origin.on("/was?a=2", (request, response) -> response.header("cache-control", "max-age=60")
                .sendString(Mono.just("two")));

        assertThat(setup.get("/was").text()).isEqualTo("plain");
        assertThat(setup.get("/was?a=2").text()).isEqualTo("two");
        assertThat(setup.get("/was?a=2").text()).isEqualTo("two");
        assertThat(setup.get("/was?a=2").cacheStatus().isHit()).isTrue();
        assertThat(setup.get("/was").text()).isEqualTo("plain");
    }

    /** RFC 9111 section 5.2.1.7, RFC 9211 section 2: the edge's own 504 is neither a hit nor was it forwarded. */
    @Test
    void onlyIfCachedIsAnsweredByTheEdgeItself() {
        Received timeout = setup.get("/nothing", "cache-control", "only-if-cached");

        assertThat(timeout.status()).isEqualTo(504);
        assertThat(timeout.cacheStatus().isHit()).isFalse();
        assertThat(timeout.cacheStatus().forward()).isNull();
        assertThat(timeout.cacheStatus().detail()).isEqualTo("only-if-cached");
        assertThat(setup.origin.requests()).isEmpty();
    }
}
