package com.kingcdn.redirector.api;

import com.kingcdn.control.ControlEvent;
import com.kingcdn.redirector.registry.Registries;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;

/**
 * The connections of the edges that follow the log.
 *
 * <p>Nothing is queued for an edge: each connection reads from the log itself, at the pace of its edge, on the one thread of the feed. An
 * edge that takes nothing for {@link EventSubscription#MAX_STALLED_TICKS} seconds is cut, and goes on from where it was when it returns.
 */
final class EventFeed implements AutoCloseable {

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
    private final Set<EventSubscription> subscriptions = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "event-feed");
        made.setDaemon(true);
        return made;
    });
    private final EventFrames frames = new EventFrames();
    private final AtomicBoolean eventDue = new AtomicBoolean();

    /** When edges were last told of events; of the thread. */
    private long toldAtNanos = System.nanoTime() - PACE_NANOS;

    private final Runnable onEvent = this::tellOfEvent;
    private final Runnable onConfig = this::tellOfConfig;

    EventFeed(Registries registries, ApiClocks clocks) {
        this.registries = registries;
        this.clocks = clocks;
        registries.events().subscribe(onEvent);
        registries.config().subscribe(onConfig);
        thread.scheduleAtFixedRate(
                () -> subscriptions.forEach(EventSubscription::tick), TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** The events of one connection as octets, in the order that {@link ControlEvent} promises; null without a {@code Last-Event-ID}. */
    Flux<byte[]> follow(@Nullable Long lastEventId) {
        return Flux.create(sink -> open(sink, lastEventId), FluxSink.OverflowStrategy.ERROR);
    }

    private void open(FluxSink<byte[]> sink, @Nullable Long lastEventId) {
        EventSubscription subscription = new EventSubscription(registries, sink, frames, lastEventId);
        EDGES.inc();
        sink.onDispose(() -> {
            subscriptions.remove(subscription);
            EDGES.dec();
        });
        submit(() -> {
            subscription.begin(clocks.wall().millis());
            if (!sink.isCancelled()) {
                subscriptions.add(subscription);
            }
            // at once for what was requested before now, so not before it is known where to begin
            sink.onRequest(n -> submit(subscription::drain));
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
        subscriptions.forEach(EventSubscription::drain);
        toldAtNanos = System.nanoTime();
    }

    private void tellOfConfig() {
        submit(() -> subscriptions.forEach(EventSubscription::configChanged));
    }

    private void submit(Runnable task) {
        if (!thread.isShutdown()) {
            thread.execute(task);
        }
    }

    @Override
    public void close() {
        registries.events().unsubscribe(onEvent);
        registries.config().unsubscribe(onConfig);
        submit(() -> subscriptions.forEach(EventSubscription::complete));
        thread.shutdown();
    }
}
