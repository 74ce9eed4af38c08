package com.kingcdn.redirector.api;

import com.kingcdn.control.ControlEvent;
import com.kingcdn.control.ControlJson;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Events as server-sent events on the wire. Each is put into octets once, however many edges get it: the newest ones are kept. For one
 * thread.
 */
final class EventFrames {

    /** Enough for edges that are about as far as each other. */
    private static final int MOST = 1024;

    /** By sequence number. */
    private final Map<Long, byte[]> numbered = new LinkedHashMap<>() {

        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, byte[]> eldest) {
            return size() > MOST;
        }
    };

    private long configVersion;
    private byte @Nullable [] config;

    byte[] frame(ControlEvent event) {
        if (event instanceof ControlEvent.Purge purge) {
            return numbered.computeIfAbsent(purge.sequence(), sequence -> encode("purge", sequence, event));
        }
        if (event instanceof ControlEvent.Fill fill) {
            return numbered.computeIfAbsent(fill.sequence(), sequence -> encode("fill", sequence, event));
        }
        if (event instanceof ControlEvent.FillCancelled cancelled) {
            return numbered.computeIfAbsent(
                    cancelled.sequence(), sequence -> encode("fill-cancelled", sequence, event));
        }
        if (event instanceof ControlEvent.Config changed) {
            return config(changed);
        }
        return encode(event instanceof ControlEvent.Reset ? "reset" : "heartbeat", null, event);
    }

    private byte[] config(ControlEvent.Config changed) {
        byte[] known = config;
        if (known == null || configVersion != changed.snapshot().version()) {
            known = encode("config", null, changed);
            config = known;
            configVersion = changed.snapshot().version();
        }
        return known;
    }

    private static byte[] encode(String name, @Nullable Long id, ControlEvent event) {
        String json = ControlJson.mapper().writerFor(ControlEvent.class).writeValueAsString(event);
        String frame = (id == null ? "" : "id:" + id + "\n") + "event:" + name + "\ndata:" + json + "\n\n";
        return frame.getBytes(StandardCharsets.UTF_8);
    }
}
