package com.kingcdn.edge.signing;

import static com.kingcdn.edge.signing.SigningSetup.NOW;
import static com.kingcdn.edge.signing.SigningSetup.claims;
import static com.kingcdn.edge.signing.SigningSetup.distribution;
import static com.kingcdn.edge.signing.SigningSetup.get;
import static com.kingcdn.edge.signing.SigningSetup.hs256;
import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.signing.SignatureCheck.Checked;
import com.kingcdn.topology.Distribution;
import com.nimbusds.jose.JOSEException;
import java.util.Date;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a request may have its token, and what is left of the request without it (RFC 9246 section 3). */
class TokenPlaceTest {

    private final SigningSetup signing = new SigningSetup();

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
        Checked checked = signing.checked(get(target.replace("=T", "=" + hs256(claims()))));
        assertThat(checked.request().target()).isEqualTo(bare);
        assertThat(checked.result()).isEqualTo(SignatureResult.VALID);
    }

    @Test
    void aCookieIsAPlaceToo() throws JOSEException {
        String token = hs256(claims());
        Checked checked = signing.checked(get("/6Y7B23V/a.m4s", "cookie", "a=b; URISigningPackage=" + token + "; c=d"));
        assertThat(checked.result()).isEqualTo(SignatureResult.VALID);
        assertThat(checked.request().fields().combined("cookie")).isEqualTo("a=b; c=d");
        checked = signing.checked(get("/6Y7B23V/a.m4s", "cookie", "URISigningPackage=" + token));
        assertThat(checked.request().fields().contains("cookie")).isFalse();
    }

    @Test
    void twoTokensAreNone() throws JOSEException {
        String token = hs256(claims());
        Checked checked = signing.checked(get("/6Y7B23V/a?URISigningPackage=" + token + "&URISigningPackage=" + token));
        assertThat(checked.result()).isEqualTo(SignatureResult.AMBIGUOUS);
        assertThat(checked.request().target()).isEqualTo("/6Y7B23V/a");
        String cookies = ("URISigningPackage=" + token + "; ").repeat(4);
        assertThat(signing.check(get("/6Y7B23V/a", "cookie", cookies))).isEqualTo(SignatureResult.VALID);
        assertThat(signing.check(get("/6Y7B23V/a", "cookie", cookies + "kcdn-token=x")))
                .isEqualTo(SignatureResult.AMBIGUOUS);
    }

    /** A playlist's URI keeps its first token, and the renewed one comes as a cookie. */
    @Test
    void aCookieMayStandBesideTheTokenOfAUri() throws JOSEException {
        String good = hs256(claims());
        String other = hs256(claims().claim("cdniuc", "regex:.*/other/.*"));
        String late = hs256(claims().expirationTime(Date.from(NOW.minusSeconds(1))));
        for (String[] pair : new String[][] {{good, other}, {other, good}, {late, good}, {good, "nonsense"}}) {
            Checked checked = signing.checked(
                    get("/6Y7B23V/a?URISigningPackage=" + pair[0], "cookie", "URISigningPackage=" + pair[1]));
            assertThat(checked.result()).isEqualTo(SignatureResult.VALID);
            assertThat(checked.request().target()).isEqualTo("/6Y7B23V/a");
            assertThat(checked.request().fields().contains("cookie")).isFalse();
        }
        assertThat(signing.check(get("/6Y7B23V/a?URISigningPackage=" + late, "cookie", "URISigningPackage=" + other)))
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
        assertThat(signing.check
                        .check(some, Objects.requireNonNull(some.signing()), get(target), null)
                        .result())
                .isEqualTo(SignatureResult.MISSING);
        assertThat(signing.check
                        .check(some, Objects.requireNonNull(some.signing()), get("/free/a?x=/vod/"), null)
                        .result())
                .isEqualTo(SignatureResult.VALID);
    }
}
