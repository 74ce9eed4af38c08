package com.kingcdn.redirector.registry;

import com.kingcdn.control.ControlEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongFunction;

/**
 * The numbered log of purges and fills: rising sequence numbers from 1, each event once. A number is missing where an event could not be
 * made durable: until a restart it is not given to another.
 *
 * <p>It keeps the newest {@link #MAX_EVENTS} events that are not older than {@link #MAX_AGE_MILLIS} against the newest; an edge that was
 * away for longer is told so. Safe for several threads: one applies, any number reads.
 */
public final class EventLog {

    /** How many events are kept. */
    public static final int MAX_EVENTS = 10_000;

    /** How old the oldest kept event may be against the newest, in milliseconds: a day. */
    public static final long MAX_AGE_MILLIS = 24 * 3_600_000L;

    private final ControlStore store;
    private final ConcurrentNavigableMap<Long, ControlChange.Numbered> events = new ConcurrentSkipListMap<>();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final Object appending = new Object();

    private volatile long lastSequence;
    private volatile long trimmedTo;
    private long reserved;

    /** Of events, which would count itself each time. */
    private int size;

    EventLog(ControlStore store) {
        this.store = store;
    }

    /** The number of the newest event; 0 when there was none yet. */
    public long lastSequence() {
        return lastSequence;
    }

    /** Whether every event after this one is still here. */
    public boolean reachesBackTo(long sequence) {
        return sequence >= trimmedTo && sequence <= lastSequence;
    }

    /** The smallest number that the log still reaches back to. */
    public long oldestReachable() {
        return trimmedTo;
    }

    /**
     * The events after this one, in order, at most so many, none after {@link #lastSequence()}. The first may be missing when the log does
     * not reach back to it any more: ask {@link #reachesBackTo} afterwards.
     */
    public List<ControlEvent> after(long sequence, int limit) {
        List<ControlEvent> found = new ArrayList<>();
        long last = lastSequence;
        for (ControlChange.Numbered numbered : events.tailMap(sequence, false).values()) {
            // one that is being added now would put its reader ahead of the log
            if (found.size() == limit || numbered.sequence() > last) {
                break;
            }
            found.add(numbered.event());
        }
        return found;
    }

    /** Has this run after each new event, on the thread that applies it: it must return at once. */
    public void subscribe(Runnable listener) {
        listeners.add(listener);
    }

    /** Takes a listener out. */
    public void unsubscribe(Runnable listener) {
        listeners.remove(listener);
    }

    /** Gives the next number to a change and appends it; numbers are used in order, that of a change which is refused later not at all. */
    CompletableFuture<Void> append(LongFunction<? extends ControlChange.Numbered> change) {
        synchronized (appending) {
            // what was read back on opening counts too
            long next = Math.max(reserved, lastSequence) + 1;
            CompletableFuture<Void> done = store.append(change.apply(next));
            reserved = next;
            return done;
        }
    }

    /** Takes in a durable event; returns those that are too old to be kept now. */
    List<ControlChange.Numbered> apply(ControlChange.Numbered change) {
        if (change.sequence() <= trimmedTo) {
            // a fill that outlives its event
            return List.of();
        }
        events.put(change.sequence(), change);
        size++;
        lastSequence = change.sequence();
        List<ControlChange.Numbered> trimmed = new ArrayList<>();
        long oldestKept = change.acceptedAtMillis() - MAX_AGE_MILLIS;
        while (size > MAX_EVENTS || events.firstEntry().getValue().acceptedAtMillis() < oldestKept) {
            // told before it goes, so that no reader takes a gap for the beginning
            trimmedTo = events.firstKey();
            trimmed.add(events.pollFirstEntry().getValue());
            size--;
        }
        listeners.forEach(Runnable::run);
        return trimmed;
    }

    void apply(ControlChange.EventsTrimmed change) {
        trimmedTo = change.sequence();
        lastSequence = Math.max(lastSequence, change.sequence());
    }

    List<ControlChange> changes() {
        return List.copyOf(events.values());
    }
}
