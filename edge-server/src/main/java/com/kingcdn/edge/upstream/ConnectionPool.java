package com.kingcdn.edge.upstream;

import com.kingcdn.edge.upstream.UpstreamException.Kind;
import com.kingcdn.topology.OriginEndpoint;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The connections to one endpoint: those that are free lie on stacks, one for each event loop, so that an exchange stays on the loop of
 * who asks; the one used last goes first, and those that are needed rarely grow old and are closed. There are so many at most over all
 * loops, and so many exchanges at most that wait for one.
 */
final class ConnectionPool {

    private final Connector connector;
    private final Connector.Remote remote;
    private final String path;
    private final UpstreamProperties settings;
    private final OfLoop[] loops;

    /** Connections that are open or being opened, over all loops. */
    private final AtomicInteger open = new AtomicInteger();

    private final Queue<OriginExchange> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waitingCount = new AtomicInteger();

    ConnectionPool(OriginEndpoint endpoint, UpstreamProperties settings, Connector connector) {
        this.connector = connector;
        this.settings = settings;
        this.remote = Connector.Remote.of(endpoint);
        this.path = RequestHead.path(endpoint);
        this.loops = connector.loops().stream().map(OfLoop::new).toArray(OfLoop[]::new);
    }

    /** The free connections of one event loop, which alone touches them. */
    final class OfLoop {

        private final EventLoop loop;
        private final ArrayDeque<OriginConnection> free = new ArrayDeque<>();
        private volatile int count;

        OfLoop(EventLoop loop) {
            this.loop = loop;
        }

        /** The endpoint's own path, without a slash at its end. */
        String path() {
            return path;
        }

        EventLoop loop() {
            return loop;
        }

        private @Nullable OriginConnection take() {
            OriginConnection last;
            do {
                last = free.pollLast();
            } while (last != null && !last.channel().isActive());
            count = free.size();
            return last;
        }

        /** Takes a connection back whose exchange has ended well. */
        void release(OriginConnection connection) {
            OriginExchange next = poll();
            if (next != null) {
                connection.begin(next);
                return;
            }
            free.addLast(connection);
            count = free.size();
            offer();
        }

        /** Free connections for those who wait. */
        private void offer() {
            while (!waiting.isEmpty()) {
                OriginConnection connection = take();
                if (connection == null) {
                    return;
                }
                OriginExchange next = poll();
                if (next == null) {
                    free.addLast(connection);
                    count = free.size();
                } else {
                    connection.begin(next);
                }
            }
        }

        /** Forgets a connection that has ended. */
        void closed(OriginConnection connection) {
            if (free.remove(connection)) {
                count = free.size();
            }
        }
    }

    /** The event loop for an exchange: the caller's, or one that has a free connection, or any. */
    EventLoop loop() {
        OfLoop idle = null;
        for (OfLoop each : loops) {
            if (each.loop.inEventLoop()) {
                return each.loop;
            }
            if (idle == null && each.count > 0) {
                idle = each;
            }
        }
        return idle == null ? connector.anyLoop() : idle.loop;
    }

    private OfLoop of(EventLoop loop) {
        for (OfLoop each : loops) {
            if (each.loop == loop) {
                return each;
            }
        }
        throw new IllegalArgumentException("a foreign event loop");
    }

    /**
     * Gives a connection to an exchange, on the event loop of the exchange.
     *
     * @param fresh whether only a new one will do
     */
    void acquire(OriginExchange exchange, boolean fresh) {
        OfLoop here = of(exchange.loop());
        OriginConnection free = fresh ? null : here.take();
        if (free != null) {
            free.begin(exchange);
        } else if (connector.isClosed()) {
            exchange.fail(Kind.CLOSED, "this edge is stopping");
        } else if (reserve()) {
            open(exchange, here);
        } else if (waitingCount.incrementAndGet() > settings.waiting()) {
            waitingCount.decrementAndGet();
            exchange.fail(Kind.OVERLOADED, settings.waiting() + " requests wait for a connection already");
        } else {
            exchange.waits(settings.responseTimeout().toNanos());
            waiting.add(exchange);
            serveWaiting();
        }
    }

    private boolean reserve() {
        int now;
        do {
            now = open.get();
            if (now >= settings.connections()) {
                return false;
            }
        } while (!open.compareAndSet(now, now + 1));
        return true;
    }

    private void open(OriginExchange exchange, OfLoop here) {
        OriginConnection connection = new OriginConnection(here, remote.secure(), settings.keepAlive());
        connector.connect(here.loop, remote, exchange.timeouts().connect(), connection, failure -> {
            if (failure != null) {
                freed();
                exchange.fail(failure);
                return;
            }
            connection.channel().closeFuture().addListener(closed -> freed());
            if (!connection.channel().isActive()) {
                exchange.fail(Kind.CLOSED, "the connection was closed at once");
            } else if (exchange.isWanted()) {
                connection.begin(exchange);
            } else {
                connection.idle();
            }
        });
    }

    private void freed() {
        open.decrementAndGet();
        if (!waiting.isEmpty()) {
            serveWaiting();
        }
    }

    /** New connections for those who wait, if there may be more; and those that are free on other loops. */
    private void serveWaiting() {
        while (!waiting.isEmpty() && reserve()) {
            OriginExchange next = poll();
            if (next == null) {
                open.decrementAndGet();
                return;
            }
            OfLoop there = of(next.loop());
            if (there.loop.inEventLoop()) {
                open(next, there);
            } else {
                there.loop.execute(() -> open(next, there));
            }
        }
        for (OfLoop each : loops) {
            if (each.count > 0 && !waiting.isEmpty()) {
                each.loop.execute(each::offer);
            }
        }
    }

    private @Nullable OriginExchange poll() {
        OriginExchange next;
        do {
            next = waiting.poll();
            if (next != null) {
                waitingCount.decrementAndGet();
            }
        } while (next != null && !next.isWanted());
        return next;
    }

    /** Lets an exchange wait no longer. @return whether it did */
    boolean forget(OriginExchange exchange) {
        boolean waited = waiting.remove(exchange);
        if (waited) {
            waitingCount.decrementAndGet();
        }
        return waited;
    }

    /** Whether it holds nothing, so that it may be forgotten. */
    boolean isUnused() {
        return open.get() == 0 && waiting.isEmpty();
    }
}
