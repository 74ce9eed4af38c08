package com.kingcdn.redirector.registry;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A store that forgets: for a redirector that runs from its configuration file alone. */
public final class MemoryControlStore implements ControlStore {

    private @Nullable ControlState state;

    @Override
    public synchronized void open(ControlState opened) {
        this.state = opened;
    }

    @Override
    public synchronized CompletableFuture<Void> append(ControlChange change) {
        if (state == null) {
            throw new ControlStoreException(ControlStoreException.Kind.STOPPED, "the store is not open", null);
        }
        state.apply(change);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public synchronized void close() {
        state = null;
    }
}
