package com.kingcdn.edge.limits;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.kingcdn.edge.limits.Admission.Denied;
import com.kingcdn.edge.limits.Admission.Granted;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.LimitSettings;
import com.kingcdn.topology.RequestLimit;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The limits of clients and distributions on this edge.
 *
 * <p>Each party has one {@link Usage}, in a table whose size is bounded: who sends from very many addresses displaces parties that were
 * seen once, not those that are counted all the time (TinyLFU admission). Places are asked
 * for before tokens, and the client's tokens before the distribution's: a client above its rate takes nothing from the others.
 */
public final class RequestLimiter {

    private static final long SECOND = 1_000_000_000;
    private static final Granted FREE = new Free();
    private static final String EDGE = "";
    private static final long ALL = 0;

    private final @Nullable RequestLimit edgePerClient;
    private final Cache<Party, Usage> usage;
    private final LongSupplier clock;
    private final long startNanos;

    /**
     * Limits of one edge.
     *
     * @param clock monotonic nanoseconds, such as {@link System#nanoTime}
     */
    public RequestLimiter(LimitProperties settings, LongSupplier clock) {
        this.edgePerClient = settings.perClient();
        this.clock = clock;
        this.startNanos = clock.getAsLong();
        this.usage = Caffeine.newBuilder()
                .maximumSize(settings.clients())
                .executor(Runnable::run)
                .build();
        LimitMetrics.CLIENTS.setChild(new io.prometheus.client.Gauge.Child() {
            @Override
            public double get() {
                return usage.estimatedSize();
            }
        });
    }

    /** Who is counted: a client prefix or, with prefix 0, all clients; of one distribution or, with an empty name, of the edge. */
    private record Party(String distribution, long prefix) {}

    /** Whether a request to this distribution is counted at all. */
    public boolean limits(Distribution distribution) {
        return edgePerClient != null || distribution.limits() != null;
    }

    /**
     * Counts a request in, or denies it.
     *
     * @param client its address; null counts as one client
     */
    public Admission admit(Distribution distribution, @Nullable InetAddress client) {
        LimitSettings settings = distribution.limits();
        RequestLimit total = settings == null ? null : settings.total();
        RequestLimit perClient = settings == null ? null : settings.perClient();
        if (total == null && perClient == null && edgePerClient == null) {
            return FREE;
        }
        long prefix = prefix(client);
        Count count = new Count();
        boolean granted = count.enter(edgePerClient, EDGE, prefix, LimitReason.CLIENT_CONCURRENCY)
                && count.enter(perClient, distribution.id(), prefix, LimitReason.CLIENT_CONCURRENCY)
                && count.enter(total, distribution.id(), ALL, LimitReason.DISTRIBUTION_CONCURRENCY)
                && count.take(edgePerClient, EDGE, prefix, LimitReason.CLIENT_RATE)
                && count.take(perClient, distribution.id(), prefix, LimitReason.CLIENT_RATE)
                && count.take(total, distribution.id(), ALL, LimitReason.DISTRIBUTION_RATE);
        return granted ? count : count.denied();
    }

    /** What nothing is counted for. */
    private record Free() implements Granted {

        @Override
        public void run() {
            // holds nothing
        }
    }

    private Usage usageOf(String distribution, long prefix) {
        return usage.get(new Party(distribution, prefix), party -> new Usage());
    }

    /** One request on its way through the limits; once granted, the places it holds. */
    private final class Count implements Granted {

        private final List<Usage> held = new ArrayList<>(3);
        private @Nullable Denied denied;

        boolean enter(@Nullable RequestLimit limit, String distribution, long prefix, LimitReason reason) {
            if (limit == null || limit.concurrentRequests() == null) {
                return true;
            }
            Usage party = usageOf(distribution, prefix);
            if (!party.enter(limit.concurrentRequests())) {
                return deny(reason, 1);
            }
            held.add(party);
            return true;
        }

        boolean take(@Nullable RequestLimit limit, String distribution, long prefix, LimitReason reason) {
            if (limit == null || limit.requestsPerSecond() == null) {
                return true;
            }
            long wait = usageOf(distribution, prefix).take(limit, clock.getAsLong() - startNanos);
            return wait == 0 || deny(reason, (int) ((wait + SECOND - 1) / SECOND));
        }

        private boolean deny(LimitReason reason, int retryAfterSeconds) {
            run();
            LimitMetrics.limited(reason);
            denied = new Denied(reason, retryAfterSeconds);
            return false;
        }

        Denied denied() {
            return Objects.requireNonNull(denied, "a limit has denied it");
        }

        @Override
        public void run() {
            held.forEach(Usage::leave);
            held.clear();
        }
    }

    /** The /24 or /56 as a number that is never 0. */
    private static long prefix(@Nullable InetAddress client) {
        if (client == null) {
            return -1;
        }
        byte[] address = client.getAddress();
        int octets = address.length == 4 ? 3 : 7;
        long prefix = address.length;
        for (int i = 0; i < octets; i++) {
            prefix = prefix << 8 | (address[i] & 0xff);
        }
        return prefix;
    }
}
