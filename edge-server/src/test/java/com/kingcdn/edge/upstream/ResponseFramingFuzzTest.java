package com.kingcdn.edge.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Chunks of an origin as anybody could write them (RFC 9112 section 7.1), read by the reader that upstream connections have: what it takes
 * for a whole body is what a strict reader takes for it, or no body at all. Else a lying origin could make a hit of something else.
 */
class ResponseFramingFuzzTest {

    private static final String HEAD = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

    @FuzzTest(maxDuration = "90s")
    void aWholeBodyIsOneThatAStrictReaderTakes(FuzzedDataProvider data) {
        int cut = data.consumeInt(0, 64);
        byte[] chunks = data.consumeRemainingAsBytes();
        byte[] decoded = decode(chunks, Math.min(cut, chunks.length));
        byte[] strict = strictly(chunks);
        if (decoded != null && strict != null) {
            assertThat(decoded).isEqualTo(strict);
        }
    }

    /** The body, or null when it does not end or cannot be read. */
    private static byte @Nullable [] decode(byte[] chunks, int cut) {
        ResponseReader reader = new ResponseReader();
        reader.begin(false);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        byte[] head = HEAD.getBytes(StandardCharsets.US_ASCII);
        try {
            boolean whole = read(reader, Unpooled.wrappedBuffer(head), body)
                    || read(reader, Unpooled.wrappedBuffer(chunks, 0, cut), body)
                    || read(reader, Unpooled.wrappedBuffer(chunks, cut, chunks.length - cut), body);
            return whole ? body.toByteArray() : null;
        } catch (UpstreamException unreadable) {
            return null;
        }
    }

    private static boolean read(ResponseReader reader, ByteBuf in, ByteArrayOutputStream body) {
        try {
            while (true) {
                switch (reader.next(in)) {
                    case MORE -> {
                        return false;
                    }
                    case END -> {
                        return true;
                    }
                    case CONTENT -> {
                        boolean all = reader.takesAll(in);
                        ByteBuf content = reader.take(in);
                        byte[] octets = new byte[content.readableBytes()];
                        content.readBytes(octets);
                        body.writeBytes(octets);
                        if (all) {
                            return reader.next(Unpooled.EMPTY_BUFFER) == ResponseReader.Event.END;
                        }
                        content.release();
                    }
                    case HEAD, INTERIM -> {}
                }
            }
        } finally {
            in.release();
        }
    }

    /** The body as the grammar has it, chunk extensions without quoted strings; null when it is not that. */
    private static byte @Nullable [] strictly(byte[] chunks) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        int at = 0;
        while (true) {
            int size = 0;
            int digits = 0;
            while (at < chunks.length && Character.digit(chunks[at], 16) >= 0 && chunks[at] > 0) {
                size = size * 16 + Character.digit(chunks[at++], 16);
                if (++digits > 6) {
                    return null;
                }
            }
            if (digits == 0) {
                return null;
            }
            if (at < chunks.length && chunks[at] == ';') {
                while (at < chunks.length && chunks[at] > ' ' && chunks[at] != '"') {
                    at++;
                }
            }
            if (!isEnd(chunks, at)) {
                return null;
            }
            at += 2;
            if (size == 0) {
                return body.toByteArray();
            }
            if (at + size > chunks.length || !isEnd(chunks, at + size)) {
                return null;
            }
            body.write(chunks, at, size);
            at += size + 2;
        }
    }

    private static boolean isEnd(byte[] chunks, int at) {
        return at + 1 < chunks.length && chunks[at] == '\r' && chunks[at + 1] == '\n';
    }
}
