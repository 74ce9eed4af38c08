package com.kingcdn.edge.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.upstream.RawOrigin;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Requests that two parsers could read as one or as two (RFC 9112 section 11.2), in the forms that published corpora know: none of them
 * may bring a second request to an origin, and none may leave the connection open.
 */
@Timeout(60)
class RequestSmugglingTest {

    private static final String HOST = "Host: " + TestEdge.HOST + "\r\n";
    private static final String SMUGGLED = "GET /smuggled HTTP/1.1\r\n" + HOST + "\r\n";
    private static RawOrigin origin;
    private static TestEdge edge;

    @BeforeAll
    static void start() throws IOException {
        origin = RawOrigin.sayingUnlessChunked(
                "HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Length: 2\r\n\r\nok");
        edge = new TestEdge(origin.endpoint());
    }

    @AfterAll
    static void stop() {
        edge.close();
        origin.close();
    }

    private static Arguments te(String line) {
        return Arguments.of(line, "POST / HTTP/1.1\r\n" + HOST + line + "\r\n\r\n0\r\n\r\n" + SMUGGLED);
    }

    private static Arguments both(String line) {
        return Arguments.of(
                "Content-Length beside " + line,
                "POST / HTTP/1.1\r\n" + HOST + "Content-Length: 4\r\n" + line + "\r\n\r\n5c\r\n" + SMUGGLED);
    }

    private static Arguments length(String lines) {
        return Arguments.of(lines, "POST / HTTP/1.1\r\n" + HOST + lines + "\r\n\r\n" + SMUGGLED);
    }

    private static Arguments line(String requestLine) {
        return Arguments.of(requestLine, requestLine + "\r\n" + HOST + "\r\n" + SMUGGLED);
    }

    private static Arguments field(String field) {
        return Arguments.of(field, "GET / HTTP/1.1\r\n" + HOST + field + "\r\n\r\n" + SMUGGLED);
    }

