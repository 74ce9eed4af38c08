package com.kingcdn.redirector.registry;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A key as the configuration file writes it: the secret itself stands in a file of its own.
 *
 * @param file holds the secret in Base64, or what {@code tsig-keygen} or {@code keymgr -t} print
 */
record KeyEntry(
        @JsonProperty(required = true) String name,
        @Nullable String algorithm,
        @JsonProperty(required = true) String file) {

    private static final List<String> ALGORITHMS =
            List.of("hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512", "hmac-sha1", "hmac-md5");
    private static final Pattern SECRET = Pattern.compile("\\bsecret:?\\s+\"?([A-Za-z0-9+/=]+)");
    private static final Pattern ALGORITHM = Pattern.compile("\\balgorithm:?\\s+\"?([A-Za-z0-9.-]+)");
    private static final String DEFAULT_ALGORITHM = "hmac-sha256";
    private static final Pattern NAME = Pattern.compile("[a-z0-9_-]{1,63}(\\.[a-z0-9_-]{1,63})*");
    private static final int LEAST_BYTES = 16;

    /** @throws ConflictException when there is no usable secret; the message never shows it */
    KeySource read(Path directory, String pointer) {
        String key = ZoneEntry.name(name);
        if (!NAME.matcher(key).matches() || key.length() > 250) {
            throw new ConflictException(pointer + "/name", "'" + name + "' is no name of a key");
        }
        Path path = directory.resolve(file);
        String text;
        try {
            text = Files.readString(path).strip();
        } catch (IOException e) {
            throw new ConflictException(pointer + "/file", "key file " + path + " cannot be read: " + e);
        }
        String hash = algorithm(text, path, pointer);
        Matcher written = SECRET.matcher(text);
        String secret = written.find() ? written.group(1) : text;
        try {
            if (Base64.getDecoder().decode(secret).length >= LEAST_BYTES) {
                return new KeySource(key, hash, path, secret);
            }
        } catch (IllegalArgumentException e) {
            throw new ConflictException(pointer + "/file", "key file " + path + " holds no secret in Base64");
        }
        throw new ConflictException(
                pointer + "/file", "the secret in " + path + " has fewer than " + LEAST_BYTES + " bytes");
    }

    /** That of the key file goes for both sides, so the configuration may leave it out, but not contradict it. */
    private String algorithm(String text, Path path, String pointer) {
        Matcher written = ALGORITHM.matcher(text);
        @Nullable String ofFile = written.find() ? written.group(1).toLowerCase(Locale.ROOT) : null;
        @Nullable String own = algorithm == null ? null : algorithm.toLowerCase(Locale.ROOT);
        if (ofFile != null && own != null && !ofFile.equals(own)) {
            throw new ConflictException(
                    pointer + "/algorithm",
                    "the configuration says " + own + ", but key file " + path + " says " + ofFile
                            + "; leave it out here, or correct one of them");
        }
        @Nullable String said = own == null ? ofFile : own;
        if (said == null) {
            return DEFAULT_ALGORITHM;
        }
        if (!ALGORITHMS.contains(said)) {
            throw new ConflictException(
                    pointer + (own == null ? "/file" : "/algorithm"),
                    "algorithm '" + said + "'" + (own == null ? " of key file " + path : "") + " is none of "
                            + String.join(", ", ALGORITHMS));
        }
        return said;
    }
}
