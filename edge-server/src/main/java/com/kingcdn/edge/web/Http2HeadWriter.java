package com.kingcdn.edge.web;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes responses' heads as HEADERS frames (RFC 9113 section 6.2). Fields are literals that are never put into the peer's table
 * (RFC 7541 section 6.2.2): a head then costs copying, no state, and no more octets than HTTP/1.1. One for each event loop.
 */
final class Http2HeadWriter {

    private static final int FRAME_HEADER = 9;
    private static final int HEADERS = 1;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;

    /** What every peer takes in one frame (RFC 9113 section 4.2). */
    private static final int LARGEST_FRAME = 16 * 1024;

    /** Room for what a string costs beside its characters, and a name's index. */
    private static final int OVERHEAD = 12;

    private static final int STATUS = 8;
    private static final int[] WHOLE_STATUS = {200, 204, 206, 304, 400, 404, 500};

    /** Names of the static table that responses have (RFC 7541 appendix A). */
    private static final Map<String, Integer> NAMES = Map.ofEntries(
            Map.entry("accept-ranges", 18),
            Map.entry("access-control-allow-origin", 20),
            Map.entry("age", 21),
            Map.entry("allow", 22),
            Map.entry("cache-control", 24),
            Map.entry("content-disposition", 25),
            Map.entry("content-encoding", 26),
            Map.entry("content-language", 27),
            Map.entry("content-length", 28),
            Map.entry("content-location", 29),
            Map.entry("content-range", 30),
            Map.entry("content-type", 31),
            Map.entry("date", 33),
            Map.entry("etag", 34),
            Map.entry("expires", 36),
            Map.entry("last-modified", 44),
            Map.entry("link", 45),
            Map.entry("location", 46),
            Map.entry("refresh", 52),
            Map.entry("retry-after", 53),
            Map.entry("server", 54),
            Map.entry("set-cookie", 55),
            Map.entry("strict-transport-security", 56),
            Map.entry("vary", 59),
            Map.entry("via", 60),
            Map.entry("www-authenticate", 61));

    private final ResponseLines lines;
    private byte[] octets = new byte[4096];
    private int at;

    Http2HeadWriter(ResponseLines lines) {
        this.lines = lines;
    }

    /**
     * The frame of a head.
     *
     * @param last whether nothing follows
     * @return null when it does not fit into one frame
     */
    @Nullable
    ByteBuf frame(ByteBufAllocator allocator, int stream, ResponseHead head, boolean last) {
        at = FRAME_HEADER;
        status(head.status());
        lines.each(head, this::put);
        int length = at - FRAME_HEADER;
        if (length > LARGEST_FRAME) {
            octets = new byte[4096];
            return null;
        }
        octets[0] = (byte) (length >> 16);
        octets[1] = (byte) (length >> 8);
        octets[2] = (byte) length;
        octets[3] = HEADERS;
        octets[4] = (byte) (END_HEADERS | (last ? END_STREAM : 0));
        octets[5] = (byte) (stream >> 24);
        octets[6] = (byte) (stream >> 16);
        octets[7] = (byte) (stream >> 8);
        octets[8] = (byte) stream;
        return allocator.directBuffer(at).writeBytes(octets, 0, at);
    }

    private void status(int status) {
        int whole = Arrays.binarySearch(WHOLE_STATUS, status);
        if (whole >= 0) {
            octets[at++] = (byte) (0x80 | (STATUS + whole));
        } else {
            octets[at++] = STATUS;
            put(Integer.toString(status));
        }
    }

    private void put(String name, String value) {
        int room = at + name.length() + value.length() + OVERHEAD;
        if (octets.length < room) {
            octets = Arrays.copyOf(octets, room * 2);
        }
        Integer index = NAMES.get(name);
        if (index == null) {
            octets[at++] = 0;
            put(name);
        } else {
            integer(15, index);
        }
        put(value);
    }

    private void put(String text) {
        byte[] latin = text.getBytes(StandardCharsets.ISO_8859_1);
        integer(127, latin.length);
        System.arraycopy(latin, 0, octets, at, latin.length);
        at += latin.length;
    }

    /** RFC 7541 section 5.1. */
    private void integer(int limit, int value) {
        if (value < limit) {
            octets[at++] = (byte) value;
            return;
        }
        octets[at++] = (byte) limit;
        int rest = value - limit;
        while (rest >= 128) {
            octets[at++] = (byte) (rest % 128 + 128);
            rest /= 128;
        }
        octets[at++] = (byte) rest;
    }
}
