package com.kingcdn.edge.push;

import com.kingcdn.control.FillPlan;
import com.kingcdn.control.FillProgress;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;

/** How far a fill is, told when something happens, but of octets alone no more than once a second. Silent once it has ended. */
final class ProgressReport {

    private static final long INTERVAL_MILLIS = 1000;

    private final String id;
    private final int total;
    private final Consumer<FillProgress> listener;
    private final Scheduler clock;

    private FillProgress.State state = FillProgress.State.WAITING;
    private int done;
    private int failed;
    private long bytes;
    private @Nullable String error;
    private long toldAt;

    ProgressReport(String id, FillPlan plan, Consumer<FillProgress> listener, Scheduler clock) {
        this.id = id;
        this.total = plan.paths().size();
        this.listener = listener;
        this.clock = clock;
    }

    String id() {
        return id;
    }

    synchronized void enter(FillProgress.State next) {
        if (!ended()) {
            state = next;
            tell();
        }
    }

    synchronized void fetched(int octets) {
        bytes += octets;
        if (!ended() && clock.now(TimeUnit.MILLISECONDS) - toldAt >= INTERVAL_MILLIS) {
            tell();
        }
    }

    synchronized void pathDone() {
        done++;
        if (!ended()) {
            tell();
        }
    }

    synchronized void pathFailed(String reason) {
        failed++;
        error = reason;
        pathDone();
    }

    /** Ends as done, or as failed when a path has failed. */
    synchronized void end() {
        enter(failed == 0 ? FillProgress.State.DONE : FillProgress.State.FAILED);
    }

    synchronized void fail(String reason) {
        error = reason;
        enter(FillProgress.State.FAILED);
    }

    private boolean ended() {
        return switch (state) {
            case WAITING, RUNNING -> false;
            case DONE, FAILED, CANCELLED -> true;
        };
    }

    private void tell() {
        toldAt = clock.now(TimeUnit.MILLISECONDS);
        listener.accept(new FillProgress(id, state, done, failed, total, bytes, error));
    }
}
