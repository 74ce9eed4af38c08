package com.kingcdn.edge.store;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What waits to be written, bounded by the octets of data in it. Removals, pins and syncs hold no data and are always taken: there
 * are never more of them than entries, or callers waiting.
 *
 * <p>A little data waits a few milliseconds for more, so that many small objects cost the disk one write. While data keeps coming, the
 * writer looks by itself once in that time, and offers wake nobody. That is also about what a killed process can lose.
 */
final class DiskWriteQueue {

    /** How long data waits for more. */
    private static final long GATHER_NANOS = TimeUnit.MILLISECONDS.toNanos(4);

    /** Octets that are worth a write of their own. */
    private static final long ENOUGH = 1 << 20;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition filled = lock.newCondition();
    private final long capacity;
    private List<DiskWrite> waiting = new ArrayList<>();
    private long bytes;
    private long gathered;
    private boolean urgent;
    private boolean asleep;
    private boolean closed;

    DiskWriteQueue(long capacity) {
        this.capacity = capacity;
    }

    /** Adds a write, or returns false when the queue is full or closed. */
    boolean offer(DiskWrite write) {
        lock.lock();
        try {
            if (closed || (write.bytes() > 0 && bytes + write.bytes() > capacity)) {
                return false;
            }
            bytes += write.bytes();
            gathered += write.bytes();
            urgent |= write.bytes() == 0;
            waiting.add(write);
            if (asleep || isWorthWriting()) {
                asleep = false;
                filled.signal();
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private boolean isWorthWriting() {
        return urgent || gathered >= ENOUGH || closed;
    }

    /**
     * Takes all that waits, after waiting for the first for at most so long, and a moment for more. Their octets count until
     * {@link #finished}.
     */
    List<DiskWrite> take(long timeoutNanos) throws InterruptedException {
        lock.lock();
        try {
            gather();
            if (waiting.isEmpty() && sleep(timeoutNanos)) {
                gather();
            }
            List<DiskWrite> taken = waiting;
            waiting = new ArrayList<>();
            gathered = 0;
            urgent = false;
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** Lets data gather for a moment, whether or not there is some yet: after a batch there mostly is another one. */
    private void gather() throws InterruptedException {
        long left = GATHER_NANOS;
        while (!isWorthWriting() && left > 0) {
            left = filled.awaitNanos(left);
        }
    }

    /** Waits for the first of the next batch. Returns whether it has come. */
    private boolean sleep(long timeoutNanos) throws InterruptedException {
        long left = timeoutNanos;
        asleep = true;
        while (waiting.isEmpty() && !closed && left > 0) {
            left = filled.awaitNanos(left);
        }
        asleep = false;
        return !waiting.isEmpty();
    }

    /** Gives back the room of writes that were taken. */
    void finished(long writeBytes) {
        lock.lock();
        try {
            bytes -= writeBytes;
        } finally {
            lock.unlock();
        }
    }

    boolean isEmpty() {
        lock.lock();
        try {
            return waiting.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    long bytes() {
        lock.lock();
        try {
            return bytes;
        } finally {
            lock.unlock();
        }
    }

    /** Refuses what comes from now on. */
    void close() {
        lock.lock();
        try {
            closed = true;
            filled.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean closed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** A wait that is as good as none ending, in nanoseconds. */
    static long forever() {
        return TimeUnit.HOURS.toNanos(1);
    }
}
