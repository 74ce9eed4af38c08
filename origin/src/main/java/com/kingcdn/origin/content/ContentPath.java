package com.kingcdn.origin.content;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * The name of a piece of content: an absolute path, percent-decoded, such as {@code /titles/6Y7B23V.mp4}.
 *
 * <p>Only paths that mean one thing everywhere are names: no empty, {@code .} or {@code ..} segments, nothing hidden, no control
 * characters, no back slashes, no encoded slashes. A proxy, a cache and this store can then not disagree about which content is meant.
 *
 * @param value starts with a slash, at most {@value #MAX_BYTES} bytes of UTF-8
 */
public record ContentPath(String value) {

    /** The longest path, in bytes of UTF-8. */
    public static final int MAX_BYTES = 1024;

    private static final int MAX_SEGMENT_BYTES = 255;

    /** First segments under which the origin's own interface lives, so that content there could never be asked for. */
    private static final Set<String> RESERVED = Set.of("content", "metrics", "actuator");

    /**
     * Checks a decoded path.
     *
     * @throws IllegalArgumentException when it is no name; the message says why, in words for the one who asked
     */
    public ContentPath {
        if (!value.startsWith("/")) {
            throw new IllegalArgumentException("a path starts with '/'");
        }
        if (value.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            throw new IllegalArgumentException("the path is longer than " + MAX_BYTES + " bytes");
        }
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (Character.isISOControl(c)) {
                throw new IllegalArgumentException("the path has a control character");
            }
            if (c == '\\') {
                throw new IllegalArgumentException("the path has a back slash");
            }
        }
        for (String segment : value.substring(1).split("/", -1)) {
            checkSegment(segment);
        }
    }

    /**
     * Reads the path of a request target, percent-encoded and without its query.
     *
     * @throws IllegalArgumentException when it is no name; the message says why, in words for the one who asked
     */
    public static ContentPath parse(String rawPath) {
        if (rawPath.length() > 3 * MAX_BYTES) {
            throw new IllegalArgumentException("the path is longer than " + MAX_BYTES + " bytes");
        }
        return new ContentPath(decode(rawPath));
    }

    /** Whether the path belongs to the origin's own interface, so that nothing can be stored there. */
    public boolean isReserved() {
        int end = value.indexOf('/', 1);
        return RESERVED.contains(end < 0 ? value.substring(1) : value.substring(1, end));
    }

    @Override
    public String toString() {
        return value;
    }

    private static void checkSegment(String segment) {
        if (segment.isEmpty()) {
            throw new IllegalArgumentException("the path has an empty segment");
        }
        if (segment.equals(".") || segment.equals("..")) {
            throw new IllegalArgumentException("the path has a segment '" + segment + "'");
        }
        if (segment.startsWith(".")) {
            throw new IllegalArgumentException("the path has a hidden segment, one that starts with a dot");
        }
        if (segment.getBytes(StandardCharsets.UTF_8).length > MAX_SEGMENT_BYTES) {
            throw new IllegalArgumentException("the path has a segment longer than " + MAX_SEGMENT_BYTES + " bytes");
        }
    }

    private static String decode(String raw) {
        byte[] bytes = raw.getBytes(StandardCharsets.UTF_8);
        ByteBuffer decoded = ByteBuffer.allocate(bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] != '%') {
                decoded.put(bytes[i]);
                continue;
            }
            int high = i + 2 < bytes.length ? Character.digit(bytes[i + 1], 16) : -1;
            int low = i + 2 < bytes.length ? Character.digit(bytes[i + 2], 16) : -1;
            if (high < 0 || low < 0) {
                throw new IllegalArgumentException("the path has a '%' without two hexadecimal digits after it");
            }
            int value = high << 4 | low;
            if (value == '/') {
                throw new IllegalArgumentException("the path has an encoded slash");
            }
            decoded.put((byte) value);
            i += 2;
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(decoded.flip()).toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("the path is not UTF-8", e);
        }
    }
}
