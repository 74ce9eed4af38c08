package com.kingcdn.edge.cache;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.policy.ForwardReason;
import com.kingcdn.edge.policy.Ruled;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.topology.CacheSettings;
import com.kingcdn.topology.CorsSettings;
import com.kingcdn.topology.DeliverySettings;
import com.kingcdn.topology.DeliverySettings.Cookies;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.FieldChanges;
import com.kingcdn.topology.HeaderSettings;
import com.kingcdn.topology.QuerySettings;
import com.kingcdn.topology.RequestDirectives;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** The rules of a distribution, as its clients and its origin see them. */
class DistributionRulesIT {

    private @Nullable CacheSetup opened;
    private volatile HeaderFields asked = HeaderFields.EMPTY;

    private CacheSetup setup(UnaryOperator<Distribution> rules) {
        CacheSetup setup = new CacheSetup(rules);
        opened = setup;
        return setup;
    }

    @AfterEach
    void close() {
        if (opened != null) {
            opened.close();
        }
    }

    private static CacheSettings ttls(@Nullable Duration defaultTtl, @Nullable Duration maxTtl) {
        return new CacheSettings(defaultTtl, maxTtl, null, null, null, null, null, null, null);
    }

    private static DeliverySettings delivery(Cookies cookies) {
        return new DeliverySettings(null, false, cookies, null, false);
    }

    /** An origin that notes what it is asked, and answers with these fields. */
    private void answer(CacheSetup setup, String target, String... fields) {
        setup.origin.on(target, (request, response) -> {
            HeaderFields.Builder seen = HeaderFields.builder();
            request.requestHeaders().forEach(line -> seen.add(line.getKey(), line.getValue()));
            asked = seen.build();
            for (int i = 0; i < fields.length; i += 2) {
                response.addHeader(fields[i], fields[i + 1]);
            }
            return response.sendString(Mono.just("content"));
        });
    }

    private static Received send(CacheSetup setup, String method, String target, String... fields) {
        return Received.of(setup.send(CacheSetup.request(method, target, fields)));
    }

    /** A page that asks conditionally by itself gets to see the 304 only if that says that it may (CORS check of the Fetch standard). */
    @Test
    void a304SaysWhichPagesMaySeeIt() {
        CacheSetup setup = setup(plain -> plain);
        answer(setup, "/c", "cache-control", "max-age=60", "etag", "\"1\"", "access-control-allow-origin", "*");
        setup.get("/c");

        Received news = setup.get("/c", "origin", "https://www.netcinema.example", "if-none-match", "\"1\"");

        assertThat(news.status()).isEqualTo(304);
        assertThat(news.fields().first("access-control-allow-origin")).isEqualTo("*");
    }

    // --------------------------------------------------------------------------------------------------- cookies

    /** What is one person's changes nothing of what is everybody's. */
    @Test
    void aHeadWithACookieUpdatesNothingWhereCookiesPass() {
        CacheSetup setup = setup(plain -> Ruled.with(plain, delivery(Cookies.PASS)));
        answer(setup, "/page", "cache-control", "max-age=60", "etag", "\"1\"");
        setup.get("/page");
        answer(setup, "/page", "cache-control", "max-age=60", "etag", "\"1\"", "user", "ann");

        send(setup, "HEAD", "/page", "cookie", "id=ann");
        Received page = setup.get("/page");

        assertThat(page.cacheStatus().isHit()).isTrue();
        assertThat(page.fields().contains("user")).isFalse();
    }

    // ------------------------------------------------------------------------------------------------- lifetimes

    /** RFC 9111 section 4.2.2: without a stated freshness any is allowed, and the distribution states it. */
    @Test
    void aDefaultTtlHoldsForResponsesThatStateNone() {
        CacheSetup setup = setup(plain -> Ruled.with(plain, ttls(Duration.ofMinutes(1), null)));
        answer(setup, "/silent");
        answer(setup, "/stated", "cache-control", "max-age=5");

        setup.get("/silent");
        setup.get("/stated");
        setup.advance(Duration.ofSeconds(30));

        assertThat(setup.get("/silent").cacheStatus().isHit()).isTrue();
        assertThat(setup.get("/stated").cacheStatus().isHit()).isFalse();
        setup.advance(Duration.ofSeconds(31));
        assertThat(setup.get("/silent").cacheStatus().isHit()).isFalse();
    }

