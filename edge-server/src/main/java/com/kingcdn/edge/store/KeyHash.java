package com.kingcdn.edge.store;

import com.kingcdn.edge.policy.CacheKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The hash by which a key is found on disk: 64 bits of SHA-256, since who asks for URLs chooses them, and many with the same hash would be
 * read for each other. Part of the disk format.
 */
final class KeyHash {

    private static final ThreadLocal<MessageDigest> DIGESTS = ThreadLocal.withInitial(KeyHash::digest);

    private KeyHash() {}

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
