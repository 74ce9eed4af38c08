package com.kingcdn.edge.store;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Octets that are put together, numbers with the highest octet first; they grow as needed. */
final class OctetWriter {

    private byte[] octets;
    private int end;

    /**
     * None yet.
     *
     * @param expected how many there will be, about
     */
    OctetWriter(int expected) {
        this.octets = new byte[expected];
    }

    /** Those put so far. */
    byte[] octets() {
        return Arrays.copyOf(octets, end);
    }

    void put(int octet) {
        room(1);
        octets[end++] = (byte) octet;
    }

    void putShort(int value) {
        room(Short.BYTES);
        octets[end++] = (byte) (value >>> 8);
        octets[end++] = (byte) value;
    }

    void putInt(int value) {
        putShort(value >>> 16);
        putShort(value);
    }

    void putLong(long value) {
        putInt((int) (value >>> 32));
        putInt((int) value);
    }

    /** A count in two octets, and each text. */
    void putTexts(List<String> texts) {
        putShort(texts.size());
        for (int i = 0; i < texts.size(); i++) {
            putText(texts.get(i));
        }
    }

    /** A length in four octets, and the text in UTF-8. */
    void putText(String text) {
        int length = text.length();
        room(Integer.BYTES + length);
        int start = end + Integer.BYTES;
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                putCoded(text);
                return;
            }
            octets[start + i] = (byte) c;
        }
        putInt(length);
        end += length;
    }

    private void putCoded(String text) {
        byte[] coded = text.getBytes(StandardCharsets.UTF_8);
        putInt(coded.length);
        room(coded.length);
        System.arraycopy(coded, 0, octets, end, coded.length);
        end += coded.length;
    }

    private void room(int more) {
        if (end + more > octets.length) {
            octets = Arrays.copyOf(octets, Math.max(end + more, 2 * octets.length));
        }
    }
}
