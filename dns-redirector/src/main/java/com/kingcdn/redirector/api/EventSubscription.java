package com.kingcdn.redirector.api;

import com.kingcdn.control.ConfigSnapshot;
import com.kingcdn.control.ControlEvent;
import com.kingcdn.redirector.registry.EventLog;
import com.kingcdn.redirector.registry.Registries;
import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.FluxSink;

/**
 * One edge's connection to the log: where it is, and what else it has to be told. Used by the feed's thread alone.
 *
 * <p>The order of a connection: configuration; what a new or far-behind edge needs besides the log; the log; heartbeats. A heartbeat only
 * goes out when all events before it have, so that its number is never ahead of them.
 */
final class EventSubscription {

    private static final Logger log = LoggerFactory.getLogger(EventSubscription.class);

    /** Seconds for which an edge may take nothing. */
    static final int MAX_STALLED_TICKS = 10;

    private static final int READ_AHEAD = 64;

    /** Octets of one write, about. */
    private static final int WRITE_BYTES = 16 * 1024;

    private final Registries registries;
    private final EventLog events;
    private final FluxSink<byte[]> sink;
    private final EventFrames frames;
    private final @Nullable Long lastEventId;

    /** What goes before the log: bounded, since it is made once. */
    private final Deque<ControlEvent> first = new ArrayDeque<>();

    private final Deque<ControlEvent> read = new ArrayDeque<>();
    private long cursor;
    private boolean configDue = true;
    private boolean heartbeatDue = true;
    private long sentVersion = -1;
    private int stalledTicks;
    private boolean trimmed;

    EventSubscription(Registries registries, FluxSink<byte[]> sink, EventFrames frames, @Nullable Long lastEventId) {
        this.registries = registries;
        this.frames = frames;
        this.events = registries.events();
        this.sink = sink;
        this.lastEventId = lastEventId;
    }

    /** Decides where in the log the connection begins. */
    void begin(long nowMillis) {
        // before the fills are listed, so that each comes either way and none both ways
        long newest = events.lastSequence();
        List<ControlEvent> open = registries.fills().open(nowMillis);
        if (lastEventId == null) {
            cursor = newest;
            open.stream().filter(fill -> sequence(fill) <= newest).forEach(first::add);
        } else if (events.reachesBackTo(lastEventId)) {
            cursor = lastEventId;
        } else {
            cursor = events.oldestReachable();
            // fills outlive their events; those of another log's numbering come with the log itself
            open.stream()
                    .filter(fill -> sequence(fill) > lastEventId && sequence(fill) <= cursor)
                    .forEach(first::add);
            first.add(new ControlEvent.Reset(cursor));
            log.info("an edge that has applied event {} starts over at {}", lastEventId, cursor);
        }
    }

    private static long sequence(ControlEvent fill) {
        return ((ControlEvent.Fill) fill).sequence();
    }

    void configChanged() {
        configDue = true;
        drain();
    }

    /** Each second: a heartbeat is due, and an edge that still has not taken the one before is stalled. */
    void tick() {
        stalledTicks = heartbeatDue ? stalledTicks + 1 : 0;
        if (stalledTicks > MAX_STALLED_TICKS) {
            EventFeed.CUT.inc();
            log.warn("cut an edge's event connection: it took nothing for {} s", MAX_STALLED_TICKS);
            sink.complete();
            return;
        }
        heartbeatDue = true;
        drain();
    }

    /** Sends as much as the edge takes now, many events with one write. */
    void drain() {
        while (!sink.isCancelled() && sink.requestedFromDownstream() > 0) {
            byte[] events = nextFrames();
            if (events.length > 0) {
                sink.next(events);
            }
            if (trimmed) {
                sink.complete();
            }
            if (events.length == 0 || trimmed) {
                return;
            }
        }
    }

    private byte[] nextFrames() {
        ByteArrayOutputStream octets = new ByteArrayOutputStream(512);
        @Nullable ControlEvent next = next();
        while (next != null) {
            octets.writeBytes(frames.frame(next));
            next = octets.size() < WRITE_BYTES ? next() : null;
        }
        return octets.toByteArray();
    }

    private @Nullable ControlEvent next() {
        if (configDue) {
            configDue = false;
            ConfigSnapshot snapshot = Objects.requireNonNull(registries.config().snapshot());
            if (snapshot.version() != sentVersion) {
                sentVersion = snapshot.version();
                return new ControlEvent.Config(snapshot);
            }
        }
        if (!first.isEmpty()) {
            return first.poll();
        }
        if (read.isEmpty()) {
            if (!events.reachesBackTo(cursor)) {
                // while it was being read: it comes back and is told so
                trimmed = true;
                return null;
            }
            read.addAll(events.after(cursor, READ_AHEAD));
        }
        @Nullable ControlEvent numbered = read.poll();
        if (numbered != null) {
            cursor++;
            return numbered;
        }
        if (heartbeatDue) {
            heartbeatDue = false;
            return new ControlEvent.Heartbeat(cursor);
        }
        return null;
    }

    void complete() {
        sink.complete();
    }
}