    @Test
    void aMaximumTtlBoundsWhatTheOriginStates() {
        CacheSetup setup = setup(plain -> Ruled.with(plain, ttls(null, Duration.ofSeconds(10))));
        answer(setup, "/long", "cache-control", "max-age=3600", "etag", "\"1\"");

        setup.get("/long");
        assertThat(setup.get("/long").cacheStatus().ttlSeconds()).isBetween(8L, 10L);
        setup.advance(Duration.ofSeconds(11));

        assertThat(setup.get("/long").cacheStatus().forward()).isEqualTo(ForwardReason.STALE);
    }

    /** RFC 9213 section 2.2: the first field of the target list that is there and valid counts, and no other. */
    @Test
    void theDistributionsOwnFieldCountsBeforeAllOthers() {
        CacheSetup setup = setup(plain -> Ruled.with(
                plain, new CacheSettings(null, null, null, null, null, "Netcinema-Cache-Control", null, null, null)));
        answer(
                setup,
                "/targeted",
                "netcinema-cache-control",
                "max-age=60",
                "cdn-cache-control",
                "no-store",
                "cache-control",
                "no-store");
        answer(setup, "/invalid", "netcinema-cache-control", "max-age=\"60\"", "cdn-cache-control", "max-age=60");

        setup.get("/targeted");
        setup.get("/invalid");

        assertThat(setup.get("/targeted").cacheStatus().isHit()).isTrue();
        assertThat(setup.get("/invalid").cacheStatus().isHit()).isTrue();
    }

    /** RFC 5861 sections 3 and 4: the distribution gives a window where the response gives none, and bounds the other. */
    @Test
    void staleWindowsComeFromTheDistribution() {
        CacheSetup setup = setup(plain -> Ruled.with(
                plain,
                new CacheSettings(
                        null, null, null, Duration.ofSeconds(30), Duration.ofMinutes(1), null, null, null, null)));
        answer(setup, "/windowed", "cache-control", "max-age=10");
        answer(setup, "/generous", "cache-control", "max-age=10, stale-if-error=3600, stale-while-revalidate=0");

        setup.get("/windowed");
        setup.get("/generous");
        setup.advance(Duration.ofSeconds(15));
        // else the revalidation in the background may be done before the stale answer is made
        setup.origin.on("/windowed", (request, response) -> Mono.never());
        Received stale = setup.get("/windowed");
        setup.advance(Duration.ofMinutes(2));
        setup.origin.on("/generous", (request, response) -> response.status(503).send());

        assertThat(stale.cacheStatus().detail()).isEqualTo("stale");
        assertThat(setup.get("/generous").status()).isEqualTo(503);
    }

    /** RFC 9111 section 5.2.1: advice of a client, which a distribution may leave unheard. */
    @Test
    void requestDirectivesCanBeIgnored() {
        CacheSetup setup = setup(plain -> Ruled.with(
                plain, new CacheSettings(null, null, null, null, null, null, RequestDirectives.IGNORE, null, null)));
        answer(setup, "/calm", "cache-control", "max-age=60");

        setup.get("/calm");

        assertThat(setup.get("/calm", "cache-control", "no-cache", "pragma", "no-cache")
                        .cacheStatus()
                        .isHit())
                .isTrue();
    }

    /** A failing origin is asked once in the time the distribution gives, which doubles while it fails and ends with a success. */
    @Test
    void failuresAreRememberedForEverLonger() {
        CacheSetup setup = setup(plain -> Ruled.with(
                plain, new CacheSettings(null, null, Duration.ofSeconds(5), null, null, null, null, null, null)));
        setup.origin.on("/down", (request, response) -> response.status(503).send());

        assertThat(setup.get("/down").cacheStatus().forwardStatus()).isEqualTo(503);
        Received remembered = setup.get("/down");
        assertThat(remembered.status()).isEqualTo(503);
        assertThat(remembered.cacheStatus().detail()).isEqualTo("negative");
        assertThat(remembered.fields().first("retry-after")).isEqualTo("5");
        setup.advance(Duration.ofSeconds(5));
        setup.get("/down");
        setup.advance(Duration.ofSeconds(6));
        assertThat(setup.get("/down").cacheStatus().detail()).isEqualTo("negative");
        assertThat(setup.origin.requests()).hasSize(2);
        setup.advance(Duration.ofSeconds(4));
        answer(setup, "/down", "cache-control", "max-age=1");
        assertThat(setup.get("/down").status()).isEqualTo(200);
        setup.advance(Duration.ofSeconds(2));
        setup.origin.on("/down", (request, response) -> response.status(404).send());
        assertThat(setup.get("/down").status()).isEqualTo(404);
        assertThat(setup.get("/down").status()).isEqualTo(404);
        assertThat(setup.origin.requests()).hasSize(5);
    }

