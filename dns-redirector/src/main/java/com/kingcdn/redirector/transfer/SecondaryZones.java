package com.kingcdn.redirector.transfer;

import com.kingcdn.redirector.registry.Configuration;
import com.kingcdn.redirector.registry.RemoteServer;
import com.kingcdn.redirector.registry.SecondarySource;
import com.kingcdn.redirector.zone.ZoneContent;
import com.kingcdn.redirector.zone.ZoneFile;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
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
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Serial;
import org.xbill.DNS.TSIG;

/**
 * The zones that other servers own and we copy: looked after by the timers of their SOA (RFC 1035 section 3.3.13) and at once when a
 * primary gives notice. A copy is kept on disk and served at once after a restart, until no primary has confirmed it for the zone's
 * expiry time.
 *
 * <p>One thread watches the time and never waits for a primary; others turn to one primary for one zone each, as far as
 * {@link PrimaryGate} lets them, those first that have waited longest.
 */
final class SecondaryZones implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(SecondaryZones.class);

    private static final long LEAST_MILLIS = 5_000;
    private static final long MOST_MILLIS = TimeUnit.DAYS.toMillis(1);
    /** A primary is asked no sooner after it was last asked because of a notice: anybody can send these in its name. */
    static final long NOTICE_MILLIS = 1_000;
    /** A zone that never came is asked for ever more seldom, up to 16 times as seldom. */
    private static final int MOST_DOUBLINGS = 4;

    /** One zone's timers; guarded by itself. */
    private static final class Timers {
        private long dueAtMillis;
        private long confirmedAtMillis;
        /** When it was last looked after. */
        private long endedAtMillis;

        private boolean busy;
        /** Whether a notice has come while it was looked after. */
        private boolean noticed;
        /** Which of the primaries is to be asked. */
        private int primary;
        /** Rounds in which none of them answered. */
        private int failures;
    }

    /** A zone that is to be looked at, since when, and where. */
    private record Due(SecondarySource source, Name origin, Timers zone, long sinceMillis) {}

    private final LiveZones zones;
    private final Supplier<@Nullable Configuration> configuration;
    private final Supplier<TsigKeys> keys;
    private final Supplier<CompletableFuture<Void>> publish;
    private final @Nullable Path directory;
    private final CopyMemory memory;
    private final Clock clock;
    private final Map<Name, Timers> timers = new ConcurrentHashMap<>();
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
        this.zones = zones;
        this.configuration = configuration;
        this.keys = keys;
        this.publish = publish;
        this.directory = settings.directory();
        this.memory = new CopyMemory(settings.memory());
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
            return Rcode.FORMERR;
        }
        for (SecondarySource source : sources()) {
            if (ZoneFile.name(source.name()).equals(question.getName())) {
                @Nullable Timers zone = timers.get(question.getName());
                if (zone == null || source.primaries().stream().noneMatch(primary -> isFrom(request, primary))) {
                    return Rcode.REFUSED;
                }
                notified(zone);
                return Rcode.NOERROR;
            }
        }
        return Rcode.NOTAUTH;
    }

    /** Notices that come faster than a primary may be asked are one. */
    private void notified(Timers zone) {
        long now = clock.millis();
        synchronized (zone) {
            if (zone.busy) {
                zone.noticed = true;
                return;
            }
            // a clock that was set back must not put it off
            long earliest = zone.endedAtMillis > now ? now : zone.endedAtMillis + NOTICE_MILLIS;
            zone.dueAtMillis = Math.min(zone.dueAtMillis, Math.max(now, earliest));
            if (zone.dueAtMillis > now) {
                return;
            }
        }
        lookSoon();
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
            for (SecondarySource source : sources()) {
                Name origin = ZoneFile.name(source.name());
                present.add(origin);
                source.primaries().forEach(primary -> primaries.add(primary.address()));
                Timers zone = timers.computeIfAbsent(origin, this::load);
                expire(origin, zone);
                if (isDue(zone)) {
                    due.add(new Due(source, origin, zone, zone.dueAtMillis));
                }
            }
            timers.keySet().stream().filter(origin -> !present.contains(origin)).forEach(origin -> {
                timers.remove(origin);
                forget(origin);
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

    private Timers load(Name origin) {
        Timers zone = new Timers();
        if (directory != null) {
            ZoneCopyFile file = new ZoneCopyFile(directory, origin);
            try {
                @Nullable ZoneContent copy = file.read(origin);
                if (copy != null && !memory.fits(copy)) {
                    TransferMetrics.NO_ROOM.inc();
                    log.error(
                            "the copy of zone {} stays on the disk: there is no memory for it"
                                    + " (kingcdn.redirector.copies.memory)",
                            origin);
                } else if (copy != null) {
                    memory.hold(origin, copy);
                    zone.confirmedAtMillis = Math.min(file.confirmedAtMillis(), clock.millis());
                    zones.copied(origin, copy);
                    expire(origin, zone);
                    publishSoon();
                }
            } catch (IOException | RuntimeException | Error e) {
                // want of memory too: else those that are looked at after it would never have their turn
                forget(origin);
                log.warn("the copy of zone {} is fetched anew: {}", origin, e.toString());
            }
        }
        return zone;
    }

    private void expire(Name origin, Timers zone) {
        synchronized (zone) {
            @Nullable ZoneContent copy = zones.copy(origin);
            // a clock that is set back makes no copy last longer
            zone.confirmedAtMillis = Math.min(zone.confirmedAtMillis, clock.millis());
            if (copy == null
                    || clock.millis() - zone.confirmedAtMillis
                            <= TimeUnit.SECONDS.toMillis(copy.soa().getExpire())) {
                return;
            }
            // here, so that it is none that comes this moment
            forget(origin);
        }
        TransferMetrics.EXPIRED.inc();
        log.error("zone {} has expired: no primary has confirmed our copy; it is answered SERVFAIL", origin);
        publishSoon();
    }

    private void forget(Name origin) {
        zones.copied(origin, null);
        memory.drop(origin);
    }

    private void publishSoon() {
        publish.get().whenComplete((served, failure) -> {
            if (failure != null) {
                log.warn("changed copies of zones are not served yet: {}", failure.toString());
            }
        });
    }

    private boolean isDue(Timers zone) {
        synchronized (zone) {
            long wait = zone.dueAtMillis - clock.millis();
            // longer than any wait is set: the clock has been set back
            return !zone.busy && (wait <= 0 || wait > MOST_MILLIS);
        }
    }

    private void begin(Due due) {
        Timers zone = due.zone;
        @Nullable RemoteServer primary;
        synchronized (zone) {
            primary = enter(zone, due.source.primaries());
            if (primary == null) {
                return;
            }
            zone.busy = true;
            zone.dueAtMillis = Long.MAX_VALUE;
        }
        RemoteServer asked = primary;
        try {
            pool.execute(() -> refresh(due, asked));
        } catch (RejectedExecutionException e) {
            log.debug("closed", e);
        } catch (Error e) {
            // no thread is to be had: its place is another zone's, and its turn comes again
            gate.leave(asked.address(), false);
            end(due, false);
            throw e;
        }
    }

    /** The primary that is this zone's turn to ask, or one after it when others wait for that one already. */
    private @Nullable RemoteServer enter(Timers zone, List<RemoteServer> primaries) {
        for (int i = 0; i < primaries.size(); i++) {
            int next = (zone.primary + i) % primaries.size();
            if (gate.enter(primaries.get(next).address())) {
                zone.primary = next;
                return primaries.get(next);
            }
        }
        return null;
    }

    private void refresh(Due due, RemoteServer primary) {
        boolean confirmed = false;
        try {
            confirmed = refresh(due.origin, due.zone, primary);
        } finally {
            gate.leave(primary.address(), confirmed);
            end(due, confirmed);
            // others may have waited for the thread
            lookSoon();
        }
    }

    private void end(Due due, boolean confirmed) {
        @Nullable ZoneContent copy = zones.copy(due.origin);
        @Nullable SOARecord soa = copy == null ? null : copy.soa();
        long now = clock.millis();
        Timers zone = due.zone;
        synchronized (zone) {
            zone.busy = false;
            zone.primary =
                    confirmed ? 0 : (zone.primary + 1) % due.source.primaries().size();
            boolean othersLeft = zone.primary > 0;
            if (confirmed) {
                zone.confirmedAtMillis = now;
                zone.failures = 0;
            } else if (!othersLeft) {
                zone.failures++;
            }
            zone.dueAtMillis = othersLeft ? now : now + wait(soa, confirmed, zone.failures);
            if (zone.noticed) {
                zone.noticed = false;
                zone.dueAtMillis = Math.min(zone.dueAtMillis, now + NOTICE_MILLIS);
            }
            zone.endedAtMillis = now;
        }
        if (confirmed && directory != null && copy != null) {
            try {
                new ZoneCopyFile(directory, due.origin).confirm(now);
            } catch (IOException e) {
                log.warn("the copy of zone {} could not be marked as confirmed: {}", due.origin, e.toString());
            }
        }
        if (!confirmed) {
            TransferMetrics.FAILED.inc();
        }
    }

    private static long wait(@Nullable SOARecord soa, boolean confirmed, int failures) {
        if (soa == null) {
            return LEAST_MILLIS << Math.min(Math.max(failures - 1, 0), MOST_DOUBLINGS);
        }
        long wait = TimeUnit.SECONDS.toMillis(confirmed ? soa.getRefresh() : soa.getRetry());
        return Math.max(LEAST_MILLIS, Math.min(wait, MOST_MILLIS));
    }

    private boolean refresh(Name origin, Timers zone, RemoteServer primary) {
        try (CopyMemory.Claim claim = memory.claim()) {
            @Nullable ZoneContent before = zones.copy(origin);
            @Nullable TSIG key = keys.get().find(primary.key());
            if (key == null && primary.key() != null) {
                // the configuration has changed meanwhile: never ask without the key instead
                throw new TransferException("its key '" + primary.key() + "' is not configured any more");
            }
            long serial = TransferIn.serial(origin, primary.address(), key);
            if (before != null && Serial.compare(serial, before.serial()) <= 0) {
                TransferMetrics.CURRENT.inc();
                return true;
            }
            ZoneContent content =
                    TransferIn.fetch(origin, primary.address(), key, before, TransferLimits.DEFAULT, claim);
            if (timers.get(origin) != zone) {
                // no longer configured
                return true;
            }
            keep(origin, content);
            // before it is there: a fresh copy must not count as expired
            synchronized (zone) {
                zone.confirmedAtMillis = clock.millis();
                zones.copied(origin, content);
            }
            claim.become(origin, content);
            if (timers.get(origin) != zone) {
                // taken out of the configuration just now: nobody else would forget it
                forget(origin);
            }
            TransferMetrics.TRANSFERRED.inc();
            log.info(
                    "zone {}: serial {} of {}, {} records",
                    origin,
                    content.serial(),
                    primary.address(),
                    content.size());
            publishSoon();
            return true;
        } catch (IOException | RuntimeException | Error e) {
            // the library answers some messages of a primary with exceptions of many kinds: the next one is asked
            log.warn("zone {} could not be copied from {}: {}", origin, primary.address(), e.toString());
            return false;
        }
    }

    /** A disk that is full must not keep a zone from following its primary. */
    private void keep(Name origin, ZoneContent content) {
        if (directory == null) {
            return;
        }
        try {
            new ZoneCopyFile(directory, origin).write(content);
        } catch (IOException e) {
            log.warn("the copy of zone {} is served, but was not kept for a restart: {}", origin, e.toString());
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
        pool.shutdownNow();
    }
}
