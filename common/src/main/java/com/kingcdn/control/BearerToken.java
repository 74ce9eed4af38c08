package com.kingcdn.control;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * A secret that its holder shows as {@code Authorization: Bearer TOKEN} (RFC 6750 section 2.1). Never printed.
 *
 * <p>While one takes the place of another there are two: the first is shown, both are accepted.
 */
public final class BearerToken {

    /** The fewest characters a token may have: 16 of base64 are 96 bits, too many to guess. */
    public static final int MIN_LENGTH = 16;

    private static final int MAX_LENGTH = 4096;
    private static final String SCHEME = "Bearer";

    /** RFC 6750 section 2.1, {@code b64token}: what can stand in a header field as it is. */
    private static final Pattern B64_TOKEN = Pattern.compile("[A-Za-z0-9._~+/-]+=*");

    /** One, and one that takes its place. */
    private static final int MOST = 2;

    private final List<String> tokens;
    private final List<byte[]> digests;

    private BearerToken(List<String> tokens) {
        this.tokens = List.copyOf(tokens);
        this.digests = tokens.stream().map(BearerToken::sha256).toList();
    }

    /**
     * Reads the token from a file, or two, one a line; white space around them does not count.
     *
     * @throws IllegalArgumentException when the file cannot be read or holds no usable token; the message says which and never the
     *     file's content
     */
    public static BearerToken read(Path file) {
        String text;
        try {
            if (Files.size(file) > MAX_LENGTH) {
                throw new IllegalArgumentException("token file " + file + " is larger than " + MAX_LENGTH
                        + " bytes: it must hold a token, or two");
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
     * A token from its text, or two, one a line; white space around them does not count.
     *
     * @throws IllegalArgumentException when there are more, or one is shorter than {@link #MIN_LENGTH} or has characters a header cannot carry
     */
    public static BearerToken of(String text) {
        List<String> tokens = text.strip().lines().map(String::strip).toList();
        if (tokens.size() > MOST) {
            throw new IllegalArgumentException("there are " + tokens.size()
                    + " lines: the first has the token, and a second one may have another that is accepted too");
        }
        (tokens.isEmpty() ? List.of("") : tokens).forEach(BearerToken::check);
        return new BearerToken(tokens);
    }

    private static void check(String token) {
        if (token.length() < MIN_LENGTH) {
            throw new IllegalArgumentException("the token has " + token.length() + " characters, fewer than "
                    + MIN_LENGTH + "; make one with: openssl rand -hex 32");
        }
        if (!B64_TOKEN.matcher(token).matches()) {
            throw new IllegalArgumentException("the token has characters other than letters, digits and ._~+/-");
        }
    }

    /**
     * Whether this is the field value that shows this token, or the other one. The time it takes tells nothing about them.
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
        byte[] shown = sha256(authorizationHeader.substring(SCHEME.length()).strip());
        boolean matches = false;
        for (byte[] digest : digests) {
            matches |= MessageDigest.isEqual(shown, digest);
        }
        return matches;
    }

    /** The {@code Authorization} field value that shows this token; for the one who asks, never for a log. */
    public String authorizationHeader() {
        return SCHEME + " " + tokens.get(0);
    }

    /**
     * Keys for another purpose that all holders of the token share and that tell nothing of it: one to use, and of two tokens one more to
     * accept.
     *
     * @param purpose what the keys are for: another purpose has others
     */
    public List<byte[]> derive(String purpose) {
        return tokens.stream().map(token -> derive(token, purpose)).toList();
    }

    private static byte[] derive(String token, String purpose) {
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
