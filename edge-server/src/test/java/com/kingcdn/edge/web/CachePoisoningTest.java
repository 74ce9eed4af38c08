package com.kingcdn.edge.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.limits.LimitProperties;
import com.kingcdn.edge.upstream.RawOrigin;
import com.kingcdn.edge.web.RawClient.Response;
import com.kingcdn.topology.Distribution;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What one client sends never changes what another gets: an origin that reflects all it is told, that fails over odd fields, and a cache
 * that must keep none of it.
 */
@Timeout(60)
class CachePoisoningTest {

    private static final String OTHER = "books.example";
    private static RawOrigin origin;
    private static RawOrigin othersOrigin;
    private static TestEdge edge;
    private static int number;

    @BeforeAll
    static void start() throws IOException {
        origin = new RawOrigin((head, in, out) -> {
            String lower = head.toLowerCase(Locale.ROOT);
            boolean odd = lower.contains("x-oversized: ") || lower.contains("x-meta: ");
            String body = head.replaceAll("(?im)^(cdn-loop|via|x-forwarded-for): .*\r\n", "");
            String status = odd ? "400 Bad Request" : "200 OK\r\nCache-Control: max-age=60";
            out.write(("HTTP/1.1 " + status + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body)
                    .getBytes(StandardCharsets.ISO_8859_1));
            return true;
        });
        othersOrigin =
                RawOrigin.saying("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 6\r\n\r\nothers");
        Distribution ours = TestEdge.distribution(origin.endpoint(), "\"cache\": {\"negativeTtl\": \"60s\"}");
        Distribution others =
                new Distribution("b2", java.util.List.of(OTHER), java.util.List.of(othersOrigin.endpoint()), null);
        edge = new TestEdge(LimitProperties.defaults(), ours, others);
    }

    @AfterAll
    static void stop() {
        edge.close();
        origin.close();
        othersOrigin.close();
    }

    private static Response send(String request) throws IOException {
        try (RawClient client = edge.connect()) {
            return client.send(request).response();
        }
    }

    private static Response get(String target, String more) throws IOException {
        return send("GET " + target + " HTTP/1.1\r\nHost: " + TestEdge.HOST + "\r\n" + more + "\r\n");
    }

