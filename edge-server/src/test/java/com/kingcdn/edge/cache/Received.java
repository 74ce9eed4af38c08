package com.kingcdn.edge.cache;

import com.kingcdn.http.HeaderFields;
import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import reactor.core.publisher.Mono;

/** A response with its whole content, read as a client would. */
final class Received {

    private static final Duration DEADLINE = Duration.ofSeconds(20);

    private final EdgeResponse head;
    private final byte[] content;

    private Received(EdgeResponse head, byte[] content) {
        this.head = head;
        this.content = content;
    }

    static Received of(Mono<EdgeResponse> response) {
        EdgeResponse head = response.block(DEADLINE);
        if (head == null) {
            throw new AssertionError("no response");
        }
        return of(head);
    }

    static Received of(EdgeResponse head) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        if (head.body() instanceof EdgeResponse.Whole whole) {
            take(whole.content(), octets);
        } else if (head.body() instanceof EdgeResponse.Streamed streamed) {
            streamed.content().doOnNext(buffer -> take(buffer, octets)).blockLast(DEADLINE);
        }
        return new Received(head, octets.toByteArray());
    }

    static void take(ByteBuf buffer, ByteArrayOutputStream octets) {
        byte[] copy = new byte[buffer.readableBytes()];
        buffer.readBytes(copy);
        octets.writeBytes(copy);
        buffer.release();
    }

    int status() {
        return head.status();
    }

    HeaderFields fields() {
        return head.fields();
    }

    long ageSeconds() {
        return head.ageSeconds();
    }

    long contentLength() {
        return head.contentLength();
    }

    CacheStatus cacheStatus() {
        return head.cacheStatus();
    }

    String text() {
        return new String(content, StandardCharsets.UTF_8);
    }

    byte[] content() {
        return content.clone();
    }
}
