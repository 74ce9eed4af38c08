package com.kingcdn.edge.upstream;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The one deadline of a connection, which moves with each exchange. Only one timer runs for it: it is set anew when it fires, and moved
 * only when a deadline comes before it. Belongs to the event loop of the connection.
 */
final class ConnectionTimer {

    private final Runnable due;

    private @Nullable Future<?> timer;
    private long timerAt;
    private long deadline;
    private boolean set;

    /**
     * One without a deadline.
     *
     * @param due run when a deadline has passed
     */
    ConnectionTimer(Runnable due) {
        this.due = due;
    }

    /** The deadline is so many nanoseconds from now; none before counts any more. */
    void set(EventExecutor loop, long nanos) {
        deadline = System.nanoTime() + nanos;
        set = true;
        if (timer == null || timerAt - deadline > 0) {
            end();
            start(loop, nanos);
        }
    }

    /** There is no deadline. */
    void clear() {
        set = false;
    }

    /** Ends the timer for good, or until the next deadline is set. */
    void end() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    private void start(EventExecutor loop, long nanos) {
        timerAt = deadline;
        timer = loop.schedule(() -> tick(loop), nanos, TimeUnit.NANOSECONDS);
    }

    private void tick(EventExecutor loop) {
        timer = null;
        if (set) {
            long left = deadline - System.nanoTime();
            if (left > 0) {
                start(loop, left);
            } else {
                due.run();
            }
        }
    }
}
