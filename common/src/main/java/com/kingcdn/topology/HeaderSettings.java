package com.kingcdn.topology;

import org.jspecify.annotations.Nullable;

/**
 * Changes of header fields in both directions.
 *
 * @param toClient of final responses, stored or not
 * @param toOrigin of requests that go upstream
 */
public record HeaderSettings(FieldChanges toClient, FieldChanges toOrigin) {

    public HeaderSettings(@Nullable FieldChanges toClient, @Nullable FieldChanges toOrigin) {
        this.toClient = toClient == null ? FieldChanges.NONE : toClient;
        this.toOrigin = toOrigin == null ? FieldChanges.NONE : toOrigin;
    }
}
