package com.kingcdn.control;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** A secret that its holder shows as {@code Authorization: Bearer TOKEN} (RFC 6750 section 2.1). Never printed. */
public final class BearerToken {

    /** The fewest characters a token may have: 16 of base64 are 96 bits, too many to guess. */
    public static final int MIN_LENGTH = 16;

    private static final int MAX_LENGTH = 4096;
    private static final String SCHEME = "Bearer";

    /** RFC 6750 section 2.1, {@code b64token}: what can stand in a header field as it is. */
    private static final Pattern B64_TOKEN = Pattern.compile("[A-Za-z0-9._~+/-]+=*");

    private final String token;
    private final byte[] digest;

    private BearerToken(String token) {
        this.token = token;
        this.digest = sha256(token);
    }

    /**
     * Reads the token from a file; white space around it does not count.
     *
     * @throws IllegalArgumentException when the file cannot be read or holds no usable token; the message says which and never the
     *     file's content
     */
    public static BearerToken read(Path file) {
        String text;
        try {
            if (Files.size(file) > MAX_LENGTH) {
                throw new IllegalArgumentException(
                        "token file " + file + " is larger than " + MAX_LENGTH + " bytes: it must hold one token");
            }
            text = Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new IllegalArgumentException("token file " + file + " cannot be read: " + e, e);
        }
        try {
            return of(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("token file " + file + ": " + e.getMessage(), e);
        }
    }

    /**
     * A token from its text; white space around it does not count.
     *
     * @throws IllegalArgumentException when it is shorter than {@link #MIN_LENGTH} or has characters a header cannot carry
     */
    public static BearerToken of(String text) {
        String token = text.strip();
        if (token.length() < MIN_LENGTH) {
            throw new IllegalArgumentException("the token has " + token.length() + " characters, fewer than "
                    + MIN_LENGTH + "; make one with: openssl rand -hex 32");
        }
        if (!B64_TOKEN.matcher(token).matches()) {
            throw new IllegalArgumentException("the token has characters other than letters, digits and ._~+/-");
        }
        return new BearerToken(token);
    }

    /**
     * Whether this is the field value that shows this token. The time it takes tells nothing about the token.
     *
     * @param authorizationHeader value of the {@code Authorization} field, or null when there is none
     */
    public boolean matches(@Nullable String authorizationHeader) {
        if (authorizationHeader == null
                || authorizationHeader.length() <= SCHEME.length()
                || authorizationHeader.length() > MAX_LENGTH + 2 * SCHEME.length()
                || authorizationHeader.charAt(SCHEME.length()) != ' '
                || !authorizationHeader.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return false;
        }
        // both sides hashed: not even the length of the secret shows
        return MessageDigest.isEqual(
                sha256(authorizationHeader.substring(SCHEME.length()).strip()), digest);
    }

    /** The {@code Authorization} field value that shows this token; for the one who asks, never for a log. */
    public String authorizationHeader() {
        return SCHEME + " " + token;
    }

    /**
     * A key for another purpose that all holders of the token share and that tells nothing of it.
     *
     * @param purpose what the key is for: another purpose has another key
     */
    public byte[] derive(String purpose) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(token.getBytes(StandardCharsets.US_ASCII), "HmacSHA256"));
            return mac.doFinal(purpose.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("every Java platform has HmacSHA256", e);
        }
    }

    @Override
    public String toString() {
        return "BearerToken[hidden]";
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
