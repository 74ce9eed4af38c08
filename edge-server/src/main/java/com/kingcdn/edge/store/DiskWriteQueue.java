package com.kingcdn.edge.store;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What waits to be written, bounded by the octets of data in it. Removals, pins and syncs hold no data and are always taken: there
 * are never more of them than entries, or callers waiting.
 */
final class DiskWriteQueue {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition filled = lock.newCondition();
    private final long capacity;
    private List<DiskWrite> waiting = new ArrayList<>();
    private long bytes;
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
            waiting.add(write);
            filled.signal();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Takes all that waits, after waiting for the first for at most so long. Their octets count until {@link #finished}. */
    List<DiskWrite> take(long timeoutNanos) throws InterruptedException {
        lock.lock();
        try {
            long left = timeoutNanos;
            while (waiting.isEmpty() && !closed && left > 0) {
                left = filled.awaitNanos(left);
            }
            List<DiskWrite> taken = waiting;
            waiting = new ArrayList<>();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** Gives back the room of a write that was taken. */
    void finished(int writeBytes) {
        lock.lock();
        try {
            bytes -= writeBytes;
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
