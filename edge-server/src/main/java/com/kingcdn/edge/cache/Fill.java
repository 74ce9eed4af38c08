package com.kingcdn.edge.cache;

import com.kingcdn.edge.store.Blocks;
import com.kingcdn.edge.store.EntryWriter;
import com.kingcdn.edge.upstream.UpstreamException;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.SignalType;

/**
 * The transport of one upstream response's content into an entry, at the pace of those who read it. It ends when all has come, when
 * its writer's claim has ended before the response has, or when nobody is left who wants the rest.
 */
final class Fill implements CoreSubscriber<ByteBuf>, EntryWriter.Listener {

    /** The end of a response that does not say how long it is. */
    static final long UNKNOWN_END = Long.MAX_VALUE;

    /** How many buffers of upstream are asked for at once. */
    private static final int BATCH = 4;

    private static final AtomicIntegerFieldUpdater<Fill> OUTSTANDING =
            AtomicIntegerFieldUpdater.newUpdater(Fill.class, "outstanding");
    private static final AtomicIntegerFieldUpdater<Fill> ENDED =
            AtomicIntegerFieldUpdater.newUpdater(Fill.class, "ended");

    private final Flux<ByteBuf> content;
    private final EntryWriter writer;
    private final long responseEnd;

    /** By who has made it. */
    private boolean begun;

    private volatile @Nullable Subscription subscription;
    private volatile int outstanding;
    private volatile int ended;

    /** Offset after the last octet that has come; written by one thread at a time. */
    private volatile long received;

    /**
     * A fill not yet started.
     *
     * @param responseEnd offset after the last octet that the response carries, or {@link #UNKNOWN_END}
     */
    Fill(Flux<ByteBuf> content, EntryWriter writer, long responseEnd) {
        this.content = content;
        this.writer = writer;
        this.responseEnd = responseEnd;
        this.received = writer.position();
    }

    EntryWriter writer() {
        return writer;
    }

    /** Whether it brings so little that it is finished whether or not anybody wants it: about a block. */
    boolean isShort() {
        return responseEnd != UNKNOWN_END && responseEnd - received <= Blocks.SIZE;
    }

    /** Starts, if it was not started before and by now anybody wants what it brings. */
    void start() {
        if (begun) {
            return;
        }
        begun = true;
        writer.opened().complete(null);
        writer.listen(this);
        content.subscribe(this);
        if (!writer.isWanted()) {
            unwanted();
        }
    }

    @Override
    public void onSubscribe(Subscription given) {
        subscription = given;
        if (ended != 0) {
            given.cancel();
        } else {
            moreWanted();
        }
    }

    /** Asks for more as long as readers are not too far behind. */
    @Override
    public void moreWanted() {
        Subscription asked = subscription;
        int waiting = outstanding;
        if (asked == null || waiting > BATCH / 2 || (writer.position() >= writer.limit() && !isAllHere())) {
            return;
        }
        if (OUTSTANDING.compareAndSet(this, waiting, BATCH)) {
            asked.request(BATCH - waiting);
        }
    }

    @Override
    public void onNext(ByteBuf octets) {
        try {
            take(octets);
        } catch (RuntimeException e) {
            cancel();
            writer.fail(e);
        }
    }

    private void take(ByteBuf octets) {
        try {
            long before = received;
            received = before + octets.readableBytes();
            writer.write(octets);
        } finally {
            octets.release();
        }
        OUTSTANDING.decrementAndGet(this);
        if (writer.isDone() && !isAllHere()) {
            // somebody else brings the rest
            cancel();
            writer.stop();
        } else {
            moreWanted();
        }
    }

    /** Whether nothing but the end of the message is to come: worth waiting for, since the connection can be used again. */
    private boolean isAllHere() {
        return received >= responseEnd;
    }

    /** What is left of about a block still comes: less is lost so than with the connection and the block begun. */
    @Override
    public void unwanted() {
        if (!isShort() && !writer.isWanted()) {
            cancel();
            writer.stop();
        }
    }

    private void cancel() {
        if (end(SignalType.CANCEL)) {
            Subscription cancelled = subscription;
            if (cancelled != null) {
                cancelled.cancel();
            }
        }
    }

    @Override
    public void onComplete() {
        end(SignalType.ON_COMPLETE);
        if (responseEnd == UNKNOWN_END || writer.isDone()) {
            writer.complete();
        } else if (isAllHere()) {
            writer.stop(); // upstream sent less than it was asked for, as it may
        } else {
            writer.fail(new UpstreamException(
                    UpstreamException.Kind.TRUNCATED,
                    true,
                    "the content of " + writer.entry().key() + " ended at " + received + " of " + responseEnd));
        }
    }

    @Override
    public void onError(Throwable failure) {
        end(SignalType.ON_ERROR);
        writer.fail(failure);
    }

    /** Counts how it ended; false when it had ended before. */
    private boolean end(SignalType how) {
        boolean first = ENDED.compareAndSet(this, 0, 1);
        if (first) {
            CacheMetrics.fillEnded(how);
        }
        return first;
    }
}