    /** RFC 5861 section 4: while a failure is remembered, what is stored stands in and the origin is left alone. */
    @Test
    void aRememberedFailureIsCoveredByWhatIsStored() {
        CacheSetup setup = setup(plain -> Ruled.with(
                plain, new CacheSettings(null, null, Duration.ofSeconds(5), null, null, null, null, null, null)));
        answer(setup, "/covered", "cache-control", "max-age=1");
        setup.get("/covered");
        setup.advance(Duration.ofSeconds(2));
        setup.origin.on("/covered", (request, response) -> response.status(502).send());

        Received first = setup.get("/covered");
        Received second = setup.get("/covered");

        assertThat(first.text()).isEqualTo("content");
        assertThat(first.cacheStatus().detail()).isEqualTo("stale-if-error");
        assertThat(second.text()).isEqualTo("content");
        assertThat(second.cacheStatus().isHit()).isTrue();
        assertThat(second.cacheStatus().detail()).isEqualTo("stale-if-error");
        assertThat(setup.origin.requests()).hasSize(2);
    }

    // --------------------------------------------------------------------------------------------------- queries

    @Test
    void queriesThatMeanOneObjectAreOneForCacheAndOrigin() {
        CacheSetup setup =
                setup(plain -> Ruled.with(plain, new QuerySettings(QuerySettings.Mode.DENY, List.of("utm_*"), true)));
        answer(setup, "/a?v=1&w=2", "cache-control", "max-age=60");

        setup.get("/a?w=2&utm_source=mail&v=1");

        assertThat(setup.get("/a?v=1&w=2").cacheStatus().isHit()).isTrue();
        assertThat(setup.origin.requests()).containsExactly("GET /a?v=1&w=2");
    }

    // ---------------------------------------------------------------------------------------------------- fields

    @Test
    void fieldsAreChangedInBothDirectionsForHitsToo() {
        FieldChanges toClient = new FieldChanges(
                List.of("Server"), Map.of("X-Frame-Options", "DENY"), Map.of("link", "</a>; rel=next"));
        FieldChanges toOrigin = new FieldChanges(
                List.of("x-secret"), Map.of("Authorization", "Bearer edge"), Map.of("x-from", "kingcdn"));
        CacheSetup setup = setup(plain -> Ruled.with(plain, new HeaderSettings(toClient, toOrigin)));
        answer(setup, "/f", "cache-control", "max-age=60", "server", "old", "x-frame-options", "ALLOW", "link", "</b>");

        Received miss = setup.get("/f", "authorization", "Basic client", "x-secret", "1");
        Received hit = setup.get("/f");
        Received pass = send(setup, "POST", "/f");

        assertThat(asked.all("authorization")).containsExactly("Bearer edge");
        assertThat(asked.contains("x-secret")).isFalse();
        assertThat(asked.first("x-from")).isEqualTo("kingcdn");
        // the edge's own authorization is not the client's, so the response is shared (RFC 9111 section 3.5)
        assertThat(hit.cacheStatus().isHit()).isTrue();
        for (Received each : List.of(miss, hit, pass)) {
            assertThat(each.fields().contains("server")).isFalse();
            assertThat(each.fields().all("x-frame-options")).containsExactly("DENY");
            assertThat(each.fields().all("link")).containsExactly("</b>", "</a>; rel=next");
        }
    }

    // -------------------------------------------------------------------------------------------------- delivery

    /** RFC 9110 section 15.5.6. */
    @Test
    void methodsThatAreNotServedAreAnswered405() {
        CacheSetup setup =
                setup(plain -> Ruled.with(plain, new DeliverySettings(List.of("GET"), false, null, null, false)));

        Received refused = send(setup, "POST", "/a");

        assertThat(refused.status()).isEqualTo(405);
        assertThat(refused.fields().first("allow")).isEqualTo("GET, HEAD");
        assertThat(refused.cacheStatus().detail()).isEqualTo("method-not-allowed");
        assertThat(send(setup, "HEAD", "/a").status()).isEqualTo(404);
    }

    /** RFC 9110 section 15.4.9: method and content are kept. */
    @Test
    void httpIsRedirectedToHttps() {
        CacheSetup setup = setup(plain -> Ruled.with(plain, new DeliverySettings(null, false, null, null, true)));

        Received redirect = send(setup, "GET", "/a?b=c");

        assertThat(redirect.status()).isEqualTo(308);
        assertThat(redirect.fields().first("location")).isEqualTo("https://video.netcinema.example/a?b=c");
        assertThat(setup.origin.requests()).isEmpty();
    }

