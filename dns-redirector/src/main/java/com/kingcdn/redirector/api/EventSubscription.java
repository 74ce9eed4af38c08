package com.kingcdn.redirector.api;

import com.kingcdn.control.ConfigSnapshot;
import com.kingcdn.control.ControlEvent;
import com.kingcdn.redirector.api.EventFrames.Stretch;
import com.kingcdn.redirector.registry.EventLog;
import com.kingcdn.redirector.registry.Registries;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

    private final Registries registries;
    private final EventSink sink;
    private final EventFrames frames;
    private final @Nullable Long lastEventId;

    /** What goes before the log: bounded, since it is made once. */
    private final List<byte[]> first = new ArrayList<>();

    private long cursor;
    private boolean configDue = true;
    private boolean heartbeatDue = true;
    private long sentVersion = -1;
    private int stalledTicks;

    /** Whether something waits for the sink to become ready; other threads read it. */
    private volatile boolean waiting;

    EventSubscription(Registries registries, EventSink sink, EventFrames frames, @Nullable Long lastEventId) {
        this.registries = registries;
        this.frames = frames;
        this.sink = sink;
        this.lastEventId = lastEventId;
    }

    /** Decides where in the log the connection begins. */
    void begin(long nowMillis) {
        EventLog events = registries.events();
        // before the fills are listed, so that each comes either way and none both ways
        long newest = events.lastSequence();
        List<ControlEvent> open = registries.fills().open(nowMillis);
        if (lastEventId == null) {
            cursor = newest;
            addFills(open, 0, newest);
        } else if (events.reachesBackTo(lastEventId)) {
            cursor = lastEventId;
        } else {
            cursor = events.oldestReachable();
            // fills outlive their events; those of another log's numbering come with the log itself
            addFills(open, lastEventId, cursor);
            first.add(frames.reset(cursor));
            log.info("an edge that has applied event {} starts over at {}", lastEventId, cursor);
        }
    }

    private void addFills(List<ControlEvent> open, long after, long to) {
        for (ControlEvent event : open) {
            if (event instanceof ControlEvent.Fill fill && fill.sequence() > after && fill.sequence() <= to) {
                first.add(frames.fill(fill));
            }
        }
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
            sink.cut();
            return;
        }
        heartbeatDue = true;
        drain();
    }

    /** Whether the sink becoming ready matters to this. */
    boolean isWaiting() {
        return waiting;
    }

    /** Sends as much as the edge takes now: all that has gathered, up to a stretch, with one write. */
    void drain() {
        waiting = false;
        while (sink.isOpen() && hasMore()) {
            if (!sink.isReady()) {
                waiting = true;
                if (!sink.isReady()) {
                    return;
                }
                waiting = false;
            }
            if (!writeNext()) {
                sink.end();
                return;
            }
        }
    }

    private boolean hasMore() {
        return configDue || heartbeatDue || !first.isEmpty() || cursor < frames.newest();
    }

    /** @return false when the log has been trimmed while it was being read: the edge comes back and is told so */
    private boolean writeNext() {
        List<byte[]> octets = new ArrayList<>(2);
        if (configDue) {
            configDue = false;
            ConfigSnapshot snapshot = Objects.requireNonNull(registries.config().snapshot());
            if (snapshot.version() != sentVersion) {
                sentVersion = snapshot.version();
                octets.add(frames.config(new ControlEvent.Config(snapshot)));
            }
        }
        octets.addAll(first);
        first.clear();
        @Nullable Stretch stretch = frames.after(cursor);
        if (stretch == null) {
            return false;
        }
        if (stretch.to() > cursor) {
            octets.add(stretch.octets());
            cursor = stretch.to();
        }
        if (heartbeatDue && cursor >= frames.newest()) {
            heartbeatDue = false;
            octets.add(frames.heartbeat(cursor));
        }
        if (!octets.isEmpty()) {
            sink.write(octets);
        }
        return true;
    }

    void complete() {
        sink.end();
    }

    void cut() {
        sink.cut();
    }
}
