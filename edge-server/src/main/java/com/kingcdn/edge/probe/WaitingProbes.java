package com.kingcdn.edge.probe;

import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Datagrams sent as probes whose answers are to come, each under a number of 16 bits that the answer repeats. For its event loop alone.
 *
 * <p>Numbers and tokens come from a generator that does not tell what it says next: who is probed sees many of them, and could else answer for
 * others.
 */
final class WaitingProbes {

    /** @param token more that an answer may have to repeat */
    record Waiting(Probe probe, int number, long token, InetAddress address, long sentNanos, Future<?> timeout) {}

    private static final int NUMBERS = 1 << 16;
    private static final int MOST = NUMBERS / 4;

    private final SecureRandom random = new SecureRandom();
    private final Map<Integer, Waiting> waiting = new HashMap<>();
    private final EventLoop loop;
    private final long timeoutMillis;
    private final ProbeListener listener;

    WaitingProbes(EventLoop loop, long timeoutMillis, ProbeListener listener) {
        this.loop = loop;
        this.timeoutMillis = timeoutMillis;
        this.listener = listener;
    }

    /** Counts one as sent now, and as lost after the timeout; null when it may not be sent, since too many wait. */
    @Nullable
    Waiting add(Probe probe, InetAddress address) {
        if (waiting.size() >= MOST) {
            listener.unsent(probe);
            return null;
        }
        int number;
        do {
            number = random.nextInt(NUMBERS);
        } while (waiting.containsKey(number));
        int key = number;
        Future<?> timeout = loop.schedule(() -> expired(key), timeoutMillis, TimeUnit.MILLISECONDS);
        Waiting added = new Waiting(probe, number, random.nextLong(), address, System.nanoTime(), timeout);
        waiting.put(number, added);
        return added;
    }

    private void expired(int number) {
        Waiting expired = waiting.remove(number);
        if (expired != null) {
            listener.lost(expired.probe());
        }
    }

    /** The one of that number, when it went to that address; else null. */
    @Nullable
    Waiting find(int number, InetAddress sender) {
        Waiting found = waiting.get(number);
        return found != null && found.address().equals(sender) ? found : null;
    }

    /** Its answer came at that time. */
    void answered(Waiting answered, long nowNanos) {
        waiting.remove(answered.number());
        answered.timeout().cancel(false);
        listener.answered(answered.probe(), nowNanos - answered.sentNanos());
    }
}
