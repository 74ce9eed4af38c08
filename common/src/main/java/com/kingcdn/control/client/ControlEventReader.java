package com.kingcdn.control.client;

import com.kingcdn.control.ControlEvent;
import com.kingcdn.control.ControlJson;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Reads the JSON of server-sent events as control events. */
final class ControlEventReader {

    private static final Logger log = LoggerFactory.getLogger(ControlEventReader.class);

    /** Lenient, since a newer redirector may say more. */
    private static final JsonMapper JSON = ControlJson.mapper()
            .rebuild()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    /**
     * The event, or null for one without a number that this version does not know.
     *
     * <p>A numbered event which cannot be read may have been a purge, so it counts as a {@link ControlEvent.Reset}: the edge goes on
     * after it and trusts nothing stored before it.
     */
    @Nullable
    ControlEvent read(ServerSentEvent event) {
        ControlEvent.@Nullable Purge purge = "purge".equals(event.event()) ? PurgeEventReader.read(event.data()) : null;
        if (purge != null) {
            return purge;
        }
        try {
            return JSON.readValue(event.data(), ControlEvent.class);
        } catch (JacksonException e) {
            log.warn(
                    "Cannot read control event '{}' with id {}: {}. Is this edge older than its redirector?",
                    event.event(),
                    event.id(),
                    e.getOriginalMessage());
            return event.id() == null ? null : new ControlEvent.Reset(number(event.id()));
        }
    }

    private static long number(String id) {
        try {
            return Long.parseLong(id);
        } catch (NumberFormatException e) {
            throw new ControlPlaneException("event id '" + id + "' is not a number", 0, e);
        }
    }
}