    static Stream<Arguments> heads() {
        return Stream.of(
                te("Transfer-Encoding: xchunked"),
                te("Transfer-Encoding : chunked"),
                te(" Transfer-Encoding: chunked"),
                te("X: X\nTransfer-Encoding: chunked"),
                te("Transfer-Encoding\r\n : chunked"),
                te("Transfer-Encoding:\r\n chunked"),
                te("Transfer-Encoding: chunked\u000b"),
                te("Transfer-Encoding: \u000cchunked"),
                te("Transfer-Encoding: \"chunked\""),
                te("Transfer-Encoding: chunked, identity"),
                te("Transfer-Encoding: identity"),
                te("Transfer-Encoding: identity, chunked"),
                te("Transfer-Encoding: chunked, chunked"),
                te("Transfer-Encoding: , chunked"),
                te("Transfer-Encoding: chunked;q=1"),
                te("Transfer-Encoding:"),
                te("Transfer-Encoding: chunked\r\nTransfer-Encoding: x"),
                te("Transfer-Encoding: x\r\nTransfer-Encoding: chunked"),
                te("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
                te("Transfer-Encoding\0: chunked"),
                te("Transfer-Encoding: chunk\0ed"),
                both("Transfer-Encoding: chunked"),
                both("transfer-encoding: CHUNKED"),
                both("Transfer-Encoding:\tchunked"),
                both("Transfer-Encoding: xchunked"),
                both("Transfer-Encoding: identity"),
                length("Content-Length: 5, 5"),
                length("Content-Length: 5\r\nContent-Length: 5"),
                length("Content-Length: 0\r\nContent-Length: 42"),
                length("Content-Length: +0"),
                length("Content-Length: -1"),
                length("Content-Length: 0 0"),
                length("Content-Length: 0x0"),
                length("Content-Length: 0.0"),
                length("Content-Length: 0,"),
                length("Content-Length:"),
                length("Content-Length: \"0\""),
                length("Content-Length: 99999999999999999999"),
                length("Content-Length: 18446744073709551616"),
                length("Content-Length : 0"),
                length("Content-Length: 0\u000b"),
                length("Content-Length: \u0660"),
                line("GET /"),
                line("GET / HTTP/0.9"),
                line("GET / HTTP/1.2"),
                line("GET / HTTP/2.0"),
                line("GET / http/1.1"),
                line("GET / HTTP/01.1"),
                line("GET / HTTP/1.1 x"),
                line("GET / HTTP/1.1 "),
                line("GET  / HTTP/1.1"),
                line("GET\t/ HTTP/1.1"),
                line("GET /a b HTTP/1.1"),
                line(" GET / HTTP/1.1"),
                line("G(T / HTTP/1.1"),
                line("PRI * HTTP/2.0"),
                field("X\0A: b"),
                field("X A: b"),
                field(": b"),
                field("X-A: b\u0001c"),
                field("X-A\r: b"),
                field("Host: " + TestEdge.HOST),
                field("Upgrade-Insecure: 1\r\nHost:"));
    }

    /** What is refused at its head never reaches an origin at all. */
    @ParameterizedTest(name = "{index} {0}")
    @MethodSource("heads")
    void refusesAmbiguousHeads(String what, String request) throws IOException {
        int before = origin.heads().size();
        try (RawClient client = edge.connect()) {
            String answer = client.send(request).rest();
            assertThat(answer).as(what).matches("(?s)HTTP/\\d\\.\\d (4\\d\\d|50[15]) .*");
            assertThat(answer.split("HTTP/\\d\\.\\d \\d", -1))
                    .as("one response")
                    .hasSize(2);
        }
        assertThat(origin.heads()).hasSize(before);
    }

    static Stream<Arguments> chunks() {
        return Stream.of(
                Arguments.of("0x", "0x5\r\nhello\r\n0\r\n\r\n"),
                Arguments.of("a sign", "+5\r\nhello\r\n0\r\n\r\n"),
                Arguments.of("a minus", "-5\r\nhello\r\n0\r\n\r\n"),
                Arguments.of("no digit", "g\r\nhello\r\n0\r\n\r\n"),
                Arguments.of("nothing", "\r\nhello\r\n0\r\n\r\n"),
                Arguments.of("a space before", " 5\r\nhello\r\n0\r\n\r\n"),
                Arguments.of("an underscore", "0_5\r\nhello\r\n0\r\n\r\n"),
                Arguments.of("a size above 64 bits", "10000000000000005\r\nhello\r\n0\r\n\r\n"),
                Arguments.of("a size above 31 bits", "100000005\r\nhello\r\n0\r\n\r\n"),
                Arguments.of("bare LF behind the size", "5\nhello\r\n0\r\n\r\n"),
                Arguments.of("bare LF behind the data", "5\r\nhello\n0\r\n\r\n"),
                Arguments.of("bare CR behind the size", "5\rhello\r\n0\r\n\r\n"),
                Arguments.of("bare LF at the end", "5\r\nhello\r\n0\n\n"),
                Arguments.of("data longer than its size", "3\r\nhello\r\n0\r\n\r\n"),
                Arguments.of("bare LF in an extension", "5;a\nb\r\nhello\r\n0\r\n\r\n"),
                Arguments.of("bare CR in an extension", "5;a\rb\r\nhello\r\n0\r\n\r\n"),
                Arguments.of("NUL in an extension", "5;a\0b\r\nhello\r\n0\r\n\r\n"),
                Arguments.of("an extension of 70 KB", "5;" + "a".repeat(70_000) + "\r\nhello\r\n0\r\n\r\n"),
                Arguments.of("bare LF in trailers", "5\r\nhello\r\n0\r\nX: a\nY: b\r\n\r\n"),
                Arguments.of("NUL in a trailer", "5\r\nhello\r\n0\r\nX: a\0\r\n\r\n"),
                Arguments.of("a folded trailer", "5\r\nhello\r\n0\r\nX: a\r\n b\r\n\r\n"),
                Arguments.of("a trailer folded by a tab", "5\r\nhello\r\n0\r\nX: a\r\n\tContent-Length: 1\r\n\r\n"),
                Arguments.of("a fold before any trailer", "5\r\nhello\r\n0\r\n X: a\r\n\r\n"),
                Arguments.of("a fold behind a long zero", "5\r\nhello\r\n000;a=b\r\nX: a\r\n b\r\n\r\n"));
    }

    /** The beginning of the content may be with the origin by then; its end never comes, and nothing behind it. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("chunks")
    void cutsAmbiguousChunksOff(String what, String content) throws IOException {
        try (RawClient client = edge.connect()) {
            client.send("POST /chunks HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n" + content + SMUGGLED);
            assertThat(client.rest()).as(what).doesNotContain("HTTP/1.1 200");
        }
        assertThat(origin.heads()).noneMatch(head -> head.contains("/smuggled"));
    }

    /** Trailers change nothing of a request (RFC 9110 section 6.5.1). */
    @Test
    void trailersAreNotFields() throws IOException {
        try (RawClient client = edge.connect()) {
            client.send(
                    "POST /trailers HTTP/1.1\r\n" + HOST
                            + "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\nContent-Length: 9\r\nX-Evil: 1\r\n\r\n");
            client.rest();
        }
        assertThat(origin.heads()).noneMatch(head -> head.contains("x-evil"));
    }
}
