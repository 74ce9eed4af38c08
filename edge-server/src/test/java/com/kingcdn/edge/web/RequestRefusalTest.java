package com.kingcdn.edge.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.upstream.RawOrigin;
import com.kingcdn.edge.web.RawClient.Response;
import java.io.IOException;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that must not be answered from anything stored, over real sockets. */
@Timeout(30)
class RequestRefusalTest {

    private static final String HOST = "Host: " + TestEdge.HOST + "\r\n";
    private static RawOrigin origin;
    private static TestEdge edge;

    @BeforeAll
    static void start() throws IOException {
        origin = RawOrigin.sayingUnlessChunked("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        edge = new TestEdge(origin.endpoint());
    }

    @AfterAll
    static void stop() {
        edge.close();
        origin.close();
    }

    /** Whatever happened before, the next client is served. */
    @AfterEach
    void aGoodRequestIsStillAnswered() throws IOException {
        try (RawClient client = edge.connect()) {
            assertThat(client.send("GET /fine HTTP/1.1\r\n" + HOST + "\r\n")
                            .response()
                            .status())
                    .isEqualTo(200);
        }
    }

    static Stream<Arguments> closing() {
        return Stream.of(
                Arguments.of("no Host (RFC 9112 section 3.2)", "GET / HTTP/1.1\r\n\r\n", 400),
                Arguments.of("two Hosts", "GET / HTTP/1.1\r\n" + HOST + HOST + "\r\n", 400),
                Arguments.of("a Host that is none", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
                Arguments.of(
                        "a Host that is not the target's (RFC 9112 section 3.2)",
                        "GET http://" + TestEdge.HOST + "/ HTTP/1.1\r\nHost: stranger.example\r\n\r\n",
                        400),
                Arguments.of(
                        "a target that is not for the Host",
                        "GET http://stranger.example/ HTTP/1.1\r\n" + HOST + "\r\n",
                        400),
                Arguments.of("an empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400),
                Arguments.of(
                        "both lengths (RFC 9112 section 6.3)",
                        "POST / HTTP/1.1\r\n" + HOST
                                + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                        400),
                Arguments.of(
                        "two different lengths",
                        "POST / HTTP/1.1\r\n" + HOST + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
                        400),
                Arguments.of(
                        "a length that is none", "POST / HTTP/1.1\r\n" + HOST + "Content-Length: +5\r\n\r\nhello", 400),
                Arguments.of(
                        "chunked in HTTP/1.0",
                        "POST / HTTP/1.0\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                        400),
                Arguments.of(
                        "an unknown transfer coding (RFC 9112 section 6.1)",
                        "POST / HTTP/1.1\r\n" + HOST + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
                        501),
                Arguments.of(
                        "obs-fold (RFC 9112 section 5.2)", "GET / HTTP/1.1\r\n" + HOST + "X-A: b\r\n c\r\n\r\n", 400),
                Arguments.of("white space before the first field", "GET / HTTP/1.1\r\n " + HOST + "\r\n", 400),
                Arguments.of(
                        "white space before the colon (RFC 9112 section 5.1)",
                        "GET / HTTP/1.1\r\n" + HOST + "X-A : b\r\n\r\n",
                        400),
                Arguments.of("bare LF (RFC 9112 section 2.2)", "GET / HTTP/1.1\n" + HOST + "\r\n", 400),
                Arguments.of("bare LF after a field", "GET / HTTP/1.1\r\n" + HOST + "X-A: b\nX-B: c\r\n\r\n", 400),
                Arguments.of("bare CR in a field", "GET / HTTP/1.1\r\n" + HOST + "X-A: b\rc\r\n\r\n", 400),
                Arguments.of("NUL in a field", "GET / HTTP/1.1\r\n" + HOST + "X-A: b\0c\r\n\r\n", 400),
                Arguments.of("NUL in the target", "GET /\0 HTTP/1.1\r\n" + HOST + "\r\n", 400),
                Arguments.of("a name that is no token", "GET / HTTP/1.1\r\n" + HOST + "X(A): b\r\n\r\n", 400),
                Arguments.of("a field without a colon", "GET / HTTP/1.1\r\n" + HOST + "nonsense\r\n\r\n", 400),
                Arguments.of("no HTTP at all", "\u0016\u0003\u0001\u0002\u0000\u0001\r\n\r\n", 400),
                Arguments.of("another major version", "GET / HTTP/3.0\r\n" + HOST + "\r\n", 505),
                Arguments.of(
                        "70 KB of fields",
                        "GET / HTTP/1.1\r\n" + HOST + "X-A: " + "a".repeat(70_000) + "\r\n\r\n",
                        431),
                Arguments.of(
                        "70 KB of many fields",
                        "GET / HTTP/1.1\r\n" + HOST + ("X-A: " + "a".repeat(93) + "\r\n").repeat(700) + "\r\n",
                        431),
                Arguments.of(
                        "33 KB of fields, which is no more than edges say to each other",
                        "GET / HTTP/1.1\r\n" + HOST + "X-A: " + "a".repeat(33_000) + "\r\n\r\n",
                        431),
                Arguments.of(
                        "a target of 17 KiB", "GET /" + "a".repeat(17 * 1024) + " HTTP/1.1\r\n" + HOST + "\r\n", 414),
                Arguments.of("CONNECT", "CONNECT example.com:443 HTTP/1.1\r\n" + HOST + "\r\n", 501),
                Arguments.of("GET with content", "GET / HTTP/1.1\r\n" + HOST + "Content-Length: 2\r\n\r\nhi", 400),
                Arguments.of(
                        "too much content",
                        "POST / HTTP/1.1\r\n" + HOST + "Content-Length: 70000\r\n\r\n" + "a".repeat(70_000),
                        413),
                Arguments.of(
                        "an unknown expectation (RFC 9110 section 10.1.1)",
                        "POST / HTTP/1.1\r\n" + HOST + "Expect: wonders\r\nContent-Length: 0\r\n\r\n",
                        417));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("closing")
    void refusesAndCloses(String what, String request, int status) throws IOException {
        try (RawClient client = edge.connect()) {
            Response response = client.send(request).response();
            assertThat(response.status()).as(what).isEqualTo(status);
            assertThat(response.body()).contains("\"status\":" + status).doesNotContain("Exception", "\tat ");
            assertThat(response.has("content-type: application/problem+json")).isTrue();
            assertThat(response.has("connection: close")).isTrue();
            assertThat(client.rest()).as("nothing follows").isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/%00", "/a/../b", "/..%2f", "/%2e%2e/x", "/a%", "http:/x", "*"})
    void refusesTargetsAndStaysOpen(String target) throws IOException {
        try (RawClient client = edge.connect()) {
            assertThat(client.send("GET " + target + " HTTP/1.1\r\n" + HOST + "\r\n")
                            .response()
                            .status())
                    .isEqualTo(400);
            assertThat(client.send("GET /x HTTP/1.1\r\n" + HOST + "\r\n")
                            .response()
                            .status())
                    .isEqualTo(200);
        }
    }

    /** RFC 9110 section 15.5.20: never another customer's content. */
    @Test
    void misdirectedRequestsGetNobodysContent() throws IOException {
        try (RawClient client = edge.connect()) {
            Response response = client.send("GET / HTTP/1.1\r\nHost: stranger.example\r\n\r\n")
                    .response();
            assertThat(response.status()).isEqualTo(421);
            assertThat(response.has("cache-control: no-store")).isTrue();
            assertThat(response.has("via: 1.1 " + TestEdge.NODE)).isTrue();
            assertThat(response.has("cache-status: " + TestEdge.NODE + "; detail=misdirected"))
                    .isTrue();
            assertThat(response.body()).contains("does not serve that host").doesNotContain("stranger");
            client.send("GET http://stranger.example/ HTTP/1.1\r\nHost: stranger.example\r\n\r\n");
            assertThat(client.response().status()).isEqualTo(421);
        }
    }

    /** RFC 9112 section 3.2.2. The port counts for nothing here, in either of them. */
    @ParameterizedTest
    @ValueSource(strings = {"", ":8080", ":"})
    void answersTheAbsoluteForm(String port) throws IOException {
        try (RawClient client = edge.connect()) {
            String target = "http://" + TestEdge.HOST.toUpperCase(Locale.ROOT) + port + "/";
            client.send("GET " + target + " HTTP/1.1\r\n" + HOST + "\r\n");
            assertThat(client.response().status()).isEqualTo(200);
        }
    }

    @Test
    void refusesTraceAndNamesWhatIsAllowed() throws IOException {
        try (RawClient client = edge.connect()) {
            Response response = client.send("TRACE / HTTP/1.1\r\n" + HOST + "Cookie: secret\r\n\r\n")
                    .response();
            assertThat(response.status()).isEqualTo(405);
            assertThat(response.head()).containsIgnoringCase("allow: GET, HEAD");
            assertThat(response.body()).doesNotContain("secret");
        }
    }

    /** RFC 8586 section 2. */
    @Test
    void refusesLoops() throws IOException {
        try (RawClient client = edge.connect()) {
            client.send("GET / HTTP/1.1\r\n" + HOST + "CDN-Loop: other, " + TestEdge.NODE + "; a=b\r\n\r\n");
            Response response = client.response();
            assertThat(response.status()).isEqualTo(508);
            assertThat(response.body()).contains("\"title\":\"Loop Detected\"");
            assertThat(response.has("cache-status: " + TestEdge.NODE + "; detail=loop"))
                    .isTrue();
        }
    }

    /** By that the other edge knows that this one speaks for nobody behind it, and goes to the next tier. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\nHost: stranger.example\r\nKingCDN-Peer: any\r\n\r\n",
                "GET / HTTP/1.1\r\n" + HOST + "KingCDN-Peer: any\r\nCDN-Loop: " + TestEdge.NODE + "\r\n\r\n",
                "GET / HTTP/1.1\r\n" + HOST + "KingCDN-Peer: any\r\nExpect: wonders\r\n\r\n",
                "GET / HTTP/1.1\r\n" + HOST + "KingCDN-Peer : any\r\n\r\n"
            })
    void refusalsForAnotherEdgeHaveNoCacheStatus(String request) throws IOException {
        try (RawClient client = edge.connect()) {
            Response response = client.send(request).response();
            assertThat(response.status()).isGreaterThanOrEqualTo(400);
            assertThat(response.head()).doesNotContainIgnoringCase("cache-status");
        }
    }

    @Test
    void aHeadThatDoesNotEndIsTimedOut() throws IOException {
        try (RawClient client = edge.connect()) {
            client.send("GET / HTTP/1.1\r\nHos");
            assertThat(client.response().status()).isEqualTo(408);
            assertThat(client.rest()).isEmpty();
        }
    }

    @Test
    void contentThatStopsComingEndsTheConnection() throws IOException {
        try (RawClient client = edge.connect()) {
            client.send("POST / HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n");
            assertThat(client.rest()).doesNotContain("200");
        }
    }

    @Test
    void contentThatGrowsTooLargeIsCutOff() throws IOException {
        try (RawClient client = edge.connect()) {
            client.send("POST / HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n");
            String chunk = "4000\r\n" + "a".repeat(0x4000) + "\r\n";
            for (int i = 0; i < 5; i++) {
                client.send(chunk);
            }
            assertThat(client.response().status()).isEqualTo(413);
        }
    }

    /** RFC 9112 section 9.3.2: what precedes a bad request on a connection is answered first, and in order. */
    @Test
    void aBadRequestBehindGoodOnesDoesNotDisturbThem() throws IOException {
        try (RawClient client = edge.connect()) {
            String good = "GET /good HTTP/1.1\r\n" + HOST + "\r\n";
            client.send(good + good + "GET / HTTP/1.1\r\nHost : x\r\n\r\n" + good);
            assertThat(client.response().status()).isEqualTo(200);
            assertThat(client.response().status()).isEqualTo(200);
            assertThat(client.response().status()).isEqualTo(400);
            assertThat(client.rest()).isEmpty();
        }
    }

    /** Bytes may come one at a time. */
    @Test
    void readsHeadsInPieces() throws IOException {
        try (RawClient client = edge.connect()) {
            for (char c : ("\r\nGET /pieces HTTP/1.1\r\n" + HOST + "X-A: b c\td\r\n\r\n").toCharArray()) {
                client.send(String.valueOf(c));
            }
            assertThat(client.response().status()).isEqualTo(200);
        }
        try (RawClient client = edge.connect()) {
            for (char c : ("GET /pieces HTTP/1.1\r\n" + HOST + "X-A: b\r\n c\r\n\r\n").toCharArray()) {
                client.send(String.valueOf(c));
            }
            assertThat(client.response().status()).isEqualTo(400);
        }
    }
}
