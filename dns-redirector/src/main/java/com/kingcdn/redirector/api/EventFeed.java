package com.kingcdn.redirector.api;

import com.kingcdn.redirector.registry.Registries;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections of the edges that follow the log.
 *
 * <p>Nothing is queued for an edge: each connection reads from the log itself, at the pace of its edge, on the one thread of the feed, and
 * has one write under way at most. What comes meanwhile gathers and goes with the next, in octets that all edges share. An edge that takes
 * nothing for {@link EventSubscription#MAX_STALLED_TICKS} seconds is cut, and goes on from where it was when it returns.
 */
public final class EventFeed implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(EventFeed.class);

    private static final Gauge EDGES = Gauge.build(
                    "kingcdn_redirector_event_connections", "Edges that follow the event log now")
            .register();
    static final Counter CUT = Counter.build(
                    "kingcdn_redirector_event_connections_cut", "Event connections ended because the edge took nothing")
            .register();

    private static final long TICK_MILLIS = 1000;

    /** Between two rounds of writes to all edges, so that a burst of events costs each edge few. */
    private static final long PACE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Registries registries;
    private final ApiClocks clocks;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "event-feed");
        made.setDaemon(true);
        return made;
    });
    private final AtomicBoolean eventDue = new AtomicBoolean();

    // of the thread alone
    private final Map<EventSink, EventSubscription> subscriptions = new HashMap<>();
    private final EventFrames frames;
    private long toldAtNanos = System.nanoTime() - PACE_NANOS;

    private final Runnable onEvent = this::tellOfEvent;
    private final Runnable onConfig = this::tellOfConfig;

    EventFeed(Registries registries, ApiClocks clocks) {
        this(registries, clocks, TICK_MILLIS);
    }

    EventFeed(Registries registries, ApiClocks clocks, long tickMillis) {
        this.registries = registries;
        this.clocks = clocks;
        frames = new EventFrames(registries.events());
        registries.events().subscribe(onEvent);
        registries.config().subscribe(onConfig);
        // not at a fixed rate: seconds in which the machine stood still would be made up for at once, and no edge can
        // take anything in between
        thread.scheduleWithFixedDelay(this::tick, tickMillis, tickMillis, TimeUnit.MILLISECONDS);
    }

    /**
     * Tells an edge of all events from now on, in the order that {@link com.kingcdn.control.ControlEvent} promises.
     *
     * @param lastEventId that the edge has applied; null for an edge that knows nothing of the log
     */
    public void follow(EventSink sink, @Nullable Long lastEventId) {
        EventSubscription subscription = new EventSubscription(registries, sink, frames, lastEventId);
        sink.onReady(() -> {
            if (subscription.isWaiting()) {
                submit(subscription::drain);
            }
        });
        submit(() -> {
            if (sink.isOpen()) {
                frames.advance();
                subscription.begin(clocks.wall().millis());
                subscriptions.put(sink, subscription);
                EDGES.set(subscriptions.size());
                subscription.drain();
            }
        });
    }

    /** The edge has gone, or was told to: after its sink is no longer open. */
    public void left(EventSink sink) {
        submit(() -> {
            subscriptions.remove(sink);
            EDGES.set(subscriptions.size());
        });
    }

    /** At once after a while of silence; else together with those that come within the pace. */
    private void tellOfEvent() {
        if (eventDue.compareAndSet(false, true)) {
            submit(() -> {
                long wait = toldAtNanos + PACE_NANOS - System.nanoTime();
                if (wait <= 0) {
                    tell();
                } else if (!thread.isShutdown()) {
                    thread.schedule(this::tell, wait, TimeUnit.NANOSECONDS);
                }
            });
        }
    }

    private void tell() {
        eventDue.set(false);
        frames.advance();
        each(EventSubscription::drain);
        toldAtNanos = System.nanoTime();
    }

    private void tick() {
        try {
            frames.advance();
            double before = CUT.get();
            each(EventSubscription::tick);
            long cut = (long) (CUT.get() - before);
            if (cut > 0) {
                log.warn(
                        "cut the event connections of {} edges, which took nothing for {} s",
                        cut,
                        EventSubscription.MAX_STALLED_TICKS);
            }
        } catch (RuntimeException | Error e) {
            // a timer ends with what it throws, and all edges would go without heartbeats
            log.error("edges could not be told of events; trying again", e);
        }
    }

    private void tellOfConfig() {
        submit(() -> each(EventSubscription::configChanged));
    }

    /** What goes wrong with one edge ends its connection, not the feed of all: it comes back and goes on from where it was. */
    private void each(Consumer<EventSubscription> action) {
        for (EventSubscription subscription : subscriptions.values()) {
            try {
                action.accept(subscription);
            } catch (RuntimeException | Error e) {
                log.error("an edge could not be told of events: its connection is cut", e);
                subscription.cut();
            }
        }
    }

    private void submit(Runnable task) {
        try {
            thread.execute(task);
        } catch (RejectedExecutionException e) {
            log.debug("Not told: the feed has ended");
        }
    }

    @Override
    public void close() {
        registries.events().unsubscribe(onEvent);
        registries.config().unsubscribe(onConfig);
        submit(() -> List.copyOf(subscriptions.values()).forEach(EventSubscription::complete));
        thread.shutdown();
    }
}
