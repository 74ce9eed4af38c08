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

    private final Registries registries;
    private final ApiClocks clocks;
    private final Set<EventSubscription> subscriptions = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "event-feed");
        made.setDaemon(true);
        return made;
    });
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

    /** The events of one connection, in the order that {@link ControlEvent} promises; null without a {@code Last-Event-ID}. */
    Flux<ControlEvent> follow(@Nullable Long lastEventId) {
        return Flux.create(sink -> open(sink, lastEventId), FluxSink.OverflowStrategy.ERROR);
    }

    private void open(FluxSink<ControlEvent> sink, @Nullable Long lastEventId) {
        EventSubscription subscription = new EventSubscription(registries, sink, lastEventId);
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

    private void tellOfEvent() {
        submit(() -> subscriptions.forEach(EventSubscription::drain));
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
