package com.kingcdn.redirector.server;

import com.kingcdn.redirector.query.FilteredPrefix;
import com.kingcdn.redirector.query.FloodWatch;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a flood out of the queues in which others wait: looks often at what {@link FloodWatch} says, and has the kernel let in no more of
 * it. Where the kernel does not, the limiter alone withholds answers, as without a guard.
 */
final class FloodGuard implements AutoCloseable {

    /** How long a flood has others wait is some of these. */
    static final Duration INTERVAL = Duration.ofMillis(25);

    private static final Logger LOG = LoggerFactory.getLogger(FloodGuard.class);
    private static final long NANOS_BETWEEN_LOGS = 10_000_000_000L;
    private static final int LOOKS_BETWEEN_COUNTS = 20;

    private final UdpListener listener;
    private final FloodWatch watch;
    private final ScheduledExecutorService looks;
    private final AtomicBoolean refused = new AtomicBoolean();
    private List<FilteredPrefix> filtered = List.of();
    /** Whether a socket still has a filter that was to go. Some are asked on threads of their own, and say so later. */
    private volatile boolean kept;
    /** Whether that has been said. */
    private final AtomicBoolean keptSaid = new AtomicBoolean();

    private long count;
    private long lastLogged = System.nanoTime() - NANOS_BETWEEN_LOGS;

    private FloodGuard(UdpListener listener, FloodWatch watch) {
        this.listener = listener;
        this.watch = watch;
        this.looks = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "dns-floods");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Looks from now on, where anything can be filtered. */
    static FloodGuard start(UdpListener listener, FloodWatch watch) {
        FloodMetrics.register();
        FloodGuard guard = new FloodGuard(listener, watch);
        if (!listener.hasFilters()) {
            LOG.info("the kernel filters nothing without epoll: floods over UDP are met by the rate limit alone");
            return guard;
        }
        guard.looks.scheduleWithFixedDelay(
                guard::look, INTERVAL.toMillis(), INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
        return guard;
    }

    private void look() {
        try {
            if (count++ % LOOKS_BETWEEN_COUNTS == 0) {
                listener.eachFilter(FloodGuard::countDropped);
            }
            if (!refused.get()) {
                filter(watch.look(System.nanoTime()));
            } else if (!filtered.isEmpty() || kept) {
                watch.forget();
                filter(List.of());
            }
        } catch (RuntimeException | Error e) {
            // or there is no memory: the executor would not look again, and what is filtered would remain so
            if (refused.compareAndSet(false, true)) {
                LOG.error("floods are not looked for any more because of a defect; the rate limit goes on", e);
            }
        }
    }

    private void filter(List<FilteredPrefix> prefixes) {
        if (prefixes == filtered && !kept) {
            return;
        }
        long now = System.nanoTime();
        // somebody who comes and goes fills no disk
        if (filtered.isEmpty() && !prefixes.isEmpty() && now - lastLogged >= NANOS_BETWEEN_LOGS) {
            lastLogged = now;
            LOG.warn("a flood over UDP: but a share is let in of what comes from {}", prefixes);
        } else {
            LOG.debug("let in of floods over UDP: {}", prefixes);
        }
        @Nullable FilterProgram program = prefixes.isEmpty() ? null : FilterProgram.of(prefixes);
        if (program != null) {
            // before: whatever is thrown next, some sockets may have it, and are to be rid of it
            note(prefixes);
        }
        kept = false;
        listener.eachFilter(filter -> set(filter, program));
        if (program == null && !kept) {
            note(prefixes);
        }
    }

    private void note(List<FilteredPrefix> prefixes) {
        filtered = prefixes;
        FloodMetrics.filtered(prefixes.size());
    }

    private void set(SocketFilter filter, @Nullable FilterProgram program) {
        try {
            filter.set(program);
        } catch (IOException e) {
            if (program == null) {
                // this look is not the last
                kept = true;
                if (keptSaid.compareAndSet(false, true)) {
                    LOG.warn("the kernel keeps a filter that is to go; trying again: {}", e.toString());
                }
            } else if (refused.compareAndSet(false, true)) {
                LOG.warn("the kernel filters nothing for a socket: floods are met by the rate limit alone", e);
            }
        }
    }

    private static void countDropped(SocketFilter filter) {
        try {
            FloodMetrics.dropped(filter.dropped());
        } catch (IOException e) {
            LOG.debug("dropped datagrams are not counted", e);
        }
    }

    /** What the last look has filtered remains so: sockets are closed next. */
    @Override
    public void close() {
        looks.shutdownNow();
    }
}
