package com.kingcdn.edge.signing;

import com.kingcdn.edge.policy.CacheRequest;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.text.ParseException;
import java.time.Instant;
import java.util.Date;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How the client of a good token gets the next one (RFC 9246 sections 2.1.12 to 2.1.14): a cookie with each response, with the same claims
 * and a later expiry. Only shared secrets can sign it: of pairs an edge has the public half.
 */
final class TokenRenewal {

    private static final long LONGEST_SECONDS = TimeUnit.DAYS.toSeconds(366);

    /** RFC 6265 section 4.1.1: what may stand in a Path attribute. */
    private static final String NOT_IN_PATHS = ";,\"\\";

    private final JWTClaimsSet claims;
    private final KeySet.Secret secret;
    private final long seconds;
    private final int depth;

    private TokenRenewal(JWTClaimsSet claims, KeySet.Secret secret, long seconds, int depth) {
        this.claims = claims;
        this.secret = secret;
        this.seconds = seconds;
        this.depth = depth;
    }

    /** What the claims ask for: null when that is no renewal. */
    static @Nullable TokenRenewal of(JWTClaimsSet claims, KeySet.@Nullable Secret secret)
            throws ParseException, RefusedTokenException {
        Integer transport = claims.getIntegerClaim("cdnistt");
        Integer segments = claims.getIntegerClaim("cdnistd");
        Long later = claims.getLongClaim("cdniets");
        if (transport == null || transport == 0) {
            return null;
        }
        if (transport != 1 || secret == null) {
            throw new RefusedTokenException(SignatureResult.UNSUPPORTED);
        }
        int depth = segments == null ? 0 : segments;
        if (later == null || later < 1 || later > LONGEST_SECONDS || depth < 0) {
            throw new RefusedTokenException(SignatureResult.MALFORMED);
        }
        return new TokenRenewal(claims, secret, later, depth);
    }

    /**
     * The value of a Set-Cookie field with the next token.
     *
     * @param name of the cookie
     * @param request that the token was good for
     */
    String cookie(String name, CacheRequest request, long nowMillis) {
        String cookie = name + "=" + token(nowMillis) + "; Path=" + path(request.target()) + "; Max-Age=" + seconds
                + "; HttpOnly";
        // players stand on other sites than what they play
        return request.scheme().equals("https") ? cookie + "; Secure; SameSite=None" : cookie;
    }

    private String token(long nowMillis) {
        Instant now = Instant.ofEpochMilli(nowMillis);
        JWTClaimsSet.Builder next =
                new JWTClaimsSet.Builder(claims).expirationTime(Date.from(now.plusSeconds(seconds)));
        if (claims.getIssueTime() != null) {
            next.issueTime(Date.from(now));
        }
        if (claims.getJWTID() != null) {
            next.jwtID(UUID.randomUUID().toString());
        }
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.HS256).keyID(secret.kid()).build(), next.build());
        try {
            token.sign(new MACSigner(secret.octets()));
        } catch (JOSEException e) {
            throw new IllegalStateException("signing key '" + secret.kid() + "' signs nothing", e);
        }
        return token.serialize();
    }

    /** The first segments of the target's path, as far as a cookie can have them. */
    private String path(String target) {
        int end = 0;
        for (int segment = 0; segment < depth; segment++) {
            int at = end + 1;
            while (at < target.length() && target.charAt(at) != '/' && isInPaths(target.charAt(at))) {
                at++;
            }
            boolean whole = at >= target.length() || target.charAt(at) == '/' || target.charAt(at) == '?';
            if (!whole || at == end + 1) {
                break;
            }
            end = at;
            if (at >= target.length() || target.charAt(at) == '?') {
                break;
            }
        }
        return end == 0 ? "/" : target.substring(0, end);
    }

    private static boolean isInPaths(char c) {
        return c > ' ' && c < 0x7f && c != '?' && NOT_IN_PATHS.indexOf(c) < 0;
    }
}
