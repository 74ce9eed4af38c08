package com.kingcdn.edge.upstream;

import static com.kingcdn.edge.upstream.ResponseReader.check;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The present line of a response's head or of its chunks, put together of what comes of it. What cannot be read in exactly one way is an
 * {@link UpstreamException} of kind PROTOCOL.
 */
final class ResponseLine {

    /** Lower-case forms of the octets that a field's name may have; 0 for all others. */
    private static final byte[] NAME_OCTETS = nameOctets();

    private byte[] octets = new byte[512];
    private int length;
    private boolean whole = true;
    private int nameLength;

    /** Forgets what has come. */
    void begin() {
        whole = true;
    }

    /** Octets in it, without its end. */
    int length() {
        return length;
    }

    boolean isEmpty() {
        return length == 0;
    }

    /**
     * Reads on up to the end of the line, or begins the next.
     *
     * @param most octets that it may have, with its end
     * @return whether the end has come
     */
    boolean read(ByteBuf in, int most) {
        if (whole) {
            length = 0;
            whole = false;
        }
        int from = in.readerIndex();
        int feed = in.indexOf(from, in.writerIndex(), (byte) '\n');
        int count = (feed < 0 ? in.writerIndex() : feed + 1) - from;
        check(length + count <= most, "a line or section that is too long");
        if (length + count > octets.length) {
            octets = Arrays.copyOf(octets, Math.max(length + count, 2 * octets.length));
        }
        in.readBytes(octets, length, count);
        length += count;
        if (feed < 0) {
            check(length < most, "a line or section that is too long");
            return false;
        }
        check(length >= 2 && octets[length - 2] == '\r', "a line without CR LF");
        length -= 2;
        whole = true;
        return true;
    }

    /** The code of a status line (RFC 9112 section 4); the reason may be missing. */
    int status() {
        boolean http = length >= 12
                && octets[0] == 'H'
                && octets[1] == 'T'
                && octets[2] == 'T'
                && octets[3] == 'P'
                && octets[4] == '/'
                && octets[5] == '1'
                && octets[6] == '.'
                && isDigit(octets[7])
                && octets[8] == ' '
                && isDigit(octets[9])
                && isDigit(octets[10])
                && isDigit(octets[11])
                && (length == 12 || octets[12] == ' ');
        check(http, "a status line that is none");
        for (int i = 12; i < length; i++) {
            check(isText(octets[i]), "a status line with control characters");
        }
        return (octets[9] - '0') * 100 + (octets[10] - '0') * 10 + octets[11] - '0';
    }

    /** Whether a status line is of HTTP/1.1, or a later 1.x. */
    boolean isOfModernVersion() {
        return octets[7] != '0';
    }

    /** Whether it goes on with the field line before it, as it was allowed once (RFC 9112 section 5.2). */
    boolean isContinuation() {
        return octets[0] == ' ' || octets[0] == '\t';
    }

    /** Finds the name of a field line (RFC 9112 section 5). @return the index of the colon behind it */
    int takeName() {
        int end = 0;
        while (end < length && NAME_OCTETS[octets[end] & 0xff] != 0) {
            octets[end] = NAME_OCTETS[octets[end] & 0xff];
            end++;
        }
        int colon = end;
        // a proxy takes such white space away (section 5.1)
        while (colon < length && isSpace(octets[colon])) {
            colon++;
        }
        check(end > 0 && colon < length && octets[colon] == ':', "a field line that is none");
        nameLength = end;
        return colon;
    }

    /** The name found last, in lower case. */
    String name() {
        return new String(octets, 0, nameLength, StandardCharsets.ISO_8859_1);
    }

    /** What stands from there on, without white space around it. */
    String text(int from) {
        int start = from;
        int end = length;
        while (start < end && isSpace(octets[start])) {
            start++;
        }
        while (end > start && isSpace(octets[end - 1])) {
            end--;
        }
        for (int i = start; i < end; i++) {
            check(isText(octets[i]), "a field with control characters");
        }
        return new String(octets, start, end - start, StandardCharsets.ISO_8859_1);
    }

    /** The size at the beginning of a chunk (RFC 9112 section 7.1); extensions are ignored. */
    long chunkSize() {
        long size = 0;
        int at = 0;
        int digit;
        while (at < length && (digit = Character.digit(octets[at], 16)) >= 0) {
            check(at < 15, "a chunk that is too large");
            size = size * 16 + digit;
            at++;
        }
        check(at > 0, "a chunk without a size");
        while (at < length && isSpace(octets[at])) {
            at++;
        }
        check(at == length || octets[at] == ';', "a chunk size that is none");
        while (at < length) {
            check(isText(octets[at++]), "a chunk extension with control characters");
        }
        return size;
    }

    private static boolean isSpace(byte octet) {
        return octet == ' ' || octet == '\t';
    }

    private static boolean isDigit(byte octet) {
        return octet >= '0' && octet <= '9';
    }

    private static boolean isText(byte octet) {
        return octet >= ' ' ? octet != 0x7f : octet == '\t' || octet < 0;
    }

    private static byte[] nameOctets() {
        byte[] octets = new byte[256];
        for (char c = '!'; c < 0x7f; c++) {
            if ("\"(),/:;<=>?@[\\]{}".indexOf(c) < 0) {
                octets[c] = (byte) Character.toLowerCase(c);
            }
        }
        return octets;
    }
}
