package com.kingcdn.redirector.registry;

import com.kingcdn.control.ControlJson;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A change on its way to the disk; the end of those that wait when there is no change. */
final class PendingChange {

    private final @Nullable ControlChange change;
    private final byte[] json;
    private final CompletableFuture<Void> done = new CompletableFuture<>();

    PendingChange(@Nullable ControlChange change) {
        this.change = change;
        this.json = ControlJson.mapper().writeValueAsBytes(change);
    }

    boolean isEnd() {
        return change == null;
    }

    @Nullable
    ControlChange change() {
        return change;
    }

    /** As the journal holds it. */
    byte[] json() {
        return json;
    }

    /** Done when the change is durable and visible, or refused. */
    CompletableFuture<Void> done() {
        return done;
    }
}
