package com.kingcdn.topology;

import java.math.BigInteger;
import java.util.Base64;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One JSON Web Key (RFC 7517) that tokens are checked with: a shared secret, or the public half of a pair. Never the private half.
 *
 * @param kid names the key in tokens; 1 to 64 letters, digits, {@code -} and {@code _}
 * @param kty {@code oct} (HS256 and prefix tokens), {@code EC} on P-256 (ES256) or {@code RSA} (RS256)
 * @param alg follows from kty and may be left out
 * @param use {@code sig}, also when left out; {@code enc} for the secret that client addresses in tokens are encrypted with
 * @param k of oct: 32 to 512 octets in base64url; for {@code enc} exactly 32
 * @param crv of EC: {@code P-256}
 * @param x of EC
 * @param y of EC
 * @param n of RSA: at least 2048 bits
 * @param e of RSA
 */
public record SigningKey(
        String kid,
        String kty,
        @Nullable String alg,
        @Nullable String use,
        @Nullable String k,
        @Nullable String crv,
        @Nullable String x,
        @Nullable String y,
        @Nullable String n,
        @Nullable String e) {

    private static final Pattern KID = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final int SECRET_OCTETS = 32;
    private static final int LONGEST_SECRET = 512;
    private static final int COORDINATE_OCTETS = 32;
    private static final int MODULUS_BITS = 2048;

    public SigningKey {
        if (kid == null || !KID.matcher(kid).matches()) {
            throw new IllegalArgumentException("kid must be 1 to 64 letters, digits, '-' and '_'");
        }
        if (use != null && !use.equals("sig") && !use.equals("enc")) {
            throw new IllegalArgumentException("use of key '" + kid + "' must be sig or enc");
        }
        String algorithm =
                switch (kty == null ? "" : kty) {
                    case "oct" -> "HS256";
                    case "EC" -> "ES256";
                    case "RSA" -> "RS256";
                    default -> throw new IllegalArgumentException("kty of key '" + kid + "' must be oct, EC or RSA");
                };
        boolean encrypts = "enc".equals(use);
        if (encrypts && !"oct".equals(kty)) {
            throw new IllegalArgumentException("key '" + kid + "' with use enc must be oct");
        }
        if (alg != null && !alg.equals(encrypts ? "dir" : algorithm)) {
            throw new IllegalArgumentException(
                    "alg of key '" + kid + "' must be " + (encrypts ? "dir" : algorithm) + " or left out");
        }
        boolean fits =
                switch (algorithm) {
                    case "HS256" -> isSecret(k, encrypts) && none(crv, x, y, n, e);
                    case "ES256" ->
                        "P-256".equals(crv)
                                && octets(x) == COORDINATE_OCTETS
                                && octets(y) == COORDINATE_OCTETS
                                && none(k, n, e);
                    default -> bits(n) >= MODULUS_BITS && octets(e) > 0 && none(k, crv, x, y);
                };
        if (!fits) {
            throw new IllegalArgumentException("key '" + kid + "' needs exactly "
                    + switch (algorithm) {
                        case "HS256" -> encrypts ? "k, 32 octets in base64url" : "k, 32 to 512 octets in base64url";
                        case "ES256" -> "crv P-256, x and y";
                        default -> "n, of at least 2048 bits, and e";
                    });
        }
    }

    /** Whether client addresses are encrypted with it, and nothing signed. */
    public boolean encrypts() {
        return "enc".equals(use);
    }

    private static boolean isSecret(@Nullable String k, boolean encrypts) {
        int octets = octets(k);
        return encrypts ? octets == SECRET_OCTETS : octets >= SECRET_OCTETS && octets <= LONGEST_SECRET;
    }

    private static boolean none(@Nullable String... values) {
        for (String value : values) {
            if (value != null) {
                return false;
            }
        }
        return true;
    }

    private static byte @Nullable [] decode(@Nullable String text) {
        try {
            return text == null ? null : Base64.getUrlDecoder().decode(text);
        } catch (IllegalArgumentException notBase64) {
            return null;
        }
    }

    private static int octets(@Nullable String text) {
        byte[] decoded = decode(text);
        return decoded == null ? -1 : decoded.length;
    }

    private static int bits(@Nullable String text) {
        byte[] decoded = decode(text);
        return decoded == null ? -1 : new BigInteger(1, decoded).bitLength();
    }

    /** Never the secret. */
    @Override
    public String toString() {
        return "SigningKey[kid=" + kid + ", kty=" + kty + "]";
    }
}
