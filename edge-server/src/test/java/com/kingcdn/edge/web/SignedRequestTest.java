package com.kingcdn.edge.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.limits.LimitProperties;
import com.kingcdn.edge.upstream.RawOrigin;
import com.kingcdn.edge.web.RawClient.Response;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Signed URLs over real sockets: also for hits, and nothing of a token behind the edge. */
@Timeout(30)
class SignedRequestTest {

    private static final byte[] SECRET = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private static String base64(byte[] octets) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(octets);
    }

    private static String token(long expires) throws Exception {
        String text = expires + ".a." + base64((TestEdge.HOST + "/vod/").getBytes(StandardCharsets.US_ASCII));
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(SECRET, "HmacSHA256"));
        return text + "." + base64(mac.doFinal(text.getBytes(StandardCharsets.US_ASCII)));
    }

    private static Response get(TestEdge edge, String target, String more) throws IOException {
        try (RawClient client = edge.connect()) {
            return client.send("GET " + target + " HTTP/1.1\r\nHost: " + TestEdge.HOST + "\r\n" + more + "\r\n")
                    .response();
        }
    }

    @Test
    void aHitNeedsATokenAsAMissDoes() throws Exception {
        RawOrigin origin =
                RawOrigin.saying("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 2\r\n\r\nok");
        String signing =
                "\"signing\": {\"keys\": [{\"kty\": \"oct\", \"kid\": \"a\", \"k\": \"" + base64(SECRET) + "\"}]}";
        String token = token(System.currentTimeMillis() / 1000 + 60);
        try (origin;
                TestEdge edge =
                        new TestEdge(LimitProperties.defaults(), TestEdge.distribution(origin.endpoint(), signing))) {
            assertThat(get(edge, "/vod/1", "").status()).isEqualTo(403);
            assertThat(origin.heads()).isEmpty();
            Response first = get(edge, "/vod/1?x=1&kcdn-token=" + token, "");
            assertThat(first.status()).isEqualTo(200);
            Response second = get(edge, "/kcdn-token=" + token + "/vod/1?x=1", "");
            assertThat(second.head()).contains("; hit");
            assertThat(get(edge, "/vod/1?x=1", "Cookie: kcdn-token=" + token + "\r\n")
                            .head())
                    .contains("; hit");
            Response refused = get(edge, "/vod/1?x=1", "");
            assertThat(refused.status()).isEqualTo(403);
            assertThat(refused.has("content-type: application/problem+json")).isTrue();
            assertThat(refused.has("cache-control: no-store")).isTrue();
            String old = token(1_700_000_000);
            Response expired = get(edge, "/vod/1?x=1&kcdn-token=" + old, "");
            assertThat(expired.status()).isEqualTo(403);
            assertThat(expired.body()).doesNotContain(old, "expired", base64(SECRET));
            assertThat(origin.heads()).hasSize(1).allSatisfy(head -> assertThat(head)
                    .startsWith("GET /vod/1?x=1 HTTP/1.1")
                    .doesNotContain("kcdn-token"));
        }
    }

    /** RFC 9246 section 2.1.13: hits and errors too bring the next token, which is in no stored response. */
    @Test
    void aTokenIsRenewedWithEachResponse() throws Exception {
        RawOrigin origin = RawOrigin.saying(
                "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nETag: \"a\"\r\nContent-Length: 2\r\n\r\nok");
        String signing = "\"signing\": {\"nonces\": 100, \"keys\": [{\"kty\": \"oct\", \"kid\": \"a\", \"k\": \""
                + base64(SECRET) + "\"}]}";
        try (origin;
                TestEdge edge =
                        new TestEdge(LimitProperties.defaults(), TestEdge.distribution(origin.endpoint(), signing))) {
            Response first = get(edge, "/vod/1?URISigningPackage=" + renewable(), "");
            assertThat(first.status()).isEqualTo(200);
            String cookie = renewed(first);
            assertThat(first.head()).contains("; Path=/vod; Max-Age=300; HttpOnly\r\n");
            Response hit = get(edge, "/vod/1", "Cookie: " + cookie + "\r\n");
            assertThat(hit.head()).contains("; hit");
            assertThat(renewed(hit)).isNotEqualTo(cookie);
            Response replayed = get(edge, "/vod/1", "Cookie: " + cookie + "\r\n");
            assertThat(replayed.status()).isEqualTo(403);
            assertThat(replayed.head()).doesNotContainIgnoringCase("set-cookie");
            Response unchanged = get(edge, "/vod/1", "If-None-Match: \"a\"\r\nCookie: " + renewed(hit) + "\r\n");
            assertThat(unchanged.status()).isEqualTo(304);
            Response other = get(edge, "/vod/1?kcdn-token=" + token(System.currentTimeMillis() / 1000 + 60), "");
            assertThat(other.head()).contains("; hit").doesNotContainIgnoringCase("set-cookie");
            assertThat(renewed(unchanged)).isNotEmpty();
            assertThat(origin.heads()).hasSize(1).noneMatch(head -> head.contains("cookie"));
        }
    }

    private static String renewed(Response response) {
        Matcher cookie = Pattern.compile("(?i)\r\nset-cookie: (URISigningPackage=[^;]+);")
                .matcher(response.head());
        assertThat(cookie.find()).as(response.head()).isTrue();
        return cookie.group(1);
    }

    private static String renewable() throws JOSEException {
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("a").build(),
                new JWTClaimsSet.Builder()
                        .expirationTime(Date.from(Instant.now().plusSeconds(60)))
                        .jwtID("first")
                        .claim("cdniuc", "regex:http://[^/]*/vod/.*")
                        .claim("cdnistt", 1)
                        .claim("cdniets", 300)
                        .claim("cdnistd", 1)
                        .build());
        token.sign(new MACSigner(SECRET));
        return token.serialize();
    }
}
