package com.kingcdn.edge.cache;

import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.store.EntryId;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;

/**
 * Makes requests that want the same wait for one fetch, from before its response's head is there. The fetch ends early only when the
 * last who waits has gone.
 */
final class RequestCoalescer {

    /**
     * What makes requests wait for each other.
     *
     * @param stale the entry to be validated, or null when there is none
     * @param sequence the event that this edge has not applied yet and those who ask have, or 0: what was begun before they asked is not
     *     for them
     */
    record Key(CacheKey cacheKey, @Nullable EntryId stale, long sequence) {

        Key(CacheKey cacheKey, @Nullable EntryId stale) {
            this(cacheKey, stale, 0);
        }

        @Override
        public int hashCode() {
            return cacheKey.hashCode() * 31 + Objects.hashCode(stale);
        }
    }

    /** Who waits for a fetch. One of the last two methods is called, once, unless it leaves before. */
    interface Waiter {

        /** It waits from now on, and may {@link Flight#leave leave}. */
        void joined(Flight flight);

        /**
         * The fetch has an outcome.
         *
         * @param leader whether the fetch was made for this one's request
         */
        void landed(FetchOutcome outcome, boolean leader);

        void failed(Throwable failure);
    }

    private final ConcurrentHashMap<Key, Flight> flights = new ConcurrentHashMap<>();

    /** Waits for the fetch of this key that is under way, or else starts this one. May call the waiter before it returns. */
    void join(Key key, Waiter waiter, Consumer<OriginFetch.Landing> fetch) {
        Flight flight;
        do {
            flight = flight(key);
        } while (!flight.add(waiter));
        waiter.joined(flight);
        if (flight.isLeader(waiter)) {
            fetch.accept(flight);
        }
    }

    private Flight flight(Key key) {
        Flight flight = flights.get(key);
        if (flight == null) {
            Flight own = new Flight(key);
            flight = flights.putIfAbsent(key, own);
            if (flight == null) {
                return own;
            }
        }
        return flight;
    }

    /** Fetches for one request only. */
    void alone(Waiter waiter, Consumer<OriginFetch.Landing> fetch) {
        Flight flight = new Flight(null);
        flight.add(waiter);
        waiter.joined(flight);
        if (flight.isLeader(waiter)) {
            fetch.accept(flight);
        }
    }

    /** Whether a fetch of this key is under way. */
    boolean isFetching(Key key) {
        return flights.containsKey(key);
    }

    /** One fetch and who waits for it. */
    final class Flight implements OriginFetch.Landing {

        private final @Nullable Key key;

        /** Who waits beside the leader; guarded by this. */
        private List<Waiter> others = List.of();

        /** The first, while it waits; guarded by this. */
        private @Nullable Waiter leader;

        private boolean joined;
        private boolean ended;
        private @Nullable Disposable request;

        private Flight(@Nullable Key key) {
            this.key = key;
        }

        private synchronized boolean add(Waiter waiter) {
            if (ended) {
                return false;
            }
            if (!joined) {
                joined = true;
                leader = waiter;
                return true;
            }
            if (others.isEmpty()) {
                others = new ArrayList<>();
            }
            return others.add(waiter);
        }

        private synchronized boolean isLeader(Waiter waiter) {
            return waiter.equals(leader);
        }

        /** A waiter does not want to be told any more. */
        void leave(Waiter waiter) {
            Disposable abandoned;
            synchronized (this) {
                if (ended) {
                    return;
                }
                if (waiter.equals(leader)) {
                    leader = null;
                } else if (!others.isEmpty()) {
                    others.remove(waiter);
                }
                if (leader != null || !others.isEmpty()) {
                    return;
                }
                ended = true;
                abandoned = request;
            }
            unlist();
            if (abandoned != null) {
                abandoned.dispose();
            }
        }

        @Override
        public void begun(Disposable sent) {
            boolean wanted;
            synchronized (this) {
                request = sent;
                wanted = !ended;
            }
            if (!wanted) {
                sent.dispose();
            }
        }

        @Override
        public void landed(FetchOutcome outcome) {
            List<Waiter> all = end();
            try {
                outcome.begin();
                for (Waiter waiter : all) {
                    waiter.landed(outcome, isLeader(waiter));
                }
            } finally {
                outcome.settle();
            }
        }

        @Override
        public void failed(Throwable failure) {
            end().forEach(waiter -> waiter.failed(failure));
        }

        private void unlist() {
            if (key != null) {
                flights.remove(key, this);
            }
        }

        /** Those who wait, the leader first; nobody joins or leaves from now on. */
        private List<Waiter> end() {
            unlist();
            synchronized (this) {
                ended = true;
                Waiter first = leader;
                if (first == null || others.isEmpty()) {
                    return first == null ? others : List.of(first);
                }
                others.add(0, first);
                return others;
            }
        }
    }
}
