package com.kingcdn.edge.signing;

import com.kingcdn.control.ControlJson;
import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.edge.signing.SignatureCheck.Checked;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.topology.Distribution;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.MACSigner;
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
import java.time.Instant;
import java.util.Date;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The keys of a distribution, tokens made with them, and a check by a clock that the test sets. */
final class SigningSetup {

    static final String HOST = "video.netcinema.example";
    static final byte[] SECRET = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    static final byte[] OLD_SECRET = "fedcba9876543210fedcba9876543210".getBytes(StandardCharsets.US_ASCII);
    static final byte[] ADDRESS_SECRET = "abcdefghabcdefghabcdefghabcdefgh".getBytes(StandardCharsets.US_ASCII);
    static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
    static final Date LATER = Date.from(NOW.plusSeconds(60));
    static final String ALL = "regex:https://video\\.netcinema\\.example/6Y7B23V/.*";

    static final ECKey EC = ec();
    static final RSAKey RSA = rsa();

    final Distribution distribution = distribution("");
    Instant now = NOW;
    final SignatureCheck check = new SignatureCheck(() -> now);

    static ECKey ec() {
        try {
            return new ECKeyGenerator(Curve.P_256).keyID("ec").generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    static RSAKey rsa() {
        try {
            return new RSAKeyGenerator(2048).keyID("rsa").generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    static Distribution distribution(String more) {
        String keys = "[" + secret("new", "sig", SECRET) + "," + secret("old", "sig", OLD_SECRET) + ","
                + secret("addresses", "enc", ADDRESS_SECRET) + ","
                + EC.toPublicJWK().toJSONString() + ","
                + RSA.toPublicJWK().toJSONString() + "]";
        return ControlJson.mapper()
                .readValue(
                        "{\"id\": \"a1105\", \"hosts\": [\"" + HOST
                                + "\"], \"origins\": [{\"url\": \"http://o.example\"}]," + "\"signing\": {\"keys\": "
                                + keys + more + "}}",
                        Distribution.class);
    }

    static String secret(String kid, String use, byte[] secret) {
        return "{\"kty\":\"oct\",\"kid\":\"" + kid + "\",\"use\":\"" + use + "\",\"k\":\"" + Base64URL.encode(secret)
                + "\"}";
    }

    static JWTClaimsSet.Builder claims() {
        return new JWTClaimsSet.Builder()
                .expirationTime(LATER)
                .claim("cdniv", 1)
                .claim("cdniuc", ALL);
    }

    static String sign(JWTClaimsSet claims, JWSAlgorithm algorithm, @Nullable String kid, JWSSigner signer)
            throws JOSEException {
        SignedJWT token =
                new SignedJWT(new JWSHeader.Builder(algorithm).keyID(kid).build(), claims);
        token.sign(signer);
        return token.serialize();
    }

    static String hs256(JWTClaimsSet.Builder claims) throws JOSEException {
        return sign(claims.build(), JWSAlgorithm.HS256, "new", new MACSigner(SECRET));
    }

    static CacheRequest get(String target, String... fields) {
        return new CacheRequest("GET", "https", HOST, target, HeaderFields.of(fields));
    }

    SignatureResult check(CacheRequest request) {
        return checked(request).result();
    }

    Checked checked(CacheRequest request) {
        return check.check(distribution, Objects.requireNonNull(distribution.signing()), request, address("192.0.2.7"));
    }

    SignatureResult withToken(String token) {
        return check(get("/6Y7B23V/a.m4s?URISigningPackage=" + token));
    }

    static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    SignatureResult withNonces(Distribution some, String token) {
        return check.check(
                        some,
                        Objects.requireNonNull(some.signing()),
                        get("/6Y7B23V/a.m4s?URISigningPackage=" + token),
                        null)
                .result();
    }
}
