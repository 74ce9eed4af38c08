package com.kingcdn.redirector.registry;

import java.security.SecureRandom;
import java.util.HexFormat;

/** Makes identifiers that no two purges or fills share, also not those of a redirector whose state was lost: 64 random bits as hex. */
final class RandomId {

    private static final SecureRandom RANDOM = new SecureRandom();

    private RandomId() {}

    static String next() {
        return HexFormat.of().toHexDigits(RANDOM.nextLong());
    }
}
