package com.kingcdn.edge.cache;

import com.kingcdn.edge.coding.ContentCoding;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Content in coded form, made as it comes, off the event loops: coding a block takes longer than a loop may be away. */
final class CodedContent extends Flux<ByteBuf> {

    private final Flux<ByteBuf> content;
    private final ContentCoding coding;

    /** @param content whose buffers are released here */
    CodedContent(Flux<ByteBuf> content, ContentCoding coding) {
        this.content = content;
        this.coding = coding;
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
        Flux.using(() -> new Encoder(coding), this::encoded, Encoder::close).subscribe(actual);
    }

    private Flux<ByteBuf> encoded(Encoder encoder) {
        // not by publishOn: what waits in its queue is lost with the task that would have taken it, if that is
        // cancelled
        return content.concatMap(
                        octets -> {
                            encoder.hold(octets);
                            return Mono.fromCallable(encoder::add).subscribeOn(Schedulers.parallel());
                        },
                        1)
                .concatWith(Mono.fromSupplier(encoder::end))
                .doOnDiscard(ByteBuf.class, ByteBuf::release);
    }

    /** The state of one coding; used by one thread at a time. */
    private static final class Encoder {

        private final ByteArrayOutputStream made = new ByteArrayOutputStream();
        private final OutputStream coder;
        private @Nullable ByteBuf held;
        private boolean closed;

        Encoder(ContentCoding coding) throws IOException {
            coder = coding.encode(made);
        }

        /** Takes octets, to be released when they are added, or when that will not be. */
        synchronized void hold(ByteBuf octets) {
            if (closed) {
                octets.release();
            } else {
                held = octets;
            }
        }

        /** Codes what is held. Returns what has come of all so far, if anything. */
        synchronized @Nullable ByteBuf add() {
            ByteBuf octets = held;
            if (octets == null) {
                return null;
            }
            try {
                octets.readBytes(coder, octets.readableBytes());
                return take();
            } catch (IOException e) {
                throw new UncheckedIOException("memory takes everything", e);
            } finally {
                drop();
            }
        }

        private void drop() {
            if (held != null) {
                held.release();
                held = null;
            }
        }

        synchronized @Nullable ByteBuf end() {
            close();
            return take();
        }

        private @Nullable ByteBuf take() {
            if (made.size() == 0) {
                return null;
            }
            ByteBuf all = Unpooled.wrappedBuffer(made.toByteArray());
            made.reset();
            return all;
        }

        /** Frees what the coder holds outside the heap. */
        synchronized void close() {
            if (!closed) {
                closed = true;
                drop();
                try {
                    coder.close();
                } catch (IOException e) {
                    throw new UncheckedIOException("memory takes everything", e);
                }
            }
        }
    }
}
