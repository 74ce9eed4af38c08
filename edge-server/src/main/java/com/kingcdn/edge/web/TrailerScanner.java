package com.kingcdn.edge.web;

import io.netty.buffer.ByteBuf;

/**
 * Looks for folded lines behind a last chunk (RFC 9112 sections 5.2 and 7.1.2): Netty would join them with the line above, others take
 * them for lines of their own. Sees each octet once.
 */
final class TrailerScanner {

    private boolean inTrailers;
    private boolean atLineStart;
    private boolean ended;
    private int scanned;

    /** Notes what the decoder has read over since, without a message: the line of the last chunk, or what went before it. */
    void consumed(ByteBuf buffer, int start) {
        int end = buffer.readerIndex();
        if (inTrailers) {
            scanned -= end - start;
        } else if (isLastChunk(buffer, start, end)) {
            inTrailers = true;
            atLineStart = true;
            ended = false;
            scanned = 0;
        }
    }

    /** Whether what has come of the trailers has a line that begins with white space. */
    boolean hasFoldedLine(ByteBuf buffer) {
        if (!inTrailers) {
            return false;
        }
        int end = buffer.writerIndex();
        for (int at = buffer.readerIndex() + scanned; at < end && !ended; at++) {
            byte octet = buffer.getByte(at);
            if (atLineStart && (octet == ' ' || octet == '\t')) {
                return true;
            }
            ended = atLineStart && octet == '\r';
            atLineStart = octet == '\n';
        }
        scanned = buffer.readableBytes();
        return false;
    }

    void reset() {
        inTrailers = false;
    }

    /** A size of nothing but zeros. */
    private static boolean isLastChunk(ByteBuf buffer, int start, int end) {
        int at = start;
        while (at < end && buffer.getByte(at) <= ' ') {
            at++;
        }
        int digits = at;
        while (at < end && buffer.getByte(at) == '0') {
            at++;
        }
        return at > digits && at < end && Character.digit(buffer.getByte(at), 16) < 0;
    }
}
