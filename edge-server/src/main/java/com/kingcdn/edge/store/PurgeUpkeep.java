package com.kingcdn.edge.store;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done about purges after they have been applied, by one thread that is there only then: recording them, and forgetting old
 * ones once they have become too many.
 */
final class PurgeUpkeep implements AutoCloseable {

    private static final Logger LOGGER = LoggerFactory.getLogger(PurgeUpkeep.class);
    private static final int SYNC_WITHIN_SECONDS = 10;

    private final Purges purges;
    private final Entries entries;
    private final ThreadPoolExecutor thread;
    private final AtomicBoolean commitDue = new AtomicBoolean();
    private final AtomicBoolean comparing = new AtomicBoolean();

    /** What is stored, as the upkeep sees it. */
    interface Entries {

        /** The generation before which no request that is under way was sent. */
        long oldestGeneration();

        /** Whether all of it is known: what was stored before the start is read first. */
        boolean areKnown();

        /** Compares each entry with the purges. */
        void compareAll();

        /** Completes when what followed from that would survive a crash. */
        CompletionStage<@Nullable Void> sync();
    }

    PurgeUpkeep(Purges purges, Entries entries) {
        this.purges = purges;
        this.entries = entries;
        this.thread = new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread made = new Thread(task, "purge-upkeep");
            made.setDaemon(true);
            return made;
        });
        thread.allowCoreThreadTimeOut(true);
    }

    /** A purge was made: it is recorded soon, also when nobody waits for that. */
    void purged() {
        if (commitDue.compareAndSet(false, true)) {
            execute(this::commitSoon);
        }
        if (purges.isCrowded() && entries.areKnown() && comparing.compareAndSet(false, true)) {
            execute(this::forgetOld);
        }
    }

    private void execute(Runnable task) {
        try {
            thread.execute(task);
        } catch (RejectedExecutionException e) {
            LOGGER.debug("Too late: the store is closed");
        }
    }

    private void commitSoon() {
        commitDue.set(false);
        try {
            purges.commit();
        } catch (IOException e) {
            LOGGER.debug("Purges are not recorded yet", e);
        }
    }

    /** Compares every entry with the purges so far, after which these can be forgotten. */
    private void forgetOld() {
        try {
            long generation = Math.min(purges.generation(), entries.oldestGeneration());
            entries.compareAll();
            entries.sync().toCompletableFuture().get(SYNC_WITHIN_SECONDS, TimeUnit.SECONDS);
            purges.forgetUpTo(generation);
            StoreMetrics.PURGE_COMPARISONS.inc();
        } catch (ExecutionException | TimeoutException e) {
            LOGGER.debug("Old purges are kept, since the disk cannot be written", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            comparing.set(false);
        }
    }

    /** Completes when all purges so far, and what followed from them, would survive a crash; exceptionally if the disk failed. */
    CompletionStage<@Nullable Void> sync() {
        if (purges.isCommitted()) {
            return entries.sync();
        }
        CompletableFuture<@Nullable Void> recorded = new CompletableFuture<>();
        try {
            thread.execute(() -> {
                try {
                    purges.commit();
                    recorded.complete(null);
                } catch (IOException e) {
                    recorded.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            recorded.completeExceptionally(e);
        }
        return recorded.thenCombine(entries.sync(), (nothing, either) -> null);
    }

    @Override
    public void close() {
        thread.shutdown();
        purges.close();
    }
}
