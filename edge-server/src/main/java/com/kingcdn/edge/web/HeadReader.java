package com.kingcdn.edge.web;

import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.http.HeaderFields;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads the heads of plain requests straight from their octets: GET and HEAD in HTTP/1.1, in origin form, of printable ASCII, without
 * content and without a word about the connection.
 *
 * <p>It refuses nothing: what is not plain is left to {@link StrictRequestDecoder} and {@link Intake}. What it takes, those two take as
 * well, and read alike. Clients that keep a connection repeat themselves, so octets that were read before are compared, not read again.
 * One for each event loop.
 */
final class HeadReader {

    private static final int CAPACITY = 16 * 1024;
    private static final byte[] GET = "GET ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] HEAD = "HEAD ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] VERSION = " HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final boolean[] TOKEN = new boolean[128];

    static {
        // RFC 9110 section 5.6.2
        for (char c = '!'; c < 0x7f; c++) {
            TOKEN[c] = "\"(),/:;<=>?@[\\]{}".indexOf(c) < 0;
        }
    }

    private final byte[] octets = new byte[CAPACITY];
    private int at;
    private int end;

    /** A head as it came, and as it was read. */
    static final class Head {

        private final byte[] octets;
        private final int lineLength;
        private final CacheRequest request;

        private Head(byte[] octets, int lineLength, CacheRequest request) {
            this.octets = octets;
            this.lineLength = lineLength;
            this.request = request;
        }

        CacheRequest request() {
            return request;
        }
    }

    /** Begins with what was received. */
    void load(ByteBuf received) {
        at = 0;
        end = Math.min(received.readableBytes(), CAPACITY);
        received.getBytes(received.readerIndex(), octets, 0, end);
    }

    /** How many octets were {@linkplain #skip skipped}. */
    int skipped() {
        return at;
    }

    /** Goes on behind a head. */
    void skip(Head head) {
        at += head.octets.length;
    }

    /**
     * The head that begins here; null when it is not all there, or not plain.
     *
     * @param last of this connection
     */
    @Nullable
    Head read(@Nullable Head last, String scheme) {
        if (last != null && startsWith(last.octets, 0, at)) {
            return last;
        }
        boolean get = startsWith(GET, 0, at);
        if (!get && !startsWith(HEAD, 0, at)) {
            return null;
        }
        String method = get ? "GET" : "HEAD";
        int start = at + (get ? GET.length : HEAD.length);
        int space = start;
        while (space < end && octets[space] > ' ') {
            space++;
        }
        if (space == start || octets[start] != '/' || !startsWith(VERSION, 0, space)) {
            return null;
        }
        int section = space + VERSION.length;
        String target = new String(octets, start, space - start, StandardCharsets.ISO_8859_1);
        if (last != null && startsWith(last.octets, last.lineLength, section)) {
            CacheRequest like = last.request;
            return RequestTarget.parse(target) == null
                    ? null
                    : head(
                            section,
                            section + last.octets.length - last.lineLength,
                            new CacheRequest(method, scheme, like.authority(), target, like.fields()));
        }
        HeaderFields.Builder fields = HeaderFields.builder();
        int behind = readSection(section, fields);
        if (behind < 0) {
            return null;
        }
        Intake intake =
                Intake.read(new RequestHead(method, target, HttpVersion.HTTP_1_1, fields.build(), scheme, false), 0);
        return intake instanceof Intake.Accepted accepted ? head(section, behind, accepted.request()) : null;
    }

    private Head head(int section, int behind, CacheRequest request) {
        return new Head(Arrays.copyOfRange(octets, at, behind), section - at, request);
    }

    private boolean startsWith(byte[] prefix, int from, int here) {
        int length = prefix.length - from;
        return end - here >= length && Arrays.equals(octets, here, here + length, prefix, from, prefix.length);
    }

    /** Reads field lines; the index behind the empty line, or -1 for what is not all there, or not plain. */
    private int readSection(int from, HeaderFields.Builder fields) {
        int line = from;
        while (line + 1 < end && octets[line] != '\r') {
            int colon = line;
            while (colon < end && octets[colon] >= 0 && TOKEN[octets[colon]]) {
                colon++;
            }
            if (colon == line || colon == end || octets[colon] != ':') {
                return -1;
            }
            int stop = colon + 1;
            while (stop < end && ((octets[stop] >= ' ' && octets[stop] < 0x7f) || octets[stop] == '\t')) {
                stop++;
            }
            if (stop + 1 >= end || octets[stop] != '\r' || octets[stop + 1] != '\n') {
                return -1;
            }
            String name = new String(octets, line, colon - line, StandardCharsets.ISO_8859_1);
            String value = new String(octets, colon + 1, stop - colon - 1, StandardCharsets.ISO_8859_1);
            if (!isPlain(name, value)) {
                return -1;
            }
            fields.add(name, value);
            line = stop + 2;
        }
        return line + 1 < end && octets[line] == '\r' && octets[line + 1] == '\n' ? line + 2 : -1;
    }

    /** Whether a field says nothing about content or the connection, but that it is to be kept. */
    private static boolean isPlain(String name, String value) {
        return switch (name.length()) {
            case 6 -> !name.equalsIgnoreCase("expect");
            case 7 -> !name.equalsIgnoreCase("upgrade") && !name.equalsIgnoreCase("trailer");
            case 10 -> !name.equalsIgnoreCase("connection") || value.strip().equalsIgnoreCase("keep-alive");
            case 14 -> !name.equalsIgnoreCase("content-length") && !name.equalsIgnoreCase("http2-settings");
            case 16 -> !name.equalsIgnoreCase("proxy-connection");
            case 17 -> !name.equalsIgnoreCase("transfer-encoding");
            default -> true;
        };
    }
}