    private static String fresh() {
        return "/case-" + number++;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-Forwarded-Host: evil.example",
                "X-Forwarded-Scheme: evil",
                "X-Forwarded-Proto: evil",
                "X-Forwarded-Port: evil",
                "X-Forwarded-Prefix: /evil",
                "X-Forwarded-Server: evil.example",
                "X-Forwarded-For: evil",
                "X-Original-URL: /evil",
                "X-Rewrite-URL: /evil",
                "X-Host: evil.example",
                "X-HTTP-Method-Override: EVIL",
                "X-HTTP-Method: EVIL",
                "X-Method-Override: EVIL",
                "Forwarded: for=evil;host=evil.example",
                "Kingcdn-Peer: evil",
                "Connection: evil\r\nEvil: 1",
                "Via: 1.1 evil"
            })
    void anUnkeyedFieldReachesNobodyElse(String field) throws IOException {
        String target = fresh();
        get(target, field + "\r\n");
        Response victim = get(target, "");
        assertThat(victim.status()).isEqualTo(200);
        assertThat(victim.body().toLowerCase(Locale.ROOT)).doesNotContain("evil");
    }

    /** A port is no part of the key, so it may be no part of what the origin is told. */
    @Test
    void aPortInHostReachesNobodyElse() throws IOException {
        String target = fresh();
        send("GET " + target + " HTTP/1.1\r\nHost: " + TestEdge.HOST + ":1337\r\n\r\n");
        assertThat(get(target, "").body()).doesNotContain("1337");
    }

    /** CPDoS: what only one client's odd field made fail is not kept for others (HHO, HMC). */
    @ParameterizedTest
    @MethodSource("oddFields")
    void anErrorOfOneClientsMakingIsNotKept(String what, String field) throws IOException {
        String target = fresh();
        assertThat(get(target, field + "\r\n").status()).as(what).isBetween(400, 499);
        assertThat(get(target, "").status()).as(what).isEqualTo(200);
    }

    static Stream<Arguments> oddFields() {
        return Stream.of(
                Arguments.of("HHO: more than origins take", "X-Oversized: " + "a".repeat(20_000)),
                Arguments.of("HHO: more than we take", "X-Oversized: " + "a".repeat(40_000)),
                Arguments.of("HMC: a control character", "X-Meta: \u0007"),
                Arguments.of("HMC: something odd", "X-Meta: %0a"));
    }

    /** A GET's content is in no key. */
    @Test
    void aFatGetIsRefused() throws IOException {
        String target = fresh();
        assertThat(get(target, "Content-Length: 6\r\n\r\nx=evil").status()).isEqualTo(400);
        assertThat(get(target, "").body()).doesNotContain("evil");
    }

    @Test
    void aMethodIsNotTheOthersMethod() throws IOException {
        String target = fresh();
        send("POST " + target + " HTTP/1.1\r\nHost: " + TestEdge.HOST + "\r\nContent-Length: 0\r\n\r\n");
        assertThat(get(target, "").body()).startsWith("GET ");
        send("EVIL " + target + "x HTTP/1.1\r\nHost: " + TestEdge.HOST + "\r\n\r\n");
        assertThat(get(target + "x", "").body()).startsWith("GET ");
    }

    /** Each way of writing a path is a path of its own, or none: what the origin makes of one is not given for another. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/%2f",
                "//",
                "/;a=b/",
                "/%5c",
                "/.%2e",
                "/%2e%2e/",
                "/\\",
                "/x%00",
                "/?a=1;b=2",
                "/?a=1&a=2",
                "/?%61=1"
            })
    void anotherWayOfWritingAPathIsAnotherPath(String evil) throws IOException {
        String target = fresh();
        get(target + evil + "evil", "");
        assertThat(get(target, "").body()).startsWith("GET " + target + " HTTP/1.1");
        assertThat(get(target + "/", "").body()).startsWith("GET " + target + "/ HTTP/1.1");
        assertThat(get(target + "/?a=1", "").body()).startsWith("GET " + target + "/?a=1 HTTP/1.1");
    }

    @Test
    void aRangeOfAnErrorIsNoPartOfTheObject() throws IOException {
        String target = fresh();
        Response ranged = get(target, "X-Meta: %0a\r\nRange: bytes=0-3\r\n");
        assertThat(ranged.status()).isEqualTo(400);
        Response whole = get(target, "");
        assertThat(whole.status()).isEqualTo(200);
        assertThat(get(target, "Range: bytes=0-3\r\n").body()).isEqualTo("GET ");
    }

    /** The same path on another customer's host is another customer's object. */
    @Test
    void nothingOfOneDistributionIsServedForAnother() throws IOException {
        String target = fresh();
        assertThat(get(target, "").body()).startsWith("GET ");
        String request = "GET " + target + " HTTP/1.1\r\nHost: " + OTHER + "\r\n\r\n";
        assertThat(send(request).body()).isEqualTo("others");
        assertThat(get(target, "").body()).startsWith("GET ");
        assertThat(send("GET http://" + OTHER + target + " HTTP/1.1\r\nHost: " + TestEdge.HOST + "\r\n\r\n")
                        .status())
                .as("two hosts named")
                .isEqualTo(400);
        try (RawClient client = edge.connect()) {
            // one connection, two customers
            assertThat(client.send(request).response().body()).isEqualTo("others");
            client.send("GET " + target + " HTTP/1.1\r\nHost: " + TestEdge.HOST + "\r\n\r\n");
            assertThat(client.response().body()).startsWith("GET ");
        }
    }
}
