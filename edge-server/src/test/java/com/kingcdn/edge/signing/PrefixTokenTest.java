package com.kingcdn.edge.signing;

import static com.kingcdn.edge.signing.SigningSetup.HOST;
import static com.kingcdn.edge.signing.SigningSetup.NOW;
import static com.kingcdn.edge.signing.SigningSetup.SECRET;
import static com.kingcdn.edge.signing.SigningSetup.get;
import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.edge.signing.SignatureCheck.Checked;
import com.kingcdn.http.HeaderFields;
import com.nimbusds.jose.util.Base64URL;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** The token of this CDN that is good for all below a path. */
class PrefixTokenTest {

    private final SigningSetup signing = new SigningSetup();

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
            Checked checked = signing.checked(get("/kcdn-token=" + token + target));
            assertThat(checked.result()).isEqualTo(SignatureResult.VALID);
            assertThat(checked.request().target()).isEqualTo(target);
        }
        assertThat(signing.check(get("/6Y7B23V/1.m4s", "cookie", "kcdn-token=" + token)))
                .isEqualTo(SignatureResult.VALID);
        assertThat(signing.check(get("/6Y7B23W/1.m4s?kcdn-token=" + token))).isEqualTo(SignatureResult.WRONG_URI);
        assertThat(signing.check(new CacheRequest(
                        "GET", "https", "other.example", "/6Y7B23V/1.m4s?kcdn-token=" + token, HeaderFields.EMPTY)))
                .isEqualTo(SignatureResult.WRONG_URI);
        assertThat(signing.check(
                        get("/6Y7B23V/1?kcdn-token=" + prefixToken(expires, "old", HOST + "/6Y7B23V/", SECRET))))
                .isEqualTo(SignatureResult.BAD_SIGNATURE);
        assertThat(signing.check(
                        get("/6Y7B23V/1?kcdn-token=" + prefixToken(expires, "ec", HOST + "/6Y7B23V/", SECRET))))
                .isEqualTo(SignatureResult.UNKNOWN_KEY);
        assertThat(signing.check(get("/6Y7B23V/1?kcdn-token=" + token.replace(expires + ".", (expires + 1) + "."))))
                .isEqualTo(SignatureResult.BAD_SIGNATURE);
        assertThat(signing.check(get("/6Y7B23V/1?kcdn-token=1.2"))).isEqualTo(SignatureResult.MALFORMED);
        signing.now = NOW.plusSeconds(60);
        assertThat(signing.check(get("/6Y7B23V/1?kcdn-token=" + token))).isEqualTo(SignatureResult.EXPIRED);
    }

    /** The line of docs/security.md, with its key. */
    @Test
    void takesWhatOpensslMakes() {
        signing.now = Instant.ofEpochSecond(1_700_000_000);
        Checked checked = signing.checked(
                get(
                        "/6Y7B23V/1.m4s?kcdn-token=1700003600.new.dmlkZW8ubmV0Y2luZW1hLmV4YW1wbGUvNlk3QjIzVi8.ZqE4vjtiUt75_gsJrtBzdxTQn_D_SjqF1SLDbDlpMEY"));
        assertThat(checked.result()).isEqualTo(SignatureResult.VALID);
    }
}
