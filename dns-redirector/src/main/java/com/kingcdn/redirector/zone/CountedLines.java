package com.kingcdn.redirector.zone;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** A text as a stream that gives one line a read, so that how far its reader has come is known, however it buffers. */
final class CountedLines extends InputStream {

    private final byte[] bytes;
    private int at;
    private int lines;

    CountedLines(String text) {
        this.bytes = text.getBytes(StandardCharsets.UTF_8);
    }

    /** The line, from 1, of which the reader has last been given something. */
    int line() {
        return Math.max(1, lines);
    }

    @Override
    public int read() {
        if (at == bytes.length) {
            return -1;
        }
        if (at == 0 || bytes[at - 1] == '\n') {
            lines++;
        }
        return bytes[at++] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, target.length);
        int read = 0;
        while (read < length) {
            int next = read();
            if (next < 0) {
                return read == 0 ? -1 : read;
            }
            target[offset + read++] = (byte) next;
            if (next == '\n') {
                return read;
            }
        }
        return read;
    }
}
