package com.kingcdn.redirector.api.map;

import com.kingcdn.redirector.api.map.MapDocument.DistributionName;
import com.kingcdn.redirector.registry.ConfigRegistry;
import com.kingcdn.redirector.registry.Configuration;
import com.kingcdn.redirector.routing.TrafficDirector;
import com.kingcdn.redirector.zone.ServingSnapshot;
import com.kingcdn.topology.Distribution;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.web.server.ResponseStatusException;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * The map as a document, and as a stream in which each part of it comes again when it has changed. All of it is made on one thread of its
 * own, whoever asks: people who look take nothing from queries.
 */
final class MapFeed implements AutoCloseable {

    /** The most that follow at the same time. */
    static final int MAX_FOLLOWERS = 32;

    private static final Duration PERIOD = Duration.ofSeconds(1);

    /** So long after the last follower has left surveys are kept. */
    private static final Duration KEPT = Duration.ofMinutes(1);

    /** Rounds without a change after which a comment says that the stream lives. */
    private static final int QUIET_ROUNDS = 10;

    private final ConfigRegistry config;
    private final Supplier<ServingSnapshot> snapshots;
    private final ClusterStates clusters;
    private final MapSurveys surveys;
    private final Scheduler thread = Schedulers.newSingle("map-survey", true);
    private final Sinks.Empty<Void> closed = Sinks.empty();
    private final AtomicInteger followers = new AtomicInteger();

    MapFeed(ConfigRegistry config, Supplier<ServingSnapshot> snapshots, ClusterStates clusters, MapSurveys surveys) {
        this.config = config;
        this.snapshots = snapshots;
        this.clusters = clusters;
        this.surveys = surveys;
    }

    /** @param distribution whose placement counts, or empty for those that have none */
    Mono<MapDocument> document(String distribution) {
        return Mono.fromCallable(() -> make(distribution)).subscribeOn(thread);
    }

    /**
     * The parts of the document as events named after them: all of them first, then those that changed, each second.
     *
     * @param distribution as for a {@link #document}
     */
    Flux<ServerSentEvent<Object>> follow(String distribution) {
        return Flux.defer(() -> {
            if (followers.incrementAndGet() > MAX_FOLLOWERS) {
                followers.decrementAndGet();
                return Flux.error(new ResponseStatusException(
                        HttpStatus.SERVICE_UNAVAILABLE, MAX_FOLLOWERS + " follow the map already: close one"));
            }
            Follower follower = new Follower();
            // a slow reader misses rounds, and is told what is so when it reads on
            return Flux.interval(Duration.ZERO, PERIOD, thread)
                    .onBackpressureDrop()
                    .concatMapIterable(round -> follower.changes(make(distribution)), 1)
                    .takeUntilOther(closed.asMono())
                    .doFinally(end -> left());
        });
    }

    private void left() {
        if (followers.decrementAndGet() == 0 && !thread.isDisposed()) {
            // later: for a page that is loaded again the geo database need not be read again
            thread.schedule(this::forget, KEPT.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private void forget() {
        if (followers.get() == 0) {
            surveys.clear();
        }
    }

    private MapDocument make(String id) {
        Configuration configured = config.require();
        @Nullable
        Distribution distribution = configured.distributions().stream()
                .filter(one -> one.id().equals(id))
                .findFirst()
                .orElse(null);
        if (distribution == null && !id.isEmpty()) {
            throw new ResponseStatusException(HttpStatus.NOT_FOUND, "there is no distribution '" + id + "'");
        }
        TrafficDirector director = snapshots.get().director();
        return new MapDocument(
                distribution == null ? null : id,
                configured.distributions().stream()
                        .limit(MapDocument.MAX_DISTRIBUTIONS)
                        .map(MapFeed::name)
                        .toList(),
                clusters.of(director, distribution),
                surveys.of(director, id));
    }

    private static DistributionName name(Distribution distribution) {
        return new DistributionName(
                distribution.id(),
                distribution.hosts().isEmpty() ? null : distribution.hosts().get(0),
                distribution.placement() != null);
    }

    /** What one of them has been told. For one thread. */
    private static final class Follower {

        private @Nullable MapDocument told;
        private int quiet;

        List<ServerSentEvent<Object>> changes(MapDocument now) {
            @Nullable MapDocument before = told;
            told = now;
            List<ServerSentEvent<Object>> events = new ArrayList<>();
            add(events, "distributions", before == null ? null : before.distributions(), now.distributions());
            add(events, "clusters", before == null ? null : before.clusters(), now.clusters());
            add(events, "map", before == null ? null : before.map(), now.map());
            if (!events.isEmpty()) {
                quiet = 0;
            } else if (++quiet == QUIET_ROUNDS) {
                quiet = 0;
                events.add(ServerSentEvent.builder().comment("still here").build());
            }
            return events;
        }

        private static void add(
                List<ServerSentEvent<Object>> events, String name, @Nullable Object before, Object now) {
            if (!Objects.equals(before, now)) {
                events.add(ServerSentEvent.builder(now).event(name).build());
            }
        }
    }

    /** Ends all streams. */
    @Override
    public void close() {
        closed.tryEmitEmpty();
        thread.dispose();
    }
}
