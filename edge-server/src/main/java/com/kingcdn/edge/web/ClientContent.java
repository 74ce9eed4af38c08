package com.kingcdn.edge.web;

import io.netty.buffer.ByteBuf;
import reactor.core.publisher.Flux;
import reactor.netty.ByteBufFlux;

/** A request's content, with a limit on its size. */
final class ClientContent {

    private final long limit;
    private final Flux<ByteBuf> buffers;
    private long received;
    private volatile boolean tooLarge;

    ClientContent(ByteBufFlux content, long limit) {
        this.limit = limit;
        this.buffers = content.retain().<ByteBuf>handle((buffer, sink) -> {
            received += buffer.readableBytes();
            if (received > this.limit) {
                tooLarge = true;
                buffer.release();
                sink.error(new IllegalStateException("more than " + this.limit + " bytes of content"));
            } else {
                sink.next(buffer);
            }
        });
    }

    /** To be subscribed to once; each buffer is owned by the subscriber. */
    Flux<ByteBuf> buffers() {
        return buffers;
    }

    boolean isTooLarge() {
        return tooLarge;
    }
}