    @Test
    void cookiesAreStrippedInBothDirections() {
        CacheSetup setup = setup(plain -> Ruled.with(plain, delivery(Cookies.STRIP)));
        answer(setup, "/s", "cache-control", "max-age=60", "set-cookie", "a=b", "vary", "cookie");

        Received miss = setup.get("/s", "cookie", "user=1");
        Received hit = setup.get("/s", "cookie", "user=2");

        assertThat(asked.contains("cookie")).isFalse();
        assertThat(miss.fields().contains("set-cookie")).isFalse();
        assertThat(hit.cacheStatus().isHit()).isTrue();
        assertThat(hit.fields().contains("set-cookie")).isFalse();
    }

    @Test
    void whatComesWithACookieIsPassed() {
        CacheSetup setup = setup(plain -> Ruled.with(plain, delivery(Cookies.PASS)));
        answer(setup, "/p", "cache-control", "max-age=60");
        answer(setup, "/sets", "cache-control", "max-age=60", "set-cookie", "a=b");

        setup.get("/p");
        Received withCookie = setup.get("/p", "cookie", "user=1");
        setup.get("/sets");

        assertThat(withCookie.cacheStatus().forward()).isEqualTo(ForwardReason.BYPASS);
        assertThat(withCookie.cacheStatus().detail()).isEqualTo("cookie");
        assertThat(asked.contains("cookie")).isFalse();
        assertThat(setup.get("/p").cacheStatus().isHit()).isTrue();
        assertThat(setup.get("/sets").cacheStatus().isHit()).isFalse();
        assertThat(setup.get("/sets").fields().first("set-cookie")).isEqualTo("a=b");
    }

    @Test
    void whatComesWithACookieIsPassedAlsoWhenACodedFormIsStored() {
        CacheSetup setup =
                setup(plain -> Ruled.with(plain, new DeliverySettings(null, true, Cookies.PASS, null, false)));
        setup.origin.on("/text", (request, response) -> response.header("cache-control", "max-age=60")
                .header("content-type", "text/plain")
                .sendString(Mono.just("To be, or not to be. ".repeat(100))));

        setup.get("/text", "accept-encoding", "gzip");
        Received coded = setup.get("/text", "accept-encoding", "gzip");
        Received withCookie = setup.get("/text", "accept-encoding", "gzip", "cookie", "user=1");

        assertThat(coded.cacheStatus().isHit()).isTrue();
        assertThat(coded.fields().first("content-encoding")).isEqualTo("gzip");
        assertThat(withCookie.cacheStatus().forward()).isEqualTo(ForwardReason.BYPASS);
    }

    /** The Fetch standard's CORS protocol: preflights at the edge, the fields of all others for the origins listed. */
    @Test
    void corsIsAnsweredByTheEdge() {
        CorsSettings cors = new CorsSettings(
                List.of("https://www.netcinema.example"),
                List.of("PUT"),
                List.of("x-token"),
                List.of("etag"),
                Duration.ofHours(1),
                true);
        CacheSetup setup = setup(plain -> Ruled.with(plain, new DeliverySettings(null, false, null, cors, false)));
        answer(setup, "/c", "cache-control", "max-age=60", "access-control-allow-origin", "*");

        Received preflight = send(
                setup,
                "OPTIONS",
                "/c",
                "origin",
                "https://www.netcinema.example",
                "access-control-request-method",
                "PUT");
        Received miss = setup.get("/c", "origin", "https://www.netcinema.example");
        Received other = setup.get("/c", "origin", "https://evil.example");
        Received hit = setup.get("/c", "origin", "https://www.netcinema.example");

        assertThat(preflight.status()).isEqualTo(204);
        assertThat(preflight.fields().first("access-control-allow-origin")).isEqualTo("https://www.netcinema.example");
        assertThat(preflight.fields().first("access-control-allow-methods")).isEqualTo("GET, HEAD, POST, PUT");
        assertThat(preflight.fields().first("access-control-allow-headers")).isEqualTo("x-token");
        assertThat(preflight.fields().first("access-control-max-age")).isEqualTo("3600");
        assertThat(miss.fields().all("access-control-allow-origin")).containsExactly("https://www.netcinema.example");
        assertThat(other.fields().contains("access-control-allow-origin")).isFalse();
        assertThat(other.fields().all("vary")).containsExactly("origin");
        assertThat(hit.cacheStatus().isHit()).isTrue();
        assertThat(hit.fields().first("access-control-allow-credentials")).isEqualTo("true");
        assertThat(hit.fields().first("access-control-expose-headers")).isEqualTo("etag");
        assertThat(setup.origin.requests()).containsExactly("GET /c");
    }
}
