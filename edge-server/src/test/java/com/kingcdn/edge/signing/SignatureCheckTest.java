package com.kingcdn.edge.signing;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.control.ControlJson;
import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.edge.signing.SignatureCheck.Checked;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.topology.Distribution;
import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.DirectEncrypter;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens of all kinds, genuine and not (RFC 9246, RFC 8725). */
class SignatureCheckTest {

    private static final String HOST = "video.netcinema.example";
    private static final byte[] SECRET = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] OLD_SECRET = "fedcba9876543210fedcba9876543210".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] ADDRESS_SECRET = "abcdefghabcdefghabcdefghabcdefgh".getBytes(StandardCharsets.US_ASCII);
    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
    private static final Date LATER = Date.from(NOW.plusSeconds(60));
    private static final String ALL = "regex:https://video\\.netcinema\\.example/6Y7B23V/.*";

    private static ECKey ec;
    private static RSAKey rsa;
    private static Distribution distribution;

    private Instant now = NOW;
    private final SignatureCheck check = new SignatureCheck(() -> now);

    @BeforeAll
    static void keys() throws JOSEException {
        ec = new ECKeyGenerator(Curve.P_256).keyID("ec").generate();
        rsa = new RSAKeyGenerator(2048).keyID("rsa").generate();
        distribution = distribution("");
    }

    private static Distribution distribution(String more) {
        String keys = "[" + secret("new", "sig", SECRET) + "," + secret("old", "sig", OLD_SECRET) + ","
                + secret("addresses", "enc", ADDRESS_SECRET) + ","
                + ec.toPublicJWK().toJSONString() + ","
                + rsa.toPublicJWK().toJSONString() + "]";
        return ControlJson.mapper()
                .readValue(
                        "{\"id\": \"a1105\", \"hosts\": [\"" + HOST
                                + "\"], \"origins\": [{\"url\": \"http://o.example\"}]," + "\"signing\": {\"keys\": "
                                + keys + more + "}}",
                        Distribution.class);
    }

    private static String secret(String kid, String use, byte[] secret) {
        return "{\"kty\":\"oct\",\"kid\":\"" + kid + "\",\"use\":\"" + use + "\",\"k\":\"" + Base64URL.encode(secret)
                + "\"}";
    }

    private static JWTClaimsSet.Builder claims() {
        return new JWTClaimsSet.Builder()
                .expirationTime(LATER)
                .claim("cdniv", 1)
                .claim("cdniuc", ALL);
    }

    private static String sign(JWTClaimsSet claims, JWSAlgorithm algorithm, @Nullable String kid, JWSSigner signer)
            throws JOSEException {
        SignedJWT token =
                new SignedJWT(new JWSHeader.Builder(algorithm).keyID(kid).build(), claims);
        token.sign(signer);
        return token.serialize();
    }

    private static String hs256(JWTClaimsSet.Builder claims) throws JOSEException {
        return sign(claims.build(), JWSAlgorithm.HS256, "new", new MACSigner(SECRET));
    }

    private static CacheRequest get(String target, String... fields) {
        return new CacheRequest("GET", "https", HOST, target, HeaderFields.of(fields));
    }

    private SignatureResult check(CacheRequest request) {
        return checked(request).result();
    }

    private Checked checked(CacheRequest request) {
        return check.check(distribution, Objects.requireNonNull(distribution.signing()), request, address("192.0.2.7"));
    }

    private SignatureResult withToken(String token) {
        return check(get("/6Y7B23V/a.m4s?URISigningPackage=" + token));
    }

    private static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @Test
    void takesTokensOfEachAlgorithmAndOfOldKeys() throws JOSEException {
        assertThat(withToken(hs256(claims()))).isEqualTo(SignatureResult.VALID);
        assertThat(withToken(sign(claims().build(), JWSAlgorithm.HS256, "old", new MACSigner(OLD_SECRET))))
                .isEqualTo(SignatureResult.VALID);
        assertThat(withToken(sign(claims().build(), JWSAlgorithm.HS256, null, new MACSigner(OLD_SECRET))))
                .as("without a kid each key is tried")
                .isEqualTo(SignatureResult.VALID);
        assertThat(withToken(sign(claims().build(), JWSAlgorithm.ES256, "ec", new ECDSASigner(ec))))
                .isEqualTo(SignatureResult.VALID);
        assertThat(withToken(sign(claims().build(), JWSAlgorithm.RS256, "rsa", new RSASSASigner(rsa))))
                .isEqualTo(SignatureResult.VALID);
    }

    @Test
    void refusesWhatWasNotSignedSo() throws Exception {
        String token = hs256(claims());
        assertThat(check(get("/6Y7B23V/a.m4s"))).isEqualTo(SignatureResult.MISSING);
        assertThat(withToken("")).isEqualTo(SignatureResult.MALFORMED);
        assertThat(withToken("a.b.c")).isEqualTo(SignatureResult.MALFORMED);
        assertThat(withToken(token.substring(0, token.length() - 2))).isEqualTo(SignatureResult.BAD_SIGNATURE);
        String[] parts = token.split("\\.");
        String forged = Base64URL.encode(
                        claims().claim("cdniuc", "regex:.*").build().toString())
                .toString();
        assertThat(withToken(parts[0] + "." + forged + "." + parts[2])).isEqualTo(SignatureResult.BAD_SIGNATURE);
        assertThat(withToken(sign(claims().build(), JWSAlgorithm.HS256, "old", new MACSigner(SECRET))))
                .isEqualTo(SignatureResult.BAD_SIGNATURE);
        assertThat(withToken(sign(claims().build(), JWSAlgorithm.HS256, "stranger", new MACSigner(SECRET))))
                .isEqualTo(SignatureResult.UNKNOWN_KEY);
        assertThat(withToken(sign(claims().build(), JWSAlgorithm.HS256, "addresses", new MACSigner(ADDRESS_SECRET))))
                .as("a key for encryption signs nothing")
                .isEqualTo(SignatureResult.UNKNOWN_KEY);
    }

    /** RFC 8725 sections 2.1 and 3.1: the header never chooses what the key is used as. */
    @Test
    void refusesOtherAlgorithms() throws Exception {
        String none = Base64URL.encode("{\"alg\":\"none\"}") + "."
                + Base64URL.encode(claims().build().toString()) + ".";
        assertThat(withToken(none)).isNotEqualTo(SignatureResult.VALID);
        byte[] publicKey = rsa.toRSAPublicKey().getEncoded();
        assertThat(withToken(sign(claims().build(), JWSAlgorithm.HS256, "rsa", new MACSigner(publicKey))))
                .isEqualTo(SignatureResult.UNKNOWN_KEY);
        assertThat(withToken(sign(claims().build(), JWSAlgorithm.HS512, "new", new MACSigner(new byte[64]))))
                .isEqualTo(SignatureResult.UNKNOWN_KEY);
    }

    @Test
    void aTokenHasItsTime() throws JOSEException {
        String token = hs256(claims().notBeforeTime(Date.from(NOW.plusSeconds(10))));
        assertThat(withToken(token)).isEqualTo(SignatureResult.NOT_YET_VALID);
        now = NOW.plusSeconds(10);
        assertThat(withToken(token)).isEqualTo(SignatureResult.VALID);
        now = NOW.plusSeconds(60);
        assertThat(withToken(token)).as("also when it is known already").isEqualTo(SignatureResult.EXPIRED);
    }

    @ParameterizedTest
    @CsvSource({
        "regex:https://video\\.netcinema\\.example/6Y7B23V/.*, VALID",
        "regex:https?://[^/]*/6Y7B23V/[a-z]\\.m4s, VALID",
        "regex:https://video\\.netcinema\\.example/6Y7B23V/, WRONG_URI",
        "regex:https://other\\.example/.*, WRONG_URI",
        "regex:(, MALFORMED",
        "regex:(a+)+$, WRONG_URI",
        "hash:sha-256;AAAA, WRONG_URI",
        "hash:md5;AAAA, UNSUPPORTED",
        "everything, UNSUPPORTED"
    })
    void aTokenIsForSomeUris(String container, SignatureResult result) throws JOSEException {
        assertThat(withToken(hs256(claims().claim("cdniuc", container)))).isEqualTo(result);
    }

    @Test
    void aTokenCanBeForOneUriByItsHash() throws Exception {
        String uri = "https://" + HOST + "/6Y7B23V/a.m4s?x=1";
        String hash = Base64URL.encode(
                        MessageDigest.getInstance("SHA-256").digest(uri.getBytes(StandardCharsets.US_ASCII)))
                .toString();
        String token = hs256(claims().claim("cdniuc", "hash:sha-256;" + hash));
        assertThat(check(get("/6Y7B23V/a.m4s?x=1&URISigningPackage=" + token))).isEqualTo(SignatureResult.VALID);
        assertThat(check(get("/6Y7B23V/a.m4s?x=2&URISigningPackage=" + token))).isEqualTo(SignatureResult.WRONG_URI);
    }

    @Test
    void demandsThatCannotBeMetAreRefused() throws JOSEException {
        assertThat(withToken(hs256(claims().claim("cdniv", 2)))).isEqualTo(SignatureResult.UNSUPPORTED);
        assertThat(withToken(hs256(claims().claim("cdnicrit", List.of("nonsense")))))
                .isEqualTo(SignatureResult.UNSUPPORTED);
        assertThat(withToken(hs256(claims().claim("cdnicrit", List.of("exp"))))).isEqualTo(SignatureResult.VALID);
        assertThat(withToken(hs256(claims().claim("cdnicrit", "exp,cdniuc")))).isEqualTo(SignatureResult.VALID);
        assertThat(withToken(hs256(claims().claim("cdnicrit", "exp,nonsense")))).isEqualTo(SignatureResult.UNSUPPORTED);
        assertThat(withToken(hs256(claims().claim("cdnicrit", "")))).isEqualTo(SignatureResult.MALFORMED);
        assertThat(withToken(hs256(claims().jwtID("once"))))
                .as("nobody has said how many are remembered")
                .isEqualTo(SignatureResult.UNSUPPORTED);
        assertThat(withToken(hs256(claims().claim("cdniuc", null)))).isEqualTo(SignatureResult.MALFORMED);
    }

    @Test
    void anAudienceIsTheDistribution() throws JOSEException {
        assertThat(withToken(hs256(claims().audience("a1105")))).isEqualTo(SignatureResult.VALID);
        assertThat(withToken(hs256(claims().audience("b2")))).isEqualTo(SignatureResult.WRONG_AUDIENCE);
    }

    /** RFC 9246 section 2.1.10. */
    @ParameterizedTest
    @CsvSource({"192.0.2.7, VALID", "192.0.2.0/24, VALID", "192.0.2.8, WRONG_CLIENT", "2001:db8::1, WRONG_CLIENT"})
    void aClientAddressIsEncrypted(String prefix, SignatureResult result) throws JOSEException {
        JWEObject encrypted = new JWEObject(
                new JWEHeader.Builder(JWEAlgorithm.DIR, EncryptionMethod.A256GCM)
                        .keyID("addresses")
                        .build(),
                new Payload(prefix));
        encrypted.encrypt(new DirectEncrypter(ADDRESS_SECRET));
        assertThat(withToken(hs256(claims().claim("cdniip", encrypted.serialize()))))
                .isEqualTo(result);
        assertThat(withToken(hs256(claims().claim("cdniip", prefix))))
                .as("in the clear")
                .isEqualTo(SignatureResult.MALFORMED);
    }

    private SignatureResult withNonces(Distribution some, String token) {
        return check.check(
                        some,
                        Objects.requireNonNull(some.signing()),
                        get("/6Y7B23V/a.m4s?URISigningPackage=" + token),
                        null)
                .result();
    }

    /** RFC 9246 section 2.1.7. */
    @Test
    void aNonceIsGoodForOneRequest() throws JOSEException {
        Distribution some = distribution(", \"nonces\": 2");
        String once = hs256(claims().jwtID("a"));
        assertThat(withNonces(some, hs256(claims().jwtID("a").claim("cdniuc", "regex:other"))))
                .as("uses nothing up")
                .isEqualTo(SignatureResult.WRONG_URI);
        assertThat(withNonces(some, once)).isEqualTo(SignatureResult.VALID);
        assertThat(withNonces(some, once)).isEqualTo(SignatureResult.REPLAYED);
        assertThat(withNonces(distribution(", \"nonces\": 2"), once))
                .as("with a new configuration too")
                .isEqualTo(SignatureResult.REPLAYED);
        assertThat(withNonces(some, hs256(claims().jwtID("b")))).isEqualTo(SignatureResult.VALID);
        assertThat(withNonces(some, hs256(claims().jwtID("c")))).isEqualTo(SignatureResult.NONCES_FULL);
        assertThat(withNonces(some, hs256(claims()))).as("has none").isEqualTo(SignatureResult.VALID);
        assertThat(withNonces(some, hs256(claims().expirationTime(null).jwtID("d"))))
                .as("for ever")
                .isEqualTo(SignatureResult.UNSUPPORTED);
        assertThat(withNonces(some, hs256(claims().jwtID("e".repeat(129))))).isEqualTo(SignatureResult.UNSUPPORTED);
        now = NOW.plusSeconds(60);
        assertThat(withNonces(some, once)).isEqualTo(SignatureResult.EXPIRED);
        Date later = Date.from(NOW.plusSeconds(120));
        assertThat(withNonces(some, hs256(claims().jwtID("c").expirationTime(later))))
                .as("the others have expired")
                .isEqualTo(SignatureResult.VALID);
    }

    private static JWTClaimsSet.Builder renewable() {
        return claims().claim("cdnistt", 1).claim("cdniets", 300);
    }

    private static String cookie(Checked checked) {
        return Objects.requireNonNull(checked.renewed());
    }

    /** RFC 9246 sections 2.1.12 to 2.1.14. */
    @ParameterizedTest
    @CsvSource({
        "0, /6Y7B23V/720p/a.m4s, /",
        "1, /6Y7B23V/720p/a.m4s, /6Y7B23V",
        "2, /6Y7B23V/720p/a.m4s?x=1, /6Y7B23V/720p",
        "3, /6Y7B23V/720p/a.m4s?x=/1, /6Y7B23V/720p/a.m4s",
        "9, /6Y7B23V/720p/a.m4s, /6Y7B23V/720p/a.m4s",
        "2, /6Y7B23V/7;Domain=x/a.m4s, /6Y7B23V",
        "3, /6Y7B23V//a.m4s, /6Y7B23V",
        "1, /6Y7B23V/, /6Y7B23V"
    })
    void aTokenIsRenewedByACookie(int depth, String target, String path) throws JOSEException {
        String token = hs256(renewable().claim("cdnistd", depth));
        Checked checked = checked(get(target, "cookie", "URISigningPackage=" + token));
        assertThat(checked.result()).isEqualTo(SignatureResult.VALID);
        assertThat(cookie(checked))
                .startsWith("URISigningPackage=")
                .endsWith("; Path=" + path + "; Max-Age=300; HttpOnly; Secure; SameSite=None");
        String next = cookie(checked).split("[=;]")[1];
        now = NOW.plusSeconds(299);
        assertThat(check(get(target, "cookie", "URISigningPackage=" + token))).isEqualTo(SignatureResult.EXPIRED);
        Checked again = checked(get(target, "cookie", "URISigningPackage=" + next));
        assertThat(again.result()).as("the same claims").isEqualTo(SignatureResult.VALID);
        assertThat(cookie(again)).as("renewed in its turn").isNotEqualTo(cookie(checked));
        now = NOW.plusSeconds(300);
        assertThat(check(get(target, "cookie", "URISigningPackage=" + next))).isEqualTo(SignatureResult.EXPIRED);
    }

    @Test
    void whatIsRenewedIsStillForTheSameUrisOnly() throws JOSEException {
        Checked checked = checked(get("/6Y7B23V/a?URISigningPackage=" + hs256(renewable())));
        String next = cookie(checked).split("[=;]")[1];
        assertThat(check(get("/other/a", "cookie", "URISigningPackage=" + next)))
                .isEqualTo(SignatureResult.WRONG_URI);
        assertThat(checked(get("/other/a?URISigningPackage=" + hs256(renewable())))
                        .renewed())
                .as("nothing for those who may not")
                .isNull();
        assertThat(checked(get("/6Y7B23V/a?URISigningPackage=" + hs256(claims().claim("cdnistt", 0))))
                        .renewed())
                .isNull();
        CacheRequest plain = new CacheRequest(
                "GET",
                "http",
                HOST,
                "/6Y7B23V/a?URISigningPackage=" + hs256(renewable().claim("cdniuc", "regex:.*")),
                HeaderFields.EMPTY);
        assertThat(cookie(checked(plain))).as("over HTTP").doesNotContain("Secure");
    }

    /** An edge has the public half of a pair only: the first shared secret signs what follows. */
    @Test
    void aTokenOfAPairIsRenewedWithASecret() throws Exception {
        String token = sign(renewable().jwtID("a").build(), JWSAlgorithm.ES256, "ec", new ECDSASigner(ec));
        Distribution some = distribution(", \"nonces\": 10");
        Checked checked = check.check(
                some, Objects.requireNonNull(some.signing()), get("/6Y7B23V/a?URISigningPackage=" + token), null);
        SignedJWT next = SignedJWT.parse(cookie(checked).split("[=;]")[1]);
        assertThat(next.getHeader().getAlgorithm()).isEqualTo(JWSAlgorithm.HS256);
        assertThat(next.getHeader().getKeyID()).isEqualTo("new");
        assertThat(next.getJWTClaimsSet().getJWTID())
                .as("another nonce")
                .isNotEqualTo("a")
                .isNotNull();
        assertThat(withNonces(some, next.serialize())).isEqualTo(SignatureResult.VALID);
        Distribution pairOnly = ControlJson.mapper()
                .readValue(
                        "{\"id\": \"b2\", \"hosts\": [\"" + HOST
                                + "\"], \"origins\": [{\"url\": \"http://o.example\"}]," + "\"signing\": {\"keys\": ["
                                + ec.toPublicJWK().toJSONString() + "]}}",
                        Distribution.class);
        String plain = sign(renewable().build(), JWSAlgorithm.ES256, "ec", new ECDSASigner(ec));
        assertThat(withNonces(pairOnly, plain)).as("nothing to sign with").isEqualTo(SignatureResult.UNSUPPORTED);
    }

    @Test
    void oddDemandsOfRenewalAreRefused() throws JOSEException {
        assertThat(withToken(hs256(claims().claim("cdnistt", 2).claim("cdniets", 300))))
                .isEqualTo(SignatureResult.UNSUPPORTED);
        assertThat(withToken(hs256(claims().claim("cdnistt", 1)))).isEqualTo(SignatureResult.MALFORMED);
        assertThat(withToken(hs256(renewable().claim("cdniets", 0)))).isEqualTo(SignatureResult.MALFORMED);
        assertThat(withToken(hs256(renewable().claim("cdniets", Long.MAX_VALUE))))
                .isEqualTo(SignatureResult.MALFORMED);
        assertThat(withToken(hs256(renewable().claim("cdnistd", -1)))).isEqualTo(SignatureResult.MALFORMED);
        assertThat(withToken(hs256(renewable().claim("cdnistd", "1")))).isEqualTo(SignatureResult.MALFORMED);
    }

    @ParameterizedTest
    @CsvSource({
        "/6Y7B23V/a.m4s?URISigningPackage=T, /6Y7B23V/a.m4s",
        "/6Y7B23V/a.m4s?URISigningPackage=T&a=b, /6Y7B23V/a.m4s?a=b",
        "/6Y7B23V/a.m4s?a=b&URISigningPackage=T, /6Y7B23V/a.m4s?a=b",
        "/6Y7B23V/a.m4s?a=b&URISigningPackage=T&c=d, /6Y7B23V/a.m4s?a=b&c=d",
        "/6Y7B23V/a.m4s;URISigningPackage=T, /6Y7B23V/a.m4s",
        "/URISigningPackage=T/6Y7B23V/a.m4s, /6Y7B23V/a.m4s",
        "/6Y7B23V/URISigningPackage=T/a.m4s?a=b, /6Y7B23V/a.m4s?a=b"
    })
    void theTokenIsTakenOutWhereverItStands(String target, String bare) throws JOSEException {
        Checked checked = checked(get(target.replace("=T", "=" + hs256(claims()))));
        assertThat(checked.request().target()).isEqualTo(bare);
        assertThat(checked.result()).isEqualTo(SignatureResult.VALID);
    }

    @Test
    void aCookieIsAPlaceToo() throws JOSEException {
        String token = hs256(claims());
        Checked checked = checked(get("/6Y7B23V/a.m4s", "cookie", "a=b; URISigningPackage=" + token + "; c=d"));
        assertThat(checked.result()).isEqualTo(SignatureResult.VALID);
        assertThat(checked.request().fields().combined("cookie")).isEqualTo("a=b; c=d");
        checked = checked(get("/6Y7B23V/a.m4s", "cookie", "URISigningPackage=" + token));
        assertThat(checked.request().fields().contains("cookie")).isFalse();
    }

    @Test
    void twoTokensAreNone() throws JOSEException {
        String token = hs256(claims());
        Checked checked = checked(get("/6Y7B23V/a?URISigningPackage=" + token + "&URISigningPackage=" + token));
        assertThat(checked.result()).isEqualTo(SignatureResult.AMBIGUOUS);
        assertThat(checked.request().target()).isEqualTo("/6Y7B23V/a");
        String cookies = ("URISigningPackage=" + token + "; ").repeat(4);
        assertThat(check(get("/6Y7B23V/a", "cookie", cookies))).isEqualTo(SignatureResult.VALID);
        assertThat(check(get("/6Y7B23V/a", "cookie", cookies + "kcdn-token=x"))).isEqualTo(SignatureResult.AMBIGUOUS);
    }

    /** A playlist's URI keeps its first token, and the renewed one comes as a cookie. */
    @Test
    void aCookieMayStandBesideTheTokenOfAUri() throws JOSEException {
        String good = hs256(claims());
        String other = hs256(claims().claim("cdniuc", "regex:.*/other/.*"));
        String late = hs256(claims().expirationTime(Date.from(NOW.minusSeconds(1))));
        for (String[] pair : new String[][] {{good, other}, {other, good}, {late, good}, {good, "nonsense"}}) {
            Checked checked =
                    checked(get("/6Y7B23V/a?URISigningPackage=" + pair[0], "cookie", "URISigningPackage=" + pair[1]));
            assertThat(checked.result()).isEqualTo(SignatureResult.VALID);
            assertThat(checked.request().target()).isEqualTo("/6Y7B23V/a");
            assertThat(checked.request().fields().contains("cookie")).isFalse();
        }
        assertThat(check(get("/6Y7B23V/a?URISigningPackage=" + late, "cookie", "URISigningPackage=" + other)))
                .as("what is wrong with the URI's")
                .isEqualTo(SignatureResult.EXPIRED);
    }

    /** One form of a path without a token is one too many. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/vod/a",
                "/%76od/a",
                "//vod/a",
                "/VOD/a",
                "/vod;x/a",
                "/vod%2fa",
                "/;a/vod/a",
                "\\vod\\a",
                "/vod%5ca"
            })
    void noWayOfWritingAProtectedPathGoesWithout(String target) {
        Distribution some = distribution(", \"paths\": [\"/vod/\"]");
        assertThat(check.check(some, Objects.requireNonNull(some.signing()), get(target), null)
                        .result())
                .isEqualTo(SignatureResult.MISSING);
        assertThat(check.check(some, Objects.requireNonNull(some.signing()), get("/free/a?x=/vod/"), null)
                        .result())
                .isEqualTo(SignatureResult.VALID);
    }

    private static String prefixToken(long expires, String kid, String place, byte[] secret) throws Exception {
        String text = expires + "." + kid + "." + Base64URL.encode(place);
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret, "HmacSHA256"));
        return text + "." + Base64URL.encode(mac.doFinal(text.getBytes(StandardCharsets.US_ASCII)));
    }

    /** One token for all segments of a title, as a segment of the path that relative references keep. */
    @Test
    void aPrefixTokenIsForAllBelow() throws Exception {
        long expires = NOW.getEpochSecond() + 60;
        String token = prefixToken(expires, "new", HOST + "/6Y7B23V/", SECRET);
        for (String target : List.of("/6Y7B23V/master.m3u8", "/6Y7B23V/720p/1.m4s")) {
            Checked checked = checked(get("/kcdn-token=" + token + target));
            assertThat(checked.result()).isEqualTo(SignatureResult.VALID);
            assertThat(checked.request().target()).isEqualTo(target);
        }
        assertThat(check(get("/6Y7B23V/1.m4s", "cookie", "kcdn-token=" + token)))
                .isEqualTo(SignatureResult.VALID);
        assertThat(check(get("/6Y7B23W/1.m4s?kcdn-token=" + token))).isEqualTo(SignatureResult.WRONG_URI);
        assertThat(check(new CacheRequest(
                        "GET", "https", "other.example", "/6Y7B23V/1.m4s?kcdn-token=" + token, HeaderFields.EMPTY)))
                .isEqualTo(SignatureResult.WRONG_URI);
        assertThat(check(get("/6Y7B23V/1?kcdn-token=" + prefixToken(expires, "old", HOST + "/6Y7B23V/", SECRET))))
                .isEqualTo(SignatureResult.BAD_SIGNATURE);
        assertThat(check(get("/6Y7B23V/1?kcdn-token=" + prefixToken(expires, "ec", HOST + "/6Y7B23V/", SECRET))))
                .isEqualTo(SignatureResult.UNKNOWN_KEY);
        assertThat(check(get("/6Y7B23V/1?kcdn-token=" + token.replace(expires + ".", (expires + 1) + "."))))
                .isEqualTo(SignatureResult.BAD_SIGNATURE);
        assertThat(check(get("/6Y7B23V/1?kcdn-token=1.2"))).isEqualTo(SignatureResult.MALFORMED);
        now = NOW.plusSeconds(60);
        assertThat(check(get("/6Y7B23V/1?kcdn-token=" + token))).isEqualTo(SignatureResult.EXPIRED);
    }

    /** The line of docs/security.md, with its key. */
    @Test
    void takesWhatOpensslMakes() {
        now = Instant.ofEpochSecond(1_700_000_000);
        Checked checked = checked(
                get(
                        "/6Y7B23V/1.m4s?kcdn-token=1700003600.new.dmlkZW8ubmV0Y2luZW1hLmV4YW1wbGUvNlk3QjIzVi8.ZqE4vjtiUt75_gsJrtBzdxTQn_D_SjqF1SLDbDlpMEY"));
        assertThat(checked.result()).isEqualTo(SignatureResult.VALID);
    }
}
