package com.kingcdn.origin.ingest;

import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The reading of Content-Digest and Repr-Digest (RFC 9530): dictionaries (RFC 9651 section 3.2) of algorithm and {@code :base64:}.
 * SHA-256 is checked; other algorithms are left alone, as RFC 9530 section 2 lets a recipient do.
 */
final class DigestFields {

    private static final String ALGORITHM = "sha-256";
    private static final int DIGEST_BYTES = 32;

    private DigestFields() {}

    /**
     * The SHA-256 digest that the fields announce, as 64 hexadecimal digits; null when they announce none. Both fields mean the same
     * bytes here, since what is stored has no content coding.
     *
     * @param values of both fields, all lines
     * @throws IllegalArgumentException when one is malformed or they differ
     */
    static @Nullable String sha256(List<String> values) {
        String found = null;
        for (String value : values) {
            for (String member : value.split(",", -1)) {
                String digest = sha256(member.strip());
                if (found != null && digest != null && !Objects.equals(found, digest)) {
                    throw new IllegalArgumentException("the digest fields announce two SHA-256 digests");
                }
                found = digest == null ? found : digest;
            }
        }
        return found;
    }

    private static @Nullable String sha256(String member) {
        int equals = member.indexOf('=');
        if (equals < 0) {
            throw new IllegalArgumentException("a digest field must look like sha-256=:BASE64:");
        }
        if (!member.substring(0, equals).equals(ALGORITHM)) {
            return null;
        }
        String item = member.substring(equals + 1);
        int parameters = item.indexOf(';');
        String sequence = parameters < 0 ? item : item.substring(0, parameters);
        if (sequence.length() < 2 || !sequence.startsWith(":") || !sequence.endsWith(":")) {
            throw new IllegalArgumentException("a digest field must look like sha-256=:BASE64:");
        }
        byte[] digest = decode(sequence.substring(1, sequence.length() - 1));
        if (digest.length != DIGEST_BYTES) {
            throw new IllegalArgumentException("a SHA-256 digest has 32 bytes, not " + digest.length);
        }
        return HexFormat.of().formatHex(digest);
    }

    private static byte[] decode(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("a digest field's value is no base64", e);
        }
    }
}
