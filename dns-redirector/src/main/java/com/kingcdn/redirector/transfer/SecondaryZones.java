package com.kingcdn.redirector.transfer;

import com.kingcdn.redirector.registry.Configuration;
import com.kingcdn.redirector.registry.RemoteServer;
import com.kingcdn.redirector.registry.SecondarySource;
import com.kingcdn.redirector.zone.ZoneContent;
import com.kingcdn.redirector.zone.ZoneFile;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Serial;
import org.xbill.DNS.TSIG;

/**
 * The zones that other servers own and we copy: looked after when their {@link RefreshTimer} says so, and at once when a primary gives
 * notice. A copy is kept on disk and served at once after a restart, until no primary has confirmed it for the zone's expiry time.
 *
 * <p>One thread watches the time and never waits for a primary; others turn to one primary for one zone each, as far as
 * {@link PrimaryGate} lets them, those first that have waited longest.
 */
final class SecondaryZones implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(SecondaryZones.class);

    /** A zone that is to be looked at, since when, and where. */
    private record Due(SecondarySource source, Name origin, RefreshTimer timer, long sinceMillis) {}

    /** What is configured, by name: notices, which anybody can send, are not to go through all zones each. */
    private record Index(List<SecondarySource> sources, Map<Name, SecondarySource> byName) {}

    private final ZoneCopies copies;
    private final Supplier<@Nullable Configuration> configuration;
    private final Supplier<TsigKeys> keys;
    private final Supplier<CompletableFuture<Void>> publish;
    private final Clock clock;
    private final Map<Name, RefreshTimer> timers = new ConcurrentHashMap<>();
    private volatile Index index = new Index(List.of(), Map.of());
    private final AtomicBoolean looksSoon = new AtomicBoolean();
    private final PrimaryGate gate = new PrimaryGate();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(daemon("zone-timer"));
    /** As many threads as the gate admits. */
    private final ExecutorService pool = Executors.newCachedThreadPool(daemon("zone-refresh"));

    /**
     * @param publish has changed zones served soon
     */
    SecondaryZones(
            LiveZones zones,
            Supplier<@Nullable Configuration> configuration,
            Supplier<TsigKeys> keys,
            Supplier<CompletableFuture<Void>> publish,
            CopySettings settings,
            Clock clock) {
        this.copies = new ZoneCopies(zones, settings);
        this.configuration = configuration;
        this.keys = keys;
        this.publish = publish;
        this.clock = clock;
    }

    private static ThreadFactory daemon(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }

    /** Serves the copies on disk, and begins to look after all. */
    void start() {
        look(false);
        publish.get().exceptionally(failure -> null).join();
        timer.scheduleWithFixedDelay(() -> look(true), 100, 1_000, TimeUnit.MILLISECONDS);
    }

    /** Who tells us that a zone has changed must be one of its primaries (RFC 1996 section 3.10). */
    int notified(ZoneRequest request) {
        @Nullable Record question = request.question();
        if (question == null) {
            return request.questionError();
        }
        @Nullable SecondarySource source = configured(question.getName());
        if (source == null) {
            return Rcode.NOTAUTH;
        }
        @Nullable RefreshTimer zone = timers.get(question.getName());
        // several may be at one address: a notice comes from any port
        List<RemoteServer> senders = source.primaries().stream()
                .filter(primary -> isFrom(request, primary))
                .toList();
        if (zone == null || senders.isEmpty()) {
            return Rcode.REFUSED;
        }
        boolean isDue = false;
        for (RemoteServer sender : senders) {
            isDue |= zone.notified(clock.millis(), sender);
        }
        if (isDue) {
            lookSoon();
        }
        return Rcode.NOERROR;
    }

    private @Nullable SecondarySource configured(Name origin) {
        Index known = index;
        List<SecondarySource> sources = sources();
        if (!known.sources.equals(sources)) {
            Map<Name, SecondarySource> byName = new HashMap<>();
            sources.forEach(source -> byName.put(ZoneFile.name(source.name()), source));
            known = new Index(sources, byName);
            index = known;
        }
        return known.byName.get(origin);
    }

    /** However many notices come: whoever sends them must not fill the queue. */
    private void lookSoon() {
        if (looksSoon.compareAndSet(false, true)) {
            try {
                timer.execute(() -> {
                    looksSoon.set(false);
                    look(true);
                });
            } catch (RejectedExecutionException e) {
                log.debug("closed", e);
            }
        }
    }

    private static boolean isFrom(ZoneRequest request, RemoteServer primary) {
        return primary.address().getAddress().equals(request.client())
                && (primary.key() == null || primary.key().equals(request.signer()));
    }

    private List<SecondarySource> sources() {
        @Nullable Configuration config = configuration.get();
        return config == null ? List.of() : config.secondaries();
    }

    private void look(boolean ask) {
        try {
            Set<Name> present = new HashSet<>();
            Set<InetSocketAddress> primaries = new HashSet<>();
            List<Due> due = new ArrayList<>();
            int missing = 0;
            for (SecondarySource source : sources()) {
                Name origin = ZoneFile.name(source.name());
                present.add(origin);
                source.primaries().forEach(primary -> primaries.add(primary.address()));
                RefreshTimer zone = timers.computeIfAbsent(origin, this::load);
                expire(origin, zone);
                missing += copies.find(origin) == null ? 1 : 0;
                if (zone.isDue(clock.millis())) {
                    due.add(new Due(source, origin, zone, zone.dueAtMillis()));
                }
            }
            TransferMetrics.MISSING.set(missing);
            timers.keySet().stream().filter(origin -> !present.contains(origin)).forEach(origin -> {
                timers.remove(origin);
                copies.forget(origin);
            });
            gate.keepOnly(primaries);
            if (ask) {
                due.sort(Comparator.comparingLong(Due::sinceMillis));
                due.forEach(this::begin);
            }
        } catch (RuntimeException | Error e) {
            // a timer ends with what it throws, and with it all copies would
            log.error("looking after copied zones failed; trying again", e);
        }
    }

    private RefreshTimer load(Name origin) {
        RefreshTimer zone = new RefreshTimer();
        OptionalLong confirmedAtMillis = copies.load(origin);
        if (confirmedAtMillis.isPresent()) {
            zone.confirmed(Math.min(confirmedAtMillis.getAsLong(), clock.millis()));
            expire(origin, zone);
            publishSoon();
        }
        return zone;
    }

    private void expire(Name origin, RefreshTimer zone) {
        synchronized (zone) {
            @Nullable ZoneContent copy = copies.find(origin);
            if (copy == null || !zone.hasExpired(copy.soa(), clock.millis())) {
                return;
            }
            // here, so that it is none that comes this moment
            copies.forget(origin);
        }
        TransferMetrics.EXPIRED.inc();
        log.error("zone {} has expired: no primary has confirmed our copy; it is answered SERVFAIL", origin);
        publishSoon();
    }

    private void publishSoon() {
        publish.get().whenComplete((served, failure) -> {
            if (failure != null) {
                log.warn("changed copies of zones are not served yet: {}", failure.toString());
            }
        });
    }

    private void begin(Due due) {
        @Nullable
        RemoteServer primary =
                due.timer.begin(due.source.primaries(), server -> gate.enter(server.address()), clock.millis());
        if (primary == null) {
            return;
        }
        try {
            pool.execute(() -> refresh(due, primary));
        } catch (RejectedExecutionException e) {
            log.debug("closed", e);
        } catch (Error e) {
            // no thread is to be had: its place is another zone's, and its turn comes again
            gate.leave(primary.address(), false);
            end(due, null);
            throw e;
        }
    }

    private void refresh(Due due, RemoteServer primary) {
        @Nullable Long confirmedAt = null;
        try {
            confirmedAt = refresh(due.origin, due.timer, primary);
        } finally {
            gate.leave(primary.address(), confirmedAt != null);
            end(due, confirmedAt);
            // others may have waited for the thread
            lookSoon();
        }
    }

    private void end(Due due, @Nullable Long confirmedAt) {
        @Nullable ZoneContent copy = copies.find(due.origin);
        due.timer.end(
                copy == null ? null : copy.soa(),
                confirmedAt,
                due.source.primaries().size(),
                clock.millis());
        if (confirmedAt != null) {
            copies.confirm(due.origin, due.timer.confirmedAtMillis());
        } else {
            TransferMetrics.FAILED.inc();
        }
    }

    /** When the zone's owner had the copy that is there now, as far as the primary knows; null when that cannot be said. */
    private @Nullable Long refresh(Name origin, RefreshTimer zone, RemoteServer primary) {
        try (CopyMemory.Claim claim = copies.claim()) {
            @Nullable ZoneContent before = copies.find(origin);
            @Nullable TSIG key = keys.get().find(primary.key());
            if (key == null && primary.key() != null) {
                // the configuration has changed meanwhile: never ask without the key instead
                throw new TransferException("its key '" + primary.key() + "' is not configured any more");
            }
            TransferIn.Version version = TransferIn.version(origin, primary.address(), key);
            int ahead = before == null ? 1 : Serial.compare(version.serial(), before.serial());
            if (ahead < 0) {
                // it confirms nothing, and the others may have what it has not
                throw new TransferException("its serial " + version.serial() + " is older than ours");
            }
            if (before != null && ahead == 0) {
                TransferMetrics.CURRENT.inc();
                return confirmedAt(version, before);
            }
            ZoneContent content =
                    TransferIn.fetch(origin, primary.address(), key, before, TransferLimits.DEFAULT, claim);
            if (timers.get(origin) != zone) {
                // no longer configured
                return clock.millis();
            }
            copies.keep(origin, content);
            // before it is there: a fresh copy must not count as expired
            long confirmedAt = confirmedAt(version, content);
            synchronized (zone) {
                zone.confirmed(confirmedAt);
                copies.serve(origin, content);
            }
            claim.become(origin, content);
            if (timers.get(origin) != zone) {
                // taken out of the configuration just now: nobody else would forget it
                copies.forget(origin);
            }
            TransferMetrics.TRANSFERRED.inc();
            log.info(
                    "zone {}: serial {} of {}, {} records",
                    origin,
                    content.serial(),
                    primary.address(),
                    content.size());
            publishSoon();
            return confirmedAt;
        } catch (IOException | RuntimeException | Error e) {
            // the library answers some messages of a primary with exceptions of many kinds: the next one is asked
            log.warn("zone {} could not be copied from {}: {}", origin, primary.address(), e.toString());
            return null;
        }
    }

    private long confirmedAt(TransferIn.Version version, ZoneContent copy) {
        long expire = copy.soa().getExpire();
        long past = Math.max(0, expire - version.secondsLeft().orElse(expire));
        return clock.millis() - TimeUnit.SECONDS.toMillis(past);
    }

    /** For how many seconds more our copy of a zone is good, unless a primary confirms it (RFC 7314). */
    long secondsLeft(LiveZone zone) {
        @Nullable RefreshTimer copied = timers.get(zone.origin());
        long past = copied == null ? 0 : TimeUnit.MILLISECONDS.toSeconds(clock.millis() - copied.confirmedAtMillis());
        long expire = zone.content().soa().getExpire();
        return Math.max(0, Math.min(expire, expire - past));
    }

    @Override
    public void close() {
        timer.shutdownNow();
        pool.shutdownNow();
    }
}
