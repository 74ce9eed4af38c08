package com.kingcdn.redirector.publish;

import com.kingcdn.redirector.zone.ServingSnapshot;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The signing of a snapshot's answers before they are asked for, behind its publication and on a thread of its own. */
final class SignAhead implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(SignAhead.class);

    private final int most;
    private final AtomicReference<@Nullable ServingSnapshot> next = new AtomicReference<>();
    private final ExecutorService signer;
    private @Nullable Object done;

    /** @param most signatures that there is room for */
    SignAhead(int most) {
        this(most, task -> {
            Thread thread = new Thread(task, "sign-ahead");
            thread.setDaemon(true);
            return thread;
        });
    }

    SignAhead(int most, ThreadFactory threads) {
        this.most = most;
        this.signer = Executors.newSingleThreadExecutor(threads);
    }

    /** Signs this snapshot's answers instead of those of the one before. */
    void sign(ServingSnapshot snapshot) {
        if (snapshot.isSigned() && next.getAndSet(snapshot) == null) {
            try {
                signer.execute(this::run);
            } catch (RejectedExecutionException e) {
                log.debug("closed", e);
            } catch (Error e) {
                // no thread is to be had: the next snapshot is to try again
                next.set(null);
                log.error("signing ahead failed; answers are signed when they are first asked for", e);
            }
        }
    }

    private void run() {
        @Nullable ServingSnapshot snapshot = next.getAndSet(null);
        if (snapshot == null || snapshot.signedContent().equals(done)) {
            return;
        }
        try {
            snapshot.signAhead(
                    most, () -> next.get() != null || Thread.currentThread().isInterrupted());
            done = next.get() == null ? snapshot.signedContent() : null;
        } catch (RuntimeException | Error e) {
            log.error("signing ahead failed; answers are signed when they are first asked for", e);
        }
    }

    @Override
    public void close() {
        signer.shutdownNow();
    }
}
