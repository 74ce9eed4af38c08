package com.kingcdn.redirector.query;

/**
 * SipHash, a keyed hash that nobody without the key can aim at (Aumasson and Bernstein, 2012).
 *
 * <p>With 2 and 4 rounds it makes server cookies (RFC 9018 section 4.4); with 1 and 3 rounds it spreads keys over hash tables.
 */
final class SipHash {

    private long v0;
    private long v1;
    private long v2;
    private long v3;

    private SipHash(long key0, long key1) {
        v0 = key0 ^ 0x736f6d6570736575L;
        v1 = key1 ^ 0x646f72616e646f6dL;
        v2 = key0 ^ 0x6c7967656e657261L;
        v3 = key1 ^ 0x7465646279746573L;
    }

    /** SipHash-2-4 of the first {@code length} bytes of the input. */
    static long hash24(long key0, long key1, byte[] input, int length) {
        SipHash hash = new SipHash(key0, key1);
        int whole = length & ~7;
        for (int i = 0; i < whole; i += 8) {
            hash.compress(littleEndian(input, i, 8), 2);
        }
        hash.compress(littleEndian(input, whole, length - whole) | (long) length << 56, 2);
        return hash.finish(4);
    }

    /** SipHash-1-3 of one number. */
    static long hash13(long key0, long key1, long input) {
        SipHash hash = new SipHash(key0, key1);
        hash.compress(input, 1);
        hash.compress(8L << 56, 1);
        return hash.finish(3);
    }

    /** Up to eight bytes as a number, the first one lowest. */
    static long littleEndian(byte[] bytes, int offset, int count) {
        long word = 0;
        for (int i = 0; i < count; i++) {
            word |= (bytes[offset + i] & 0xffL) << (8 * i);
        }
        return word;
    }

    private void compress(long word, int rounds) {
        v3 ^= word;
        rounds(rounds);
        v0 ^= word;
    }

    private long finish(int rounds) {
        v2 ^= 0xff;
        rounds(rounds);
        return v0 ^ v1 ^ v2 ^ v3;
    }

    private void rounds(int count) {
        for (int i = 0; i < count; i++) {
            v0 += v1;
            v1 = Long.rotateLeft(v1, 13) ^ v0;
            v0 = Long.rotateLeft(v0, 32);
            v2 += v3;
            v3 = Long.rotateLeft(v3, 16) ^ v2;
            v0 += v3;
            v3 = Long.rotateLeft(v3, 21) ^ v0;
            v2 += v1;
            v1 = Long.rotateLeft(v1, 17) ^ v2;
            v2 = Long.rotateLeft(v2, 32);
        }
    }
}
