package com.kingcdn.redirector.api;

import com.kingcdn.control.ControlEvent;
import com.kingcdn.control.ControlJson;
import com.kingcdn.redirector.registry.EventLog;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Events as server-sent events on the wire. A stretch of the log is put into octets once, and all edges that are at its beginning get the
 * same octets: with a thousand purges a second and many edges, this is what a purge costs. For one thread.
 *
 * <p>Stretches end at the {@linkplain #advance() newest event of the round}, so that edges which keep up stay as far as each other.
 */
final class EventFrames {

    /** Octets of one stretch, about. */
    static final int STRETCH_BYTES = 16 * 1024;

    /** Octets of all stretches that are kept: enough for edges that catch up side by side. */
    static final int MAX_KEPT_BYTES = 4 * 1024 * 1024;

    private static final int READ_AHEAD = 64;

    /** What lies between two places of the log. */
    static final class Stretch {

        private final long from;
        private final long to;
        private final byte[] octets;

        private Stretch(long from, long to, byte[] octets) {
            this.from = from;
            this.to = to;
            this.octets = octets;
        }

        /** The last event in it. */
        long to() {
            return to;
        }

        /** Shared: not to be written into. */
        byte[] octets() {
            return octets;
        }

        private boolean isFull() {
            return octets.length >= STRETCH_BYTES;
        }
    }

    private final EventLog log;

    /** By where they begin, the oldest first. */
    private final Map<Long, Stretch> stretches = new LinkedHashMap<>();

    private long keptBytes;
    private long newest;
    private long configVersion = -1;
    private byte[] config = {};
    private long beat = -1;
    private byte[] heartbeat = {};

    EventFrames(EventLog log) {
        this.log = log;
    }

    /** Takes what the log has now as the end of what edges are told. */
    void advance() {
        newest = log.lastSequence();
    }

    /** The last event that edges are told of. */
    long newest() {
        return newest;
    }

    /**
     * What follows an event, as far as one write goes.
     *
     * @return empty when there is nothing yet; null when the log does not reach back so far
     */
    @Nullable
    Stretch after(long sequence) {
        @Nullable Stretch known = stretches.get(sequence);
        if (known != null && (known.isFull() || known.to() >= newest)) {
            return known;
        }
        Stretch made = encode(sequence);
        if (!log.reachesBackTo(sequence)) {
            // asked after the reading: what went meanwhile may be missing in it
            return null;
        }
        if (made.to() > sequence) {
            keep(made);
        }
        return made;
    }

    private void keep(Stretch made) {
        keptBytes += made.octets().length;
        @Nullable Stretch shorter = stretches.put(made.from, made);
        keptBytes -= shorter == null ? 0 : shorter.octets().length;
        Iterator<Stretch> oldest = stretches.values().iterator();
        while (keptBytes > MAX_KEPT_BYTES && oldest.hasNext()) {
            keptBytes -= oldest.next().octets().length;
            oldest.remove();
        }
    }

    private Stretch encode(long from) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream(STRETCH_BYTES / 4);
        long to = from;
        while (to < newest && octets.size() < STRETCH_BYTES) {
            List<ControlEvent> events = log.after(to, (int) Math.min(READ_AHEAD, newest - to));
            if (events.isEmpty()) {
                break;
            }
            for (ControlEvent event : events) {
                long sequence = sequence(event);
                if (sequence > newest || octets.size() >= STRETCH_BYTES) {
                    break;
                }
                octets.writeBytes(frame(name(event), sequence, event));
                to = sequence;
            }
        }
        return new Stretch(from, to, octets.toByteArray());
    }

    /** Its own, since numbers may be missing before it. */
    private static long sequence(ControlEvent numbered) {
        if (numbered instanceof ControlEvent.Purge purge) {
            return purge.sequence();
        }
        return numbered instanceof ControlEvent.Fill fill
                ? fill.sequence()
                : ((ControlEvent.FillCancelled) numbered).sequence();
    }

    private static String name(ControlEvent event) {
        return event instanceof ControlEvent.Purge
                ? "purge"
                : event instanceof ControlEvent.Fill ? "fill" : "fill-cancelled";
    }

    /** An open fill that an edge is told of besides the log. */
    byte[] fill(ControlEvent.Fill fill) {
        return frame("fill", fill.sequence(), fill);
    }

    byte[] reset(long sequence) {
        return frame("reset", null, new ControlEvent.Reset(sequence));
    }

    byte[] config(ControlEvent.Config changed) {
        if (configVersion != changed.snapshot().version()) {
            config = frame("config", null, changed);
            configVersion = changed.snapshot().version();
        }
        return config;
    }

    byte[] heartbeat(long sequence) {
        if (beat != sequence) {
            heartbeat = frame("heartbeat", null, new ControlEvent.Heartbeat(sequence));
            beat = sequence;
        }
        return heartbeat;
    }

    private static byte[] frame(String name, @Nullable Long id, ControlEvent event) {
        String json = ControlJson.mapper().writerFor(ControlEvent.class).writeValueAsString(event);
        String frame = (id == null ? "" : "id:" + id + "\n") + "event:" + name + "\ndata:" + json + "\n\n";
        return frame.getBytes(StandardCharsets.UTF_8);
    }
}
