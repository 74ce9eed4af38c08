package com.kingcdn.redirector.registry;

import java.util.concurrent.CompletableFuture;

/**
 * The durable, ordered memory of the control plane.
 *
 * <p>Its forms pass one contract suite. A change is acknowledged when it is durable and applied, never before.
 */
public interface ControlStore extends AutoCloseable {

    /**
     * Feeds everything accepted so far to the state, then each new change once it is durable. Called once, before any append.
     *
     * @throws ControlStoreException when what is stored cannot be read
     */
    void open(ControlState state);

    /**
     * Adds one change, behind all that were appended before.
     *
     * @return completes when the change is durable and applied, or with a {@link ControlStoreException}
     * @throws ControlStoreException when the store cannot take it now; nothing has been kept then
     */
    CompletableFuture<Void> append(ControlChange change);

    /** Finishes what was appended and releases the store. */
    @Override
    void close();
}
