package com.kingcdn.redirector.registry;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for the store, with a bound. */
final class Commits {

    private static final int SECONDS = 10;

    private Commits() {}

    /** @throws ControlStoreException when the change was not made durable, or not in time */
    static void await(CompletableFuture<Void> done) {
        try {
            done.get(SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ControlStoreException refused) {
                throw refused;
            }
            throw new IllegalStateException("applying a change failed", e.getCause());
        } catch (TimeoutException e) {
            throw new ControlStoreException(
                    ControlStoreException.Kind.BUSY,
                    "the change was not written within " + SECONDS + " s; it may still be: look before you try again",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ControlStoreException(ControlStoreException.Kind.STOPPED, "interrupted while writing", e);
        }
    }
}
