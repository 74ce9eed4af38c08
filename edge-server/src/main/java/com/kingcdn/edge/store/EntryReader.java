package com.kingcdn.edge.store;

import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;

/**
 * The octets of an entry from one offset to another, as they are there: from memory, from disk, or while they arrive.
 *
 * <p>To be subscribed to once. Each buffer shares a block's memory and must be released; no more than {@link #UNRELEASED} octets are
 * given out before that, so that a slow client holds little whatever the layers below it queue. It counts as somebody who wants the
 * octets from its making until it ends, is cancelled or is {@link #close() closed}.
 */
public final class EntryReader extends Flux<ByteBuf> implements Subscription {

    /** How many octets may be given out and not released, but for the last buffer. */
    public static final int UNRELEASED = Blocks.SIZE;

    /*
     * One loop, run by whoever has news (demand, octets, a released buffer) and by one thread at a time: "wip" counts the news. Fields
     * that are not volatile belong to the loop.
     */
    private final CacheEntry entry;
    private final BlockSource source;
    private final long end;

    private static final AtomicIntegerFieldUpdater<EntryReader> WIP =
            AtomicIntegerFieldUpdater.newUpdater(EntryReader.class, "wip");
    private static final AtomicLongFieldUpdater<EntryReader> REQUESTED =
            AtomicLongFieldUpdater.newUpdater(EntryReader.class, "requested");
    private static final AtomicLongFieldUpdater<EntryReader> UNRELEASED_OCTETS =
            AtomicLongFieldUpdater.newUpdater(EntryReader.class, "unreleased");
    private static final AtomicIntegerFieldUpdater<EntryReader> SUBSCRIBED =
            AtomicIntegerFieldUpdater.newUpdater(EntryReader.class, "subscribed");

    @SuppressWarnings("UnusedVariable") // but for its updater
    private volatile int wip;

    private volatile long requested;
    private volatile long unreleased;

    @SuppressWarnings("UnusedVariable") // but for its updater
    private volatile int subscribed;

    private volatile long position;
    private volatile boolean closed;
    private volatile @Nullable Throwable failure;

    private final IntConsumer freed = this::released;
    private @Nullable CoreSubscriber<? super ByteBuf> subscriber;
    private @Nullable Block current;
    private boolean ended;

    EntryReader(CacheEntry entry, long from, long end, BlockSource source) {
        this.entry = entry;
        this.position = from;
        this.end = end;
        this.source = source;
    }

    /** Offset of the next octet to be given out. */
    long position() {
        return position;
    }

    /** Offset after the last octet that is wanted; {@link Long#MAX_VALUE} for all there will be. */
    long end() {
        return end;
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
        if (!SUBSCRIBED.compareAndSet(this, 0, 1)) {
            Operators.error(actual, new IllegalStateException("an entry's reader can be subscribed to once"));
            return;
        }
        subscriber = actual;
        actual.onSubscribe(this);
        drain();
    }

    @Override
    public void request(long n) {
        if (Operators.validate(n)) {
            REQUESTED.accumulateAndGet(this, n, Operators::addCap);
            drain();
        }
    }

    @Override
    public void cancel() {
        close();
    }

    /** Gives up; no more buffers come. Any number of times, from any thread. */
    public void close() {
        closed = true;
        drain();
    }

    void fail(Throwable cause) {
        failure = cause;
        drain();
    }

    void drain() {
        if (WIP.getAndIncrement(this) != 0) {
            return;
        }
        int missed = 1;
        do {
            if (!ended) {
                try {
                    step();
                } catch (RuntimeException e) {
                    endWith(e);
                }
            }
            missed = WIP.addAndGet(this, -missed);
        } while (missed != 0);
    }

    private void step() {
        while (!ended) {
            if (closed) {
                endWith(null);
                return;
            }
            CoreSubscriber<? super ByteBuf> actual = subscriber;
            if (actual == null) {
                return;
            }
            if (position >= Math.min(end, entry.lengthOrMax())) {
                endWith(null);
                actual.onComplete();
                return;
            }
            Throwable cause = failure;
            if (cause != null) {
                endWith(cause);
                return;
            }
            if (requested == 0 || unreleased > UNRELEASED - 1) {
                return;
            }
            if (!emit(actual) && !seek()) {
                return;
            }
        }
    }

    /** Gives out what is there of the current block; false when that is nothing. */
    private boolean emit(CoreSubscriber<? super ByteBuf> actual) {
        int index = Blocks.at(position);
        Block block = current;
        if (block == null || block.index() != index) {
            leaveBlock();
            block = entry.blocks().acquire(index);
            if (block == null) {
                return false;
            }
            current = block;
        }
        int offset = (int) (position - Blocks.start(index));
        int count = (int) Math.min(block.filled() - offset, end - position);
        if (count <= 0) {
            return false;
        }
        if (!block.tryRetain()) {
            throw new IllegalStateException("a block was freed under its reader");
        }
        UNRELEASED_OCTETS.addAndGet(this, count);
        ByteBuf buffer = BlockBuffer.of(block.memory(), offset, count, freed);
        long after = position + count;
        position = after;
        REQUESTED.decrementAndGet(this);
        if (position == Blocks.start(index + 1) || position == end) {
            leaveBlock();
        }
        actual.onNext(buffer);
        entry.advanced(this);
        return true;
    }

    /** Finds out who brings the next octet; false when there is nothing to do but to wait. */
    private boolean seek() {
        int index = Blocks.at(position);
        Block block = current;
        if (block != null
                && block.filled() < entry.blockCapacity(index)
                && !entry.blocks().holds(block)) {
            // its writer has failed or was stopped; the octets read so far were right, the rest comes in a new block
            leaveBlock();
        }
        EntryReaders.Await found = entry.await(this, index, (int) (position - Blocks.start(index)));
        if (found == EntryReaders.Await.MISSING) {
            source.bring(entry, index, entry.blocksUpTo(end));
        }
        return found != EntryReaders.Await.WAITING;
    }

    private void leaveBlock() {
        Block block = current;
        if (block != null) {
            current = null;
            block.release();
            entry.passed(block);
        }
    }

    private void endWith(@Nullable Throwable cause) {
        ended = true;
        leaveBlock();
        entry.readerGone(this);
        CoreSubscriber<? super ByteBuf> actual = subscriber;
        if (cause != null && actual != null) {
            actual.onError(cause);
        }
    }

    private void released(int octets) {
        long before = UNRELEASED_OCTETS.getAndAdd(this, -octets);
        if (before >= UNRELEASED) {
            drain();
        }
    }
}
