package com.kingcdn.edge.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.limits.LimitProperties;
import com.kingcdn.edge.upstream.RawOrigin;
import com.kingcdn.edge.web.RawClient.Response;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A distribution's rules on the wire, as the control API's JSON gives them; hits take the short way. */
@Timeout(60)
class DeliveryRulesTest {

    private static final String TEXT = "All the world's a stage. ".repeat(400);

    private final RawOrigin origin = RawOrigin.saying(
            "HTTP/1.1 200 OK\r\nCache-Control: max-age=600\r\nServer: old\r\nSet-Cookie: a=b\r\nContent-Type: text/plain\r\nETag: \"1\"\r\nContent-Length: "
                    + TEXT.length() + "\r\n\r\n" + TEXT);

    @AfterEach
    void close() {
        origin.close();
    }

    private TestEdge edge(String rules) throws IOException {
        return new TestEdge(LimitProperties.defaults(), TestEdge.distribution(origin.endpoint(), rules));
    }

    private static Response send(TestEdge edge, String line, String fields) throws IOException {
        try (RawClient client = edge.connect()) {
            return client.send(line + " HTTP/1.1\r\nHost: " + TestEdge.HOST + "\r\n" + fields + "\r\n")
                    .response(line.startsWith("HEAD"));
        }
    }

    @Test
    void fieldsAreChangedOnHits() throws IOException {
        try (TestEdge edge = edge(
                "\"headers\": {\"toClient\": {\"remove\": [\"Server\"], \"set\": {\"X-Frame-Options\": \"DENY\"}}}, "
                        + "\"delivery\": {\"cookies\": \"strip\"}, \"query\": {\"mode\": \"drop\"}")) {
            send(edge, "GET /a?first", "");
            Response hit = send(edge, "GET /a?second", "");

            assertThat(hit.head())
                    .contains("nyc-1; hit")
                    .doesNotContainIgnoringCase("set-cookie")
                    .doesNotContain("old");
            assertThat(hit.has("x-frame-options: DENY")).isTrue();
            assertThat(hit.body()).isEqualTo(TEXT);
        }
    }

    /** RFC 9110 sections 15.4.9, 15.5.6: a redirect and a refusal are whole messages, with which the connection goes on. */
    @Test
    void theEdgesOwnAnswersAreFramed() throws IOException {
        try (TestEdge edge = edge(
                "\"delivery\": {\"methods\": [\"GET\", \"OPTIONS\"], \"cors\": {\"origins\": [\"*\"], \"maxAge\": \"10m\"}}")) {
            try (RawClient client = edge.connect()) {
                String host = " /a HTTP/1.1\r\nHost: " + TestEdge.HOST + "\r\n";
                Response refused = client.send("DELETE" + host + "\r\n").response();
                Response preflight = client.send("OPTIONS" + host
                                + "Origin: https://a.example\r\nAccess-Control-Request-Method: GET\r\n\r\n")
                        .response();
                Response served = client.send("GET" + host + "\r\n").response();

                assertThat(refused.status()).isEqualTo(405);
                assertThat(refused.has("allow: GET, HEAD, OPTIONS")).isTrue();
                assertThat(refused.has("cache-status: nyc-1; detail=method-not-allowed"))
                        .isTrue();
                assertThat(preflight.status()).isEqualTo(204);
                assertThat(preflight.has("access-control-allow-origin: *")).isTrue();
                assertThat(preflight.has("access-control-max-age: 600")).isTrue();
                assertThat(preflight.head()).doesNotContainIgnoringCase("content-length");
                assertThat(served.body()).isEqualTo(TEXT);
                assertThat(served.has("access-control-allow-origin: *")).isTrue();
            }
        }
        try (TestEdge edge = edge("\"delivery\": {\"httpsRedirect\": true}")) {
            Response redirect = send(edge, "GET /a?b", "");
            assertThat(redirect.status()).isEqualTo(308);
            assertThat(redirect.has("location: https://" + TestEdge.HOST + "/a?b"))
                    .isTrue();
            assertThat(redirect.has("content-length: 0")).isTrue();
            assertThat(origin.heads()).noneMatch(head -> head.contains("/a?b"));
        }
    }

    /** RFC 9110 section 8.4: the first client reads the coded form as it is made, the next ones as it is kept. */
    @Test
    void textIsCodedOnce() throws IOException {
        try (TestEdge edge = edge("\"delivery\": {\"compression\": true}")) {
            Response first = send(edge, "GET /a", "Accept-Encoding: gzip\r\n");
            Response hit = send(edge, "GET /a", "Accept-Encoding: gzip\r\n");
            Response head = send(edge, "HEAD /a", "Accept-Encoding: gzip\r\n");

            assertThat(first.has("content-encoding: gzip")).isTrue();
            assertThat(decoded(first)).isEqualTo(TEXT);
            assertThat(hit.head())
                    .contains("nyc-1; hit")
                    .contains("content-length: " + hit.body().length());
            assertThat(hit.has("vary: accept-encoding")).isTrue();
            assertThat(hit.body()).isEqualTo(first.body());
            assertThat(head.has("content-encoding: gzip")).isTrue();
            assertThat(send(edge, "GET /a", "").body()).isEqualTo(TEXT);
            assertThat(origin.heads()).hasSize(1);
        }
    }

    private static String decoded(Response response) throws IOException {
        byte[] octets = response.body().getBytes(StandardCharsets.ISO_8859_1);
        try (GZIPInputStream content = new GZIPInputStream(new ByteArrayInputStream(octets))) {
            return new String(content.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
