package com.kingcdn.edge.signing;

import static com.kingcdn.edge.signing.SigningSetup.ADDRESS_SECRET;
import static com.kingcdn.edge.signing.SigningSetup.HOST;
import static com.kingcdn.edge.signing.SigningSetup.NOW;
import static com.kingcdn.edge.signing.SigningSetup.OLD_SECRET;
import static com.kingcdn.edge.signing.SigningSetup.SECRET;
import static com.kingcdn.edge.signing.SigningSetup.claims;
import static com.kingcdn.edge.signing.SigningSetup.distribution;
import static com.kingcdn.edge.signing.SigningSetup.get;
import static com.kingcdn.edge.signing.SigningSetup.hs256;
import static com.kingcdn.edge.signing.SigningSetup.sign;
import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.topology.Distribution;
import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.DirectEncrypter;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.util.Base64URL;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Date;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tokens of all kinds, genuine and not (RFC 9246, RFC 8725). */
class SignatureCheckTest {

    private final SigningSetup signing = new SigningSetup();

    @Test
    void takesTokensOfEachAlgorithmAndOfOldKeys() throws JOSEException {
        assertThat(signing.withToken(hs256(claims()))).isEqualTo(SignatureResult.VALID);
        assertThat(signing.withToken(sign(claims().build(), JWSAlgorithm.HS256, "old", new MACSigner(OLD_SECRET))))
                .isEqualTo(SignatureResult.VALID);
        assertThat(signing.withToken(sign(claims().build(), JWSAlgorithm.HS256, null, new MACSigner(OLD_SECRET))))
                .as("without a kid each key is tried")
                .isEqualTo(SignatureResult.VALID);
        assertThat(signing.withToken(
                        sign(claims().build(), JWSAlgorithm.ES256, "ec", new ECDSASigner(SigningSetup.EC))))
                .isEqualTo(SignatureResult.VALID);
        assertThat(signing.withToken(
                        sign(claims().build(), JWSAlgorithm.RS256, "rsa", new RSASSASigner(SigningSetup.RSA))))
                .isEqualTo(SignatureResult.VALID);
    }

    @Test
    void refusesWhatWasNotSignedSo() throws Exception {
        String token = hs256(claims());
        assertThat(signing.check(get("/6Y7B23V/a.m4s"))).isEqualTo(SignatureResult.MISSING);
        assertThat(signing.withToken("")).isEqualTo(SignatureResult.MALFORMED);
        assertThat(signing.withToken("a.b.c")).isEqualTo(SignatureResult.MALFORMED);
        assertThat(signing.withToken(token.substring(0, token.length() - 2))).isEqualTo(SignatureResult.BAD_SIGNATURE);
        String[] parts = token.split("\\.");
        String forged = Base64URL.encode(
                        claims().claim("cdniuc", "regex:.*").build().toString())
                .toString();
        assertThat(signing.withToken(parts[0] + "." + forged + "." + parts[2]))
                .isEqualTo(SignatureResult.BAD_SIGNATURE);
        assertThat(signing.withToken(sign(claims().build(), JWSAlgorithm.HS256, "old", new MACSigner(SECRET))))
                .isEqualTo(SignatureResult.BAD_SIGNATURE);
        assertThat(signing.withToken(sign(claims().build(), JWSAlgorithm.HS256, "stranger", new MACSigner(SECRET))))
                .isEqualTo(SignatureResult.UNKNOWN_KEY);
        assertThat(signing.withToken(
                        sign(claims().build(), JWSAlgorithm.HS256, "addresses", new MACSigner(ADDRESS_SECRET))))
                .as("a key for encryption signs nothing")
                .isEqualTo(SignatureResult.UNKNOWN_KEY);
    }

    /** RFC 8725 sections 2.1 and 3.1: the header never chooses what the key is used as. */
    @Test
    void refusesOtherAlgorithms() throws Exception {
        String none = Base64URL.encode("{\"alg\":\"none\"}") + "."
                + Base64URL.encode(claims().build().toString()) + ".";
        assertThat(signing.withToken(none)).isNotEqualTo(SignatureResult.VALID);
        byte[] publicKey = SigningSetup.RSA.toRSAPublicKey().getEncoded();
        assertThat(signing.withToken(sign(claims().build(), JWSAlgorithm.HS256, "rsa", new MACSigner(publicKey))))
                .isEqualTo(SignatureResult.UNKNOWN_KEY);
        assertThat(signing.withToken(sign(claims().build(), JWSAlgorithm.HS512, "new", new MACSigner(new byte[64]))))
                .isEqualTo(SignatureResult.UNKNOWN_KEY);
    }

    @Test
    void aTokenHasItsTime() throws JOSEException {
        String token = hs256(claims().notBeforeTime(Date.from(NOW.plusSeconds(10))));
        assertThat(signing.withToken(token)).isEqualTo(SignatureResult.NOT_YET_VALID);
        signing.now = NOW.plusSeconds(10);
        assertThat(signing.withToken(token)).isEqualTo(SignatureResult.VALID);
        signing.now = NOW.plusSeconds(60);
        assertThat(signing.withToken(token)).as("also when it is known already").isEqualTo(SignatureResult.EXPIRED);
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
        assertThat(signing.withToken(hs256(claims().claim("cdniuc", container))))
                .isEqualTo(result);
    }

