package com.kingcdn.edge.upstream;

import com.kingcdn.control.BearerToken;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The proof that a request comes from an edge of the same CDN: the field {@code KingCDN-Peer}, whose claims are authenticated together
 * with the request's method, host and target by a key that only edges can derive. The edges' token itself never leaves a node, since
 * edges may talk in cleartext; what is overheard is of use for that one request and a minute.
 */
public final class PeerSeal {

    /** The field's name, in lower case. */
    public static final String FIELD = "kingcdn-peer";

    /** How far the clocks of two edges may be apart. */
    static final long SKEW_SECONDS = 60;

    private static final String ALGORITHM = "HmacSHA256";
    private static final Pattern SEALED = Pattern.compile(
            "([a-z0-9-]{1,63}; as=(sibling|parent); sequence=([0-9]{1,18}); scheme=(https?); at=([0-9]{1,12})); mac=:([A-Za-z0-9+/=]{44}):");

    /** The first seals, all open: there are two while the token is replaced. */
    private final List<SecretKeySpec> keys;

    /** For the edges that hold this token. */
    public PeerSeal(BearerToken edgeToken) {
        this.keys = edgeToken.derive("kingcdn-peer").stream()
                .map(key -> new SecretKeySpec(key, ALGORITHM))
                .toList();
    }

    /** The field's value for a request. */
    String seal(Peer peer, String method, String authority, String target, long nowSeconds) {
        String claims = peer.node() + "; as=" + peer.relation().label() + "; sequence=" + peer.sequence() + "; scheme="
                + peer.scheme() + "; at=" + nowSeconds;
        return claims + "; mac=:"
                + Base64.getEncoder().encodeToString(mac(keys.get(0), claims, method, authority, target)) + ":";
    }

    /**
     * Who a request comes from.
     *
     * @param value of the field
     * @return null when the value proves nothing
     */
    public @Nullable Peer open(String value, String method, String authority, String target, long nowSeconds) {
        Matcher sealed = SEALED.matcher(value);
        if (!sealed.matches() || Math.abs(Long.parseLong(sealed.group(5)) - nowSeconds) > SKEW_SECONDS) {
            return null;
        }
        byte[] shown;
        try {
            shown = Base64.getDecoder().decode(sealed.group(6));
        } catch (IllegalArgumentException e) {
            return null;
        }
        String claims = sealed.group(1);
        if (keys.stream().noneMatch(key -> MessageDigest.isEqual(mac(key, claims, method, authority, target), shown))) {
            return null;
        }
        return new Peer(
                claims.substring(0, claims.indexOf(';')),
                sealed.group(2).equals("sibling") ? Tier.SIBLING : Tier.PARENT,
                Long.parseLong(sealed.group(3)),
                sealed.group(4));
    }

    private static byte[] mac(SecretKeySpec key, String claims, String method, String authority, String target) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            // none of the parts can hold a line feed
            String sealed = claims + '\n' + method + '\n' + authority.toLowerCase(Locale.ROOT) + '\n' + target;
            return mac.doFinal(sealed.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
        }
    }
}
