package com.kingcdn.control.client;

import org.jspecify.annotations.Nullable;

/**
 * One event of a {@code text/event-stream} (HTML Standard, section 9.2.6).
 *
 * @param event the type's name; empty when not given
 * @param id this event's own id field, or null; unlike a browser's it is not inherited from events before
 */
record ServerSentEvent(String event, @Nullable String id, String data) {}
