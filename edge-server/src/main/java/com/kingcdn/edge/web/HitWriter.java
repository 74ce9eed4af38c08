package com.kingcdn.edge.web;

import com.kingcdn.edge.cache.CacheStatus;
import com.kingcdn.edge.cache.EdgeResponse;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.http.HttpDate;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Writes responses whose content is at hand as octets: what {@link ResponseWriter} says of them in objects, octet for octet, in a
 * tenth of the time. The fields are encoded once for each entry, by {@link HeaderFields}. One for each event loop.
 */
final class HitWriter {

    /** Content up to this size is copied behind its head: one buffer is less work for the kernel than two. */
    private static final int COPIED = 8 * 1024;

    /** Room for all but the fields and this node's own lines. */
    private static final int REST = 256;

    private static final byte[] AGE = ascii("age: ");
    private static final byte[] DATE = ascii("date: ");
    private static final byte[] TTL = ascii("; ttl=");
    private static final byte[] LENGTH = ascii("\r\ncontent-length: ");
    private static final byte[] END = ascii("\r\n\r\n");

    private final byte[][] statusLines = new byte[600][];
    private final Clock clock;
    private final byte[] via;
    private final byte[] hit;
    private final CacheStatusHeader cacheStatus;
    private byte[] octets = new byte[4096];
    private int at;

    HitWriter(String node, Clock clock) {
        this.clock = clock;
        this.cacheStatus = new CacheStatusHeader(node);
        this.via = ascii("via: 1.1 " + node + "\r\ncache-status: ");
        this.hit = ascii(cacheStatus.value(CacheStatus.hit(CacheStatus.NO_TTL)));
    }

    /** Writes a response without flushing; it must have its {@link EdgeResponse.Whole} content at hand, or none. */
    void write(ChannelHandlerContext context, EdgeResponse answer) {
        head(answer);
        ByteBuf content = answer.body() instanceof EdgeResponse.Whole whole ? whole.content() : Unpooled.EMPTY_BUFFER;
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

    private void head(EdgeResponse answer) {
        HeaderFields fields = answer.fields();
        at = 0;
        ensure(fields.encodedLength() + via.length + hit.length + REST);
        put(statusLine(answer.status()));
        at = fields.encodeTo(octets, at);
        if (!fields.contains("date")) {
            put(DATE);
            put(ascii(HttpDate.format(clock.millis()) + "\r\n"));
        }
        if (answer.ageSeconds() >= 0) {
            put(AGE);
            put(answer.ageSeconds());
            octets[at++] = '\r';
            octets[at++] = '\n';
        }
        put(via);
        cacheStatus(answer.cacheStatus());
        if (answer.contentLength() >= 0 && answer.status() != 204) {
            put(LENGTH);
            put(answer.contentLength());
        }
        put(END);
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
            line = ascii("HTTP/1.1 " + HttpResponseStatus.valueOf(status) + "\r\n");
            statusLines[status] = line;
        }
        return line;
    }

    private void ensure(int room) {
        if (octets.length < room) {
            octets = Arrays.copyOf(octets, room * 2);
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
