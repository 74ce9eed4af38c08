package com.kingcdn.control;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/**
 * What a redirector tells the edges, on {@code GET /v1/events}. As a server-sent event: {@code event} is the type's name,
 * {@code id} the sequence number (only where the event is part of the numbered log), {@code data} this value as JSON.
 *
 * <p>On each connection the order is: one {@link Config} with the whole present configuration; {@link Reset} when the log does not
 * reach back to the edge's {@code Last-Event-ID}; then every numbered event after {@code Last-Event-ID}, in order, each once; and
 * from then on a {@link Heartbeat} each second, new numbered events as they are accepted, and a new Config whenever it changes.
 * An edge without {@code Last-Event-ID} has nothing cached: it gets Config, the fills still open, and starts at the present number.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = ControlEvent.Config.class, name = "config"),
    @JsonSubTypes.Type(value = ControlEvent.Reset.class, name = "reset"),
    @JsonSubTypes.Type(value = ControlEvent.Heartbeat.class, name = "heartbeat"),
    @JsonSubTypes.Type(value = ControlEvent.Purge.class, name = "purge"),
    @JsonSubTypes.Type(value = ControlEvent.Fill.class, name = "fill"),
    @JsonSubTypes.Type(value = ControlEvent.FillCancelled.class, name = "fill-cancelled")
})
public sealed interface ControlEvent {

    /** The whole configuration edges need; replaces the one before. */
    record Config(ConfigSnapshot snapshot) implements ControlEvent {}

    /**
     * The log does not reach back far enough: whatever was stored before now may have been purged meanwhile.
     *
     * @param sequence number up to which purges may have been missed
     */
    record Reset(long sequence) implements ControlEvent {}

    /**
     * Sent each second.
     *
     * @param sequence of the newest accepted event: an edge that has applied it has caught up
     */
    record Heartbeat(long sequence) implements ControlEvent {}

    /**
     * Numbered: forget what these URLs name.
     *
     * @param id of the purge, for the receipt
     * @param sequence its place in the log, from 1
     * @param acceptedAtMillis when the API accepted it, Unix time in milliseconds
     */
    record Purge(String id, long sequence, long acceptedAtMillis, PurgeRequest request) implements ControlEvent {}

    /**
     * Numbered: fetch and pin these paths.
     *
     * @param id of the fill, for its progress
     * @param sequence its place in the log, from 1
     */
    record Fill(String id, long sequence, FillPlan plan) implements ControlEvent {}

    /** Numbered: stop that fill and unpin what it brought. */
    record FillCancelled(String id, long sequence) implements ControlEvent {}
}
