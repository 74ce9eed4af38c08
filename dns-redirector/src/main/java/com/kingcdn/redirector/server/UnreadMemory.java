package com.kingcdn.redirector.server;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The memory that parts of messages take which have come, on all connections together, and its limit: when it is passed, those connections
 * are closed that have had a message unfinished for longest. Thread-safe.
 */
final class UnreadMemory {

    private final long limit;
    /** In the order in which they began to hold something. */
    private final Map<Holder, Integer> held = new LinkedHashMap<>();

    private long sum;

    /** @param limit in bytes */
    UnreadMemory(long limit) {
        this.limit = limit;
    }

    /** What keeps parts of a message. Identity counts: it has no equals of its own. */
    interface Holder {

        /** Closes the connection; what it holds is set to 0 by that, sooner or later. Called on any thread. */
        void giveUp();
    }

    /** Says how many bytes one holds now; 0 when it has no message unfinished. May give up others, or this one. */
    void set(Holder holder, int bytes) {
        List<Holder> tooMany = List.of();
        synchronized (held) {
            Integer before = bytes == 0 ? held.remove(holder) : held.put(holder, bytes);
            sum += bytes - (before == null ? 0 : before);
            if (sum > limit) {
                tooMany = oldest();
            }
        }
        for (Holder each : tooMany) {
            ConnectionMetrics.unfinished();
            each.giveUp();
        }
    }

    /** Those to give up, which are no longer counted. */
    private List<Holder> oldest() {
        List<Holder> result = new ArrayList<>();
        var all = held.entrySet().iterator();
        while (sum > limit && all.hasNext()) {
            Map.Entry<Holder, Integer> each = all.next();
            sum -= each.getValue();
            result.add(each.getKey());
            all.remove();
        }
        return result;
    }

    /** The bytes held now, by all. */
    long held() {
        synchronized (held) {
            return sum;
        }
    }
}
