package com.kingcdn.edge.signing;

import com.kingcdn.edge.policy.CacheRequest;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A token for everything below one place: {@code EXPIRES.KID.PLACE.MAC}, where EXPIRES is Unix time in seconds, PLACE the base64url of a
 * host and the beginning of a path ({@code video.example/title/}), and MAC the base64url of HMAC-SHA-256 over all before the last dot.
 *
 * @param expires Unix time in seconds
 * @param host that it is for
 * @param path with which paths begin that it is for
 */
record PrefixToken(long expires, String host, String path) {

    private static final Pattern FORM =
            Pattern.compile("((\\d{1,11})\\.([A-Za-z0-9_-]{1,64})\\.([A-Za-z0-9_-]{1,2048}))\\.([A-Za-z0-9_-]{43})");

    /** Reads a token that was made with one of the secrets. */
    static PrefixToken verify(String text, KeySet keys) throws RefusedTokenException {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new RefusedTokenException(SignatureResult.MALFORMED);
        }
        byte[] secret = keys.secret(form.group(3));
        if (secret == null) {
            throw new RefusedTokenException(SignatureResult.UNKNOWN_KEY);
        }
        try {
            byte[] sent = Base64.getUrlDecoder().decode(form.group(5));
            if (!MessageDigest.isEqual(mac(form.group(1), secret), sent)) {
                throw new RefusedTokenException(SignatureResult.BAD_SIGNATURE);
            }
            String place = new String(Base64.getUrlDecoder().decode(form.group(4)), StandardCharsets.UTF_8);
            int slash = place.indexOf('/');
            if (slash < 1) {
                throw new RefusedTokenException(SignatureResult.MALFORMED);
            }
            return new PrefixToken(Long.parseLong(form.group(2)), place.substring(0, slash), place.substring(slash));
        } catch (IllegalArgumentException notBase64) {
            throw new RefusedTokenException(SignatureResult.MALFORMED);
        }
    }

    private static byte[] mac(String text, byte[] secret) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.US_ASCII));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JVM has HmacSHA256", e);
        }
    }

    /** Whether the request is what the token is for; a path that does not end in a slash may end in the middle of a segment. */
    SignatureResult check(CacheRequest request, long nowMillis) {
        if (expires <= nowMillis / 1000) {
            return SignatureResult.EXPIRED;
        }
        return host.equals(request.host()) && request.target().startsWith(path)
                ? SignatureResult.VALID
                : SignatureResult.WRONG_URI;
    }
}
