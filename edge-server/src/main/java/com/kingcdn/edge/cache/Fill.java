package com.kingcdn.edge.cache;

import com.kingcdn.edge.store.Blocks;
import com.kingcdn.edge.store.EntryWriter;
import com.kingcdn.edge.upstream.UpstreamException;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicInteger;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.SignalType;

/**
 * The transport of one upstream response's content into an entry, at the pace of those who read it. It ends when all has come, when
 * its writer's claim has ended before the response has, or when nobody is left who wants the rest.
 */
final class Fill {

    /** The end of a response that does not say how long it is. */
    static final long UNKNOWN_END = Long.MAX_VALUE;

    /** How many buffers of upstream are asked for at once. */
    private static final int BATCH = 4;

    private final Flux<ByteBuf> content;
    private final EntryWriter writer;
    private final long responseEnd;
    private final Transport transport;

    /**
     * A fill not yet started.
     *
     * @param responseEnd offset after the last octet that the response carries, or {@link #UNKNOWN_END}
     */
    Fill(Flux<ByteBuf> content, EntryWriter writer, long responseEnd) {
        this.content = content;
        this.writer = writer;
        this.responseEnd = responseEnd;
        this.transport = new Transport();
    }

    EntryWriter writer() {
        return writer;
    }

    /** Starts, if by now anybody wants what it brings. */
    void start() {
        writer.opened().complete(null);
        writer.listen(transport::pump, transport::unwanted);
        content.subscribe(transport);
        if (!writer.isWanted()) {
            transport.unwanted();
        }
    }

    private final class Transport extends BaseSubscriber<ByteBuf> {

        private final AtomicInteger outstanding = new AtomicInteger();

        /** Offset after the last octet that has come; written by one thread at a time. */
        private volatile long received = writer.position();

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            pump();
        }

        /** Asks for more as long as readers are not too far behind. */
        void pump() {
            int waiting = outstanding.get();
            if (waiting > BATCH / 2 || (writer.position() >= writer.limit() && !isAllHere())) {
                return;
            }
            if (outstanding.compareAndSet(waiting, BATCH)) {
                request(BATCH - waiting);
            }
        }

        @Override
        protected void hookOnNext(ByteBuf octets) {
            try {
                long before = received;
                received = before + octets.readableBytes();
                writer.write(octets);
            } finally {
                octets.release();
            }
            outstanding.decrementAndGet();
            if (writer.isDone() && !isAllHere()) {
                // somebody else brings the rest
                cancel();
                writer.stop();
            } else {
                pump();
            }
        }

        /** Whether nothing but the end of the message is to come: worth waiting for, since the connection can be used again. */
        private boolean isAllHere() {
            return received >= responseEnd;
        }

        /** What is left of about a block still comes: less is lost so than with the connection and the block begun. */
        void unwanted() {
            boolean nearlyAllHere = responseEnd != UNKNOWN_END && responseEnd - received <= Blocks.SIZE;
            if (!nearlyAllHere && !writer.isWanted()) {
                cancel();
                writer.stop();
            }
        }

        @Override
        protected void hookOnComplete() {
            if (responseEnd == UNKNOWN_END || writer.isDone()) {
                writer.complete();
            } else if (isAllHere()) {
                writer.stop(); // upstream sent less than it was asked for, as it may
            } else {
                hookOnError(new UpstreamException(
                        UpstreamException.Kind.TRUNCATED,
                        true,
                        "the content of " + writer.entry().key() + " ended at " + received + " of " + responseEnd));
            }
        }

        @Override
        protected void hookOnError(Throwable failure) {
            writer.fail(failure);
        }

        @Override
        protected void hookFinally(SignalType end) {
            CacheMetrics.fillEnded(end);
        }
    }
}
