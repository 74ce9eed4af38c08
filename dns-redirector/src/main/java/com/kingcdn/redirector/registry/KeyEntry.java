package com.kingcdn.redirector.registry;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Locale;
import java.util.Set;
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

    private static final Set<String> ALGORITHMS =
            Set.of("hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512", "hmac-sha1", "hmac-md5");
    private static final Pattern SECRET = Pattern.compile("\\bsecret:?\\s+\"?([A-Za-z0-9+/=]+)");
    private static final Pattern NAME = Pattern.compile("[a-z0-9_-]{1,63}(\\.[a-z0-9_-]{1,63})*");
    private static final int LEAST_BYTES = 16;

    /** @throws ConflictException when there is no usable secret; the message never shows it */
    KeySource read(Path directory, String pointer) {
        String key = ZoneEntry.name(name);
        if (!NAME.matcher(key).matches() || key.length() > 250) {
            throw new ConflictException(pointer + "/name", "'" + name + "' is no name of a key");
        }
        String hash = algorithm == null ? "hmac-sha256" : algorithm.toLowerCase(Locale.ROOT);
        if (!ALGORITHMS.contains(hash)) {
            throw new ConflictException(
                    pointer + "/algorithm", "'" + algorithm + "' is none of " + String.join(", ", ALGORITHMS));
        }
        Path path = directory.resolve(file);
        String text;
        try {
            text = Files.readString(path).strip();
        } catch (IOException e) {
            throw new ConflictException(pointer + "/file", "key file " + path + " cannot be read: " + e);
        }
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
}
