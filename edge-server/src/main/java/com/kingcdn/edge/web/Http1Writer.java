package com.kingcdn.edge.web;

import com.kingcdn.edge.cache.CacheStatus;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.http.HttpDate;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Writes HTTP/1.1 as octets: heads, and content that is at hand behind them. The fields are encoded once for each entry, by
 * {@link HeaderFields}. One for each event loop.
 */
final class Http1Writer {

    /** What a head says of the connection and of its content's end. */
    enum Framing {
        PLAIN(""),
        /** Nothing follows this response (RFC 9112 section 9.6). */
        CLOSE("connection: close\r\n"),
        /** HTTP/1.0 keeps a connection only when both sides say so. */
        KEEP_ALIVE("connection: keep-alive\r\n"),
        CHUNKED("transfer-encoding: chunked\r\n"),
        CHUNKED_CLOSE("transfer-encoding: chunked\r\nconnection: close\r\n");

        private final String lines;

        Framing(String lines) {
            this.lines = lines;
        }
    }

    /** Content up to this size is copied behind its head: one buffer is less work for the kernel than two. */
    private static final int COPIED = 8 * 1024;

    /** Room for all but the fields and this node's own lines. */
    private static final int REST = 256;

    private static final byte[] AGE = ascii("age: ");
    private static final byte[] DATE = ascii("date: ");
    private static final byte[] TTL = ascii("; ttl=");
    private static final byte[] LENGTH = ascii("content-length: ");
    private static final byte[] LINE_END = ascii("\r\n");

    private final byte[][] statusLines = new byte[600][];
    private final Clock clock;
    private final byte[] via;
    private final byte[] hit;
    private final CacheStatusHeader cacheStatus;
    private byte[] octets = new byte[4096];
    private int at;

    Http1Writer(String node, Clock clock) {
        this.clock = clock;
        this.cacheStatus = new CacheStatusHeader(node);
        this.via = ascii("via: 1.1 " + node + "\r\ncache-status: ");
        this.hit = ascii(cacheStatus.value(CacheStatus.hit(CacheStatus.NO_TTL)));
    }

    /** Writes a head, and the content that is there behind it, without flushing. */
    void write(ChannelHandlerContext context, ResponseHead head, Framing framing, ByteBuf content) {
        encode(head, framing);
        int size = content.readableBytes();
        ByteBuf buffer = context.alloc().directBuffer(at + (size <= COPIED ? size : 0));
        buffer.writeBytes(octets, 0, at);
        if (size > COPIED) {
            context.write(buffer, context.voidPromise());
            context.write(content, context.voidPromise());
        } else {
            buffer.writeBytes(content, content.readerIndex(), size);
            content.release();
            context.write(buffer, context.voidPromise());
        }
    }

    /** Writes an interim response (RFC 9110 section 15.2) without flushing. */
    void interim(ChannelHandlerContext context, int status, HeaderFields fields) {
        at = 0;
        ensure(fields.encodedLength() + REST);
        put(statusLine(status));
        at = fields.encodeTo(octets, at);
        put(LINE_END);
        context.write(context.alloc().directBuffer(at).writeBytes(octets, 0, at), context.voidPromise());
    }

    private void encode(ResponseHead head, Framing framing) {
        HeaderFields fields = head.fields();
        at = 0;
        ensure(fields.encodedLength() + via.length + hit.length + REST);
        put(statusLine(head.status()));
        at = fields.encodeTo(octets, at);
        if (!fields.contains("date")) {
            put(DATE);
            put(ascii(HttpDate.format(clock.millis())));
            put(LINE_END);
        }
        if (head.ageSeconds() >= 0) {
            put(AGE);
            put(head.ageSeconds());
            put(LINE_END);
        }
        CacheStatus status = head.cacheStatus();
        if (status != null) {
            put(via);
            cacheStatus(status);
            put(LINE_END);
        }
        if (head.saysLength()) {
            put(LENGTH);
            put(head.contentLength());
            put(LINE_END);
        }
        put(framing.lines);
        put(LINE_END);
    }

    private void cacheStatus(CacheStatus status) {
        if (status.isHit() && status.detail() == null && !status.collapsed()) {
            put(hit);
            if (status.ttlSeconds() != CacheStatus.NO_TTL) {
                put(TTL);
                put(status.ttlSeconds());
            }
        } else {
            byte[] value = ascii(cacheStatus.value(status));
            ensure(at + value.length + REST);
            put(value);
        }
    }

    private byte[] statusLine(int status) {
        byte @Nullable [] line = statusLines[status];
        if (line == null) {
            line = ascii("HTTP/1.1 " + status + " " + ReasonPhrase.of(status) + "\r\n");
            statusLines[status] = line;
        }
        return line;
    }

    private void ensure(int room) {
        if (octets.length < room) {
            octets = Arrays.copyOf(octets, room * 2);
        }
    }

    private void put(String text) {
        for (int i = 0; i < text.length(); i++) {
            octets[at++] = (byte) text.charAt(i);
        }
    }

    private void put(byte[] text) {
        System.arraycopy(text, 0, octets, at, text.length);
        at += text.length;
    }

    private void put(long number) {
        long rest = number;
        if (rest < 0) {
            octets[at++] = '-';
            rest = -rest;
        }
        int digits = 1;
        for (long next = rest; next >= 10; next /= 10) {
            digits++;
        }
        for (int i = at + digits - 1; i >= at; i--) {
            octets[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        at += digits;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
