package com.kingcdn.topology;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which of a distribution's paths need a token, and the keys it is checked with: URI Signing (RFC 9246), or a prefix token.
 *
 * @param keys a JSON Web Key Set's; to change a key, the new one stands beside the old one until the last old token has expired
 * @param paths prefixes of the paths that need a token; all paths when left out
 * @param parameter the name of the URI Signing Package in a URI or a cookie; {@code URISigningPackage} when left out
 * @param audience what a token's {@code aud} must have, if it has one; the distribution's identifier when left out
 * @param nonces how many used nonces ({@code jti}) each edge node remembers, 1 to 1,000,000; tokens with a nonce are refused when left out
 */
public record SigningSettings(
        List<SigningKey> keys,
        List<String> paths,
        String parameter,
        @Nullable String audience,
        @Nullable Integer nonces) {

    private static final Pattern PARAMETER = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    private static final int MOST_NONCES = 1_000_000;

    /** The name of a prefix token in a URI or a cookie. */
    public static final String PREFIX_TOKEN = "kcdn-token";

    /** Fills in what was left out, and validates. */
    public SigningSettings(
            @Nullable List<SigningKey> keys,
            @Nullable List<String> paths,
            @Nullable String parameter,
            @Nullable String audience,
            @Nullable Integer nonces) {
        this.keys = Identifiers.list(keys);
        this.paths = paths == null ? List.of("/") : List.copyOf(paths);
        this.parameter = parameter == null ? "URISigningPackage" : parameter;
        this.audience = audience;
        this.nonces = nonces;
        if (this.keys.stream().allMatch(SigningKey::encrypts)) {
            throw new IllegalArgumentException("signing needs at least one key to check signatures with");
        }
        Identifiers.unique("kid", this.keys.stream().map(SigningKey::kid).toList());
        if (this.paths.isEmpty() || this.paths.stream().anyMatch(path -> !path.startsWith("/"))) {
            throw new IllegalArgumentException("paths of signing begin with a slash, and there is at least one");
        }
        if (!PARAMETER.matcher(this.parameter).matches() || this.parameter.equals(PREFIX_TOKEN)) {
            throw new IllegalArgumentException("parameter '" + parameter
                    + "' must be 1 to 64 letters, digits, '-' and '_', and not " + PREFIX_TOKEN);
        }
        if (nonces != null && (nonces < 1 || nonces > MOST_NONCES)) {
            throw new IllegalArgumentException("nonces of signing must be 1 to 1000000, not " + nonces);
        }
    }
}
