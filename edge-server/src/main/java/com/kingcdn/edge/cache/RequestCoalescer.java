package com.kingcdn.edge.cache;

import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.store.EntryId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

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
    }

    /**
     * An outcome as one of those who waited gets it.
     *
     * @param leader whether the fetch was made for this one's request
     */
    record Shared(FetchOutcome outcome, boolean leader) {}

    private final ConcurrentHashMap<Key, Flight> flights = new ConcurrentHashMap<>();

    /** Waits for the fetch of this key that is under way, or else starts this one. */
    Mono<Shared> join(Key key, Supplier<Mono<FetchOutcome>> fetch) {
        return Mono.create(waiter -> {
            Flight flight;
            do {
                flight = flights.computeIfAbsent(key, absent -> new Flight(key));
            } while (!flight.add(waiter));
            Flight joined = flight;
            waiter.onCancel(() -> joined.leave(waiter));
            if (joined.isLeader(waiter)) {
                joined.start(fetch.get());
            }
        });
    }

    /** Fetches for one request only. */
    Mono<Shared> alone(Mono<FetchOutcome> fetch) {
        return Mono.create(waiter -> {
            Flight flight = new Flight(null);
            flight.add(waiter);
            waiter.onCancel(() -> flight.leave(waiter));
            flight.start(fetch);
        });
    }

    /** Whether a fetch of this key is under way. */
    boolean isFetching(Key key) {
        return flights.containsKey(key);
    }

    /** One fetch and who waits for it. */
    private final class Flight {

        private final @Nullable Key key;
        private final Disposable.Swap subscription = Disposables.swap();

        /** The first is the leader while it waits; guarded by this. */
        private final List<MonoSink<Shared>> waiters = new ArrayList<>(2);

        private @Nullable MonoSink<Shared> leader;
        private boolean ended;

        Flight(@Nullable Key key) {
            this.key = key;
        }

        synchronized boolean add(MonoSink<Shared> waiter) {
            if (ended) {
                return false;
            }
            if (leader == null) {
                leader = waiter;
            }
            return waiters.add(waiter);
        }

        synchronized boolean isLeader(MonoSink<Shared> waiter) {
            return leader == waiter;
        }

        void start(Mono<FetchOutcome> fetch) {
            subscription.update(fetch.subscribe(this::succeed, this::fail));
        }

        void leave(MonoSink<Shared> waiter) {
            synchronized (this) {
                waiters.remove(waiter);
                if (!waiters.isEmpty() || ended) {
                    return;
                }
                ended = true;
            }
            unlist();
            subscription.dispose();
        }

        private void succeed(FetchOutcome outcome) {
            for (MonoSink<Shared> waiter : end()) {
                waiter.success(new Shared(outcome, isLeader(waiter)));
            }
            outcome.settle();
        }

        private void fail(Throwable failure) {
            end().forEach(waiter -> waiter.error(failure));
        }

        private void unlist() {
            if (key != null) {
                flights.remove(key, this);
            }
        }

        private List<MonoSink<Shared>> end() {
            unlist();
            synchronized (this) {
                ended = true;
                List<MonoSink<Shared>> all = List.copyOf(waiters);
                waiters.clear();
                return all;
            }
        }
    }
}
