package com.kingcdn.edge.signing;

import static com.kingcdn.edge.signing.SigningSetup.HOST;
import static com.kingcdn.edge.signing.SigningSetup.NOW;
import static com.kingcdn.edge.signing.SigningSetup.claims;
import static com.kingcdn.edge.signing.SigningSetup.distribution;
import static com.kingcdn.edge.signing.SigningSetup.get;
import static com.kingcdn.edge.signing.SigningSetup.hs256;
import static com.kingcdn.edge.signing.SigningSetup.sign;
import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.control.ControlJson;
import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.edge.signing.SignatureCheck.Checked;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.topology.Distribution;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tokens that are renewed by a cookie (RFC 9246 sections 2.1.12 to 2.1.14). */
class TokenRenewalTest {

    private final SigningSetup signing = new SigningSetup();

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
        Checked checked = signing.checked(get(target, "cookie", "URISigningPackage=" + token));
        assertThat(checked.result()).isEqualTo(SignatureResult.VALID);
        assertThat(cookie(checked))
                .startsWith("URISigningPackage=")
                .endsWith("; Path=" + path + "; Max-Age=300; HttpOnly; Secure; SameSite=None");
        String next = cookie(checked).split("[=;]")[1];
        signing.now = NOW.plusSeconds(299);
        assertThat(signing.check(get(target, "cookie", "URISigningPackage=" + token)))
                .isEqualTo(SignatureResult.EXPIRED);
        Checked again = signing.checked(get(target, "cookie", "URISigningPackage=" + next));
        assertThat(again.result()).as("the same claims").isEqualTo(SignatureResult.VALID);
        assertThat(cookie(again)).as("renewed in its turn").isNotEqualTo(cookie(checked));
        signing.now = NOW.plusSeconds(300);
        assertThat(signing.check(get(target, "cookie", "URISigningPackage=" + next)))
                .isEqualTo(SignatureResult.EXPIRED);
    }

    @Test
    void whatIsRenewedIsStillForTheSameUrisOnly() throws JOSEException {
        Checked checked = signing.checked(get("/6Y7B23V/a?URISigningPackage=" + hs256(renewable())));
        String next = cookie(checked).split("[=;]")[1];
        assertThat(signing.check(get("/other/a", "cookie", "URISigningPackage=" + next)))
                .isEqualTo(SignatureResult.WRONG_URI);
        assertThat(signing.checked(get("/other/a?URISigningPackage=" + hs256(renewable())))
                        .renewed())
                .as("nothing for those who may not")
                .isNull();
        assertThat(signing.checked(get("/6Y7B23V/a?URISigningPackage=" + hs256(claims().claim("cdnistt", 0))))
                        .renewed())
                .isNull();
        CacheRequest plain = new CacheRequest(
                "GET",
                "http",
                HOST,
                "/6Y7B23V/a?URISigningPackage=" + hs256(renewable().claim("cdniuc", "regex:.*")),
                HeaderFields.EMPTY);
        assertThat(cookie(signing.checked(plain))).as("over HTTP").doesNotContain("Secure");
    }

    /** An edge has the public half of a pair only: the first shared secret signs what follows. */
    @Test
    void aTokenOfAPairIsRenewedWithASecret() throws Exception {
        String token = sign(renewable().jwtID("a").build(), JWSAlgorithm.ES256, "ec", new ECDSASigner(SigningSetup.EC));
        Distribution some = distribution(", \"nonces\": 10");
        Checked checked = signing.check.check(
                some, Objects.requireNonNull(some.signing()), get("/6Y7B23V/a?URISigningPackage=" + token), null);
        SignedJWT next = SignedJWT.parse(cookie(checked).split("[=;]")[1]);
        assertThat(next.getHeader().getAlgorithm()).isEqualTo(JWSAlgorithm.HS256);
        assertThat(next.getHeader().getKeyID()).isEqualTo("new");
        assertThat(next.getJWTClaimsSet().getJWTID())
                .as("another nonce")
                .isNotEqualTo("a")
                .isNotNull();
        assertThat(signing.withNonces(some, next.serialize())).isEqualTo(SignatureResult.VALID);
        Distribution pairOnly = ControlJson.mapper()
                .readValue(
                        "{\"id\": \"b2\", \"hosts\": [\"" + HOST
                                + "\"], \"origins\": [{\"url\": \"http://o.example\"}]," + "\"signing\": {\"keys\": ["
                                + SigningSetup.EC.toPublicJWK().toJSONString() + "]}}",
                        Distribution.class);
        String plain = sign(renewable().build(), JWSAlgorithm.ES256, "ec", new ECDSASigner(SigningSetup.EC));
        assertThat(signing.withNonces(pairOnly, plain))
                .as("nothing to sign with")
                .isEqualTo(SignatureResult.UNSUPPORTED);
    }

    @Test
    void oddDemandsOfRenewalAreRefused() throws JOSEException {
        assertThat(signing.withToken(hs256(claims().claim("cdnistt", 2).claim("cdniets", 300))))
                .isEqualTo(SignatureResult.UNSUPPORTED);
        assertThat(signing.withToken(hs256(claims().claim("cdnistt", 1)))).isEqualTo(SignatureResult.MALFORMED);
        assertThat(signing.withToken(hs256(renewable().claim("cdniets", 0)))).isEqualTo(SignatureResult.MALFORMED);
        assertThat(signing.withToken(hs256(renewable().claim("cdniets", Long.MAX_VALUE))))
                .isEqualTo(SignatureResult.MALFORMED);
        assertThat(signing.withToken(hs256(renewable().claim("cdnistd", -1)))).isEqualTo(SignatureResult.MALFORMED);
        assertThat(signing.withToken(hs256(renewable().claim("cdnistd", "1")))).isEqualTo(SignatureResult.MALFORMED);
    }
}