    @Test
    void aTokenCanBeForOneUriByItsHash() throws Exception {
        String uri = "https://" + HOST + "/6Y7B23V/a.m4s?x=1";
        String hash = Base64URL.encode(
                        MessageDigest.getInstance("SHA-256").digest(uri.getBytes(StandardCharsets.US_ASCII)))
                .toString();
        String token = hs256(claims().claim("cdniuc", "hash:sha-256;" + hash));
        assertThat(signing.check(get("/6Y7B23V/a.m4s?x=1&URISigningPackage=" + token)))
                .isEqualTo(SignatureResult.VALID);
        assertThat(signing.check(get("/6Y7B23V/a.m4s?x=2&URISigningPackage=" + token)))
                .isEqualTo(SignatureResult.WRONG_URI);
    }

    @Test
    void demandsThatCannotBeMetAreRefused() throws JOSEException {
        assertThat(signing.withToken(hs256(claims().claim("cdniv", 2)))).isEqualTo(SignatureResult.UNSUPPORTED);
        assertThat(signing.withToken(hs256(claims().claim("cdnicrit", List.of("nonsense")))))
                .isEqualTo(SignatureResult.UNSUPPORTED);
        assertThat(signing.withToken(hs256(claims().claim("cdnicrit", List.of("exp")))))
                .isEqualTo(SignatureResult.VALID);
        assertThat(signing.withToken(hs256(claims().claim("cdnicrit", "exp,cdniuc"))))
                .isEqualTo(SignatureResult.VALID);
        assertThat(signing.withToken(hs256(claims().claim("cdnicrit", "exp,nonsense"))))
                .isEqualTo(SignatureResult.UNSUPPORTED);
        assertThat(signing.withToken(hs256(claims().claim("cdnicrit", "")))).isEqualTo(SignatureResult.MALFORMED);
        assertThat(signing.withToken(hs256(claims().jwtID("once"))))
                .as("nobody has said how many are remembered")
                .isEqualTo(SignatureResult.UNSUPPORTED);
        assertThat(signing.withToken(hs256(claims().claim("cdniuc", null)))).isEqualTo(SignatureResult.MALFORMED);
    }

    @Test
    void anAudienceIsTheDistribution() throws JOSEException {
        assertThat(signing.withToken(hs256(claims().audience("a1105")))).isEqualTo(SignatureResult.VALID);
        assertThat(signing.withToken(hs256(claims().audience("b2")))).isEqualTo(SignatureResult.WRONG_AUDIENCE);
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
        assertThat(signing.withToken(hs256(claims().claim("cdniip", encrypted.serialize()))))
                .isEqualTo(result);
        assertThat(signing.withToken(hs256(claims().claim("cdniip", prefix))))
                .as("in the clear")
                .isEqualTo(SignatureResult.MALFORMED);
    }

    /** RFC 9246 section 2.1.7. */
    @Test
    void aNonceIsGoodForOneRequest() throws JOSEException {
        Distribution some = distribution(", \"nonces\": 2");
        String once = hs256(claims().jwtID("a"));
        assertThat(signing.withNonces(some, hs256(claims().jwtID("a").claim("cdniuc", "regex:other"))))
                .as("uses nothing up")
                .isEqualTo(SignatureResult.WRONG_URI);
        assertThat(signing.withNonces(some, once)).isEqualTo(SignatureResult.VALID);
        assertThat(signing.withNonces(some, once)).isEqualTo(SignatureResult.REPLAYED);
        assertThat(signing.withNonces(distribution(", \"nonces\": 2"), once))
                .as("with a new configuration too")
                .isEqualTo(SignatureResult.REPLAYED);
        assertThat(signing.withNonces(some, hs256(claims().jwtID("b")))).isEqualTo(SignatureResult.VALID);
        assertThat(signing.withNonces(some, hs256(claims().jwtID("c")))).isEqualTo(SignatureResult.NONCES_FULL);
        assertThat(signing.withNonces(some, hs256(claims()))).as("has none").isEqualTo(SignatureResult.VALID);
        assertThat(signing.withNonces(some, hs256(claims().expirationTime(null).jwtID("d"))))
                .as("for ever")
                .isEqualTo(SignatureResult.UNSUPPORTED);
        assertThat(signing.withNonces(some, hs256(claims().jwtID("e".repeat(129)))))
                .isEqualTo(SignatureResult.UNSUPPORTED);
        signing.now = NOW.plusSeconds(60);
        assertThat(signing.withNonces(some, once)).isEqualTo(SignatureResult.EXPIRED);
        Date later = Date.from(NOW.plusSeconds(120));
        assertThat(signing.withNonces(some, hs256(claims().jwtID("c").expirationTime(later))))
                .as("the others have expired")
                .isEqualTo(SignatureResult.VALID);
    }
}
