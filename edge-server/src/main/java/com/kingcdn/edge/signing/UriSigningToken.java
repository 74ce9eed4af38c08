package com.kingcdn.edge.signing;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import com.kingcdn.topology.IpPrefix;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.DirectDecrypter;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.text.ParseException;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A JWT of URI Signing (RFC 9246 section 2) whose signature has been checked: what it demands of a request.
 *
 * <p>Claims that this edge cannot hold are an error where the token calls them critical ({@code cdnicrit}), and where leaving them out
 * would let more through, such as a client address that cannot be read.
 */
final class UriSigningToken {

    private static final Set<String> KNOWN = Set.of(
            "iss",
            "sub",
            "aud",
            "exp",
            "nbf",
            "iat",
            "jti",
            "cdniv",
            "cdnicrit",
            "cdniip",
            "cdniuc",
            "cdniets",
            "cdnistt",
            "cdnistd");

    private static final int LONGEST_NONCE = 128;
    private static final String REGEX = "regex:";
    private static final String HASH = "hash:sha-256;";

    private final long expiresMillis;
    private final long notBeforeMillis;
    private final List<String> audience;
    private final @Nullable IpPrefix client;
    private final @Nullable Pattern uris;
    private final byte @Nullable [] uriHash;
    private final @Nullable String nonce;
    private final @Nullable TokenRenewal renewal;

    private UriSigningToken(JWTClaimsSet claims, @Nullable IpPrefix client, @Nullable TokenRenewal renewal)
            throws ParseException, RefusedTokenException {
        this.expiresMillis = millis(claims.getExpirationTime(), Long.MAX_VALUE);
        this.notBeforeMillis = millis(claims.getNotBeforeTime(), Long.MIN_VALUE);
        this.audience = claims.getAudience();
        this.client = client;
        this.nonce = nonce(claims);
        this.renewal = renewal;
        String container = claims.getStringClaim("cdniuc");
        if (container == null) {
            throw new RefusedTokenException(SignatureResult.MALFORMED);
        }
        if (container.startsWith(REGEX)) {
            this.uris = regex(container.substring(REGEX.length()));
            this.uriHash = null;
        } else if (container.startsWith(HASH)) {
            this.uris = null;
            this.uriHash = Base64.getUrlDecoder().decode(container.substring(HASH.length()));
        } else {
            throw new RefusedTokenException(SignatureResult.UNSUPPORTED);
        }
    }

    /** One that cannot be forgotten some day, or is longer than anybody needs, cannot be remembered either. */
    private static @Nullable String nonce(JWTClaimsSet claims) throws RefusedTokenException {
        String nonce = claims.getJWTID();
        if (nonce != null && (nonce.length() > LONGEST_NONCE || claims.getExpirationTime() == null)) {
            throw new RefusedTokenException(SignatureResult.UNSUPPORTED);
        }
        return nonce;
    }

    private static long millis(@Nullable Date claim, long absent) {
        return claim == null ? absent : claim.toInstant().toEpochMilli();
    }

    /** In time linear in the URI's length, whatever the expression. */
    private static Pattern regex(String expression) throws RefusedTokenException {
        try {
            return Pattern.compile(expression);
        } catch (PatternSyntaxException e) {
            throw new RefusedTokenException(SignatureResult.MALFORMED);
        }
    }

    /** Reads a token that one of the keys has signed. */
    static UriSigningToken verify(String text, KeySet keys) throws RefusedTokenException {
        try {
            SignedJWT token = SignedJWT.parse(text);
            List<JWSVerifier> candidates = keys.candidates(token.getHeader());
            if (candidates.isEmpty()) {
                throw new RefusedTokenException(SignatureResult.UNKNOWN_KEY);
            }
            for (JWSVerifier candidate : candidates) {
                if (token.verify(candidate)) {
                    return read(token.getJWTClaimsSet(), token.getHeader().getKeyID(), keys);
                }
            }
            throw new RefusedTokenException(SignatureResult.BAD_SIGNATURE);
        } catch (ParseException | IllegalArgumentException e) {
            throw new RefusedTokenException(SignatureResult.MALFORMED);
        } catch (JOSEException e) {
            throw new RefusedTokenException(SignatureResult.BAD_SIGNATURE);
        }
    }

    private static UriSigningToken read(JWTClaimsSet claims, @Nullable String kid, KeySet keys)
            throws ParseException, RefusedTokenException {
        Integer version = claims.getIntegerClaim("cdniv");
        if ((version != null && version != 1) || !KNOWN.containsAll(critical(claims))) {
            throw new RefusedTokenException(SignatureResult.UNSUPPORTED);
        }
        String address = claims.getStringClaim("cdniip");
        return new UriSigningToken(
                claims, address == null ? null : client(address, keys), TokenRenewal.of(claims, keys.renewing(kid)));
    }

    /** Section 2.1.9: names with commas between; some issuers send an array. */
    private static List<String> critical(JWTClaimsSet claims) throws ParseException, RefusedTokenException {
        Object value = claims.getClaim("cdnicrit");
        List<String> names = value instanceof String text
                ? Stream.of(text.split(",", -1)).map(String::strip).toList()
                : claims.getStringListClaim("cdnicrit");
        if (names == null) {
            return List.of();
        }
        if (names.isEmpty() || names.contains("")) {
            throw new RefusedTokenException(SignatureResult.MALFORMED);
        }
        return names;
    }

    /** Section 2.1.10: an address or prefix, always encrypted, since it says who somebody is. */
    private static IpPrefix client(String encrypted, KeySet keys) throws ParseException, RefusedTokenException {
        try {
            JWEObject object = JWEObject.parse(encrypted);
            byte[] secret = keys.encryption(object.getHeader().getKeyID());
            if (secret == null) {
                throw new RefusedTokenException(SignatureResult.UNKNOWN_KEY);
            }
            object.decrypt(new DirectDecrypter(secret));
            String prefix = object.getPayload().toString();
            return IpPrefix.parse(prefix.contains("/") ? prefix : prefix + (prefix.contains(":") ? "/128" : "/32"));
        } catch (JOSEException e) {
            throw new RefusedTokenException(SignatureResult.UNSUPPORTED);
        }
    }

    /**
     * Whether the request is what the token is for.
     *
     * @param uri the whole URI, without the token
     */
    SignatureResult check(String uri, String wantedAudience, @Nullable InetAddress from, long nowMillis) {
        if (expiresMillis <= nowMillis) {
            return SignatureResult.EXPIRED;
        }
        if (notBeforeMillis > nowMillis) {
            return SignatureResult.NOT_YET_VALID;
        }
        if (!audience.isEmpty() && !audience.contains(wantedAudience)) {
            return SignatureResult.WRONG_AUDIENCE;
        }
        if (client != null && (from == null || !client.contains(from.getAddress()))) {
            return SignatureResult.WRONG_CLIENT;
        }
        return isFor(uri) ? SignatureResult.VALID : SignatureResult.WRONG_URI;
    }

    /** What makes it good for one request only, or null. */
    @Nullable
    String nonce() {
        return nonce;
    }

    /** When it expires, in milliseconds since 1970. */
    long expiresMillis() {
        return expiresMillis;
    }

    /** How it is renewed, or null when it is not. */
    @Nullable
    TokenRenewal renewal() {
        return renewal;
    }

    private boolean isFor(String uri) {
        if (uris != null) {
            return uris.matches(uri);
        }
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(uri.getBytes(StandardCharsets.UTF_8));
            return MessageDigest.isEqual(hash, uriHash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
