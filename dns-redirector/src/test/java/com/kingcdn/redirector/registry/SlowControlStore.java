package com.kingcdn.redirector.registry;

import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A store whose disk can be made to wait, or to fail. */
public final class SlowControlStore implements ControlStore {

    private record Waiting(ControlChange change, CompletableFuture<Void> done) {}

    private final Queue<Waiting> waiting = new ArrayDeque<>();
    private @Nullable ControlState state;
    private Predicate<ControlChange> refused = change -> false;
    private boolean slow;
    private int appended;

    @Override
    public synchronized void open(ControlState opened) {
        state = opened;
    }

    /** From now on changes wait for {@link #write}. */
    public synchronized void slow() {
        slow = true;
    }

    /** From now on such changes cannot be kept. */
    public synchronized void refuse(Predicate<ControlChange> which) {
        refused = which;
    }

    /** How many changes it was asked to keep. */
    public synchronized int appended() {
        return appended;
    }

    @Override
    public synchronized CompletableFuture<Void> append(ControlChange change) {
        appended++;
        if (refused.test(change)) {
            return CompletableFuture.failedFuture(
                    new ControlStoreException(ControlStoreException.Kind.UNWRITABLE, "the disk is full", null));
        }
        Waiting next = new Waiting(change, new CompletableFuture<>());
        waiting.add(next);
        if (!slow) {
            write();
        }
        return next.done;
    }

    /** Writes all that waits, and whatever comes from now on at once. */
    public synchronized void write() {
        slow = false;
        for (Waiting next = waiting.poll(); next != null; next = waiting.poll()) {
            Objects.requireNonNull(state).apply(next.change);
            next.done.complete(null);
        }
    }

    @Override
    public void close() {}
}
