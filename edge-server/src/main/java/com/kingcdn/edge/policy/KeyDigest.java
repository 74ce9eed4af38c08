package com.kingcdn.edge.policy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * 64 bits of SHA-256 over the parts of a key: what it is found by on disk, since who asks for URLs chooses them, and many with the same hash would be
 * read for each other. Part of the disk format.
 */
final class KeyDigest {

    private static final ThreadLocal<MessageDigest> DIGESTS = ThreadLocal.withInitial(KeyDigest::digest);

    private KeyDigest() {}

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    static long of(CacheKey key) {
        MessageDigest digest = DIGESTS.get();
        String host = key.host();
        add(digest, key.distribution());
        // two octets that no string in UTF-8 has keep the parts apart
        digest.update((byte) (host == null ? 0xFF : 0xFE));
        add(digest, host == null ? "" : host);
        digest.update((byte) 0xFF);
        add(digest, key.target());
        return ByteBuffer.wrap(digest.digest()).getLong();
    }

    private static void add(MessageDigest digest, String text) {
        digest.update(text.getBytes(StandardCharsets.UTF_8));
    }
}
