package com.kingcdn.redirector.registry;

import java.nio.file.Path;

/**
 * A secret shared with another name server, with which messages are signed (TSIG, RFC 8945).
 *
 * @param name a domain name in lower case, without a final dot; both sides call the key the same
 * @param algorithm such as {@code hmac-sha256}
 * @param file where the secret stands
 * @param secret Base64; never shown
 */
public record KeySource(String name, String algorithm, Path file, String secret) {

    @Override
    public String toString() {
        return "key '" + name + "' of " + file;
    }
}
