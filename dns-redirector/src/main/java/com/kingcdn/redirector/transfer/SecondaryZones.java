package com.kingcdn.redirector.transfer;

import com.kingcdn.redirector.registry.Configuration;
import com.kingcdn.redirector.registry.RemoteServer;
import com.kingcdn.redirector.registry.SecondarySource;
import com.kingcdn.redirector.zone.InvalidZoneException;
import com.kingcdn.redirector.zone.ZoneContent;
import com.kingcdn.redirector.zone.ZoneFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
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
import org.xbill.DNS.ZoneTransferException;

/**
 * The zones that other servers own and we copy: looked after by the timers of their SOA (RFC 1035 section 3.3.13) and at once when a
 * primary gives notice. A copy is kept on disk and served at once after a restart, until no primary has confirmed it for the zone's
 * expiry time.
 */
final class SecondaryZones implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(SecondaryZones.class);

    private static final long LEAST_MILLIS = 5_000;
    private static final long MOST_MILLIS = TimeUnit.DAYS.toMillis(1);
    private static final int THREADS = 4;

    /** One zone's timers; guarded by itself. */
    private static final class Timers {
        private long dueAtMillis;
        private long confirmedAtMillis;
        private boolean busy;
    }

    private final LiveZones zones;
    private final Supplier<@Nullable Configuration> configuration;
    private final Supplier<TsigKeys> keys;
    private final Runnable publish;
    private final @Nullable Path directory;
    private final Clock clock;
    private final Map<Name, Timers> timers = new ConcurrentHashMap<>();
    private final AtomicBoolean looksSoon = new AtomicBoolean();
    private final ScheduledExecutorService pool = Executors.newScheduledThreadPool(THREADS, task -> {
        Thread thread = new Thread(task, "zone-refresh");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * @param publish has changed zones served when it returns
     * @param directory where copies are kept, or null to keep none
     */
    SecondaryZones(
            LiveZones zones,
            Supplier<@Nullable Configuration> configuration,
            Supplier<TsigKeys> keys,
            Runnable publish,
            @Nullable Path directory,
            Clock clock) {
        this.zones = zones;
        this.configuration = configuration;
        this.keys = keys;
        this.publish = publish;
        this.directory = directory;
        this.clock = clock;
    }

    /** Serves the copies on disk, and begins to look after all. */
    void start() {
        look(false);
        pool.scheduleWithFixedDelay(() -> look(true), 100, 1_000, TimeUnit.MILLISECONDS);
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
                synchronized (zone) {
                    zone.dueAtMillis = 0;
                }
                lookSoon();
                return Rcode.NOERROR;
            }
        }
        return Rcode.NOTAUTH;
    }

    /** However many notices come: whoever sends them must not fill the queue. */
    private void lookSoon() {
        if (looksSoon.compareAndSet(false, true)) {
            pool.execute(() -> {
                looksSoon.set(false);
                look(true);
            });
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
            for (SecondarySource source : sources()) {
                Name origin = ZoneFile.name(source.name());
                present.add(origin);
                Timers zone = timers.computeIfAbsent(origin, this::load);
                expire(origin, zone);
                if (ask && begin(zone)) {
                    pool.execute(() -> refresh(source, origin, zone));
                }
            }
            timers.keySet().stream().filter(origin -> !present.contains(origin)).forEach(origin -> {
                timers.remove(origin);
                zones.copied(origin, null);
            });
        } catch (RuntimeException e) {
            log.error("looking after copied zones failed; trying again", e);
        }
    }

    private Timers load(Name origin) {
        Timers zone = new Timers();
        if (directory != null) {
            ZoneCopyFile file = new ZoneCopyFile(directory, origin);
            try {
                @Nullable ZoneContent copy = file.read(origin);
                if (copy != null) {
                    zone.confirmedAtMillis = file.confirmedAtMillis();
                    zones.copied(origin, copy);
                    publish.run();
                }
            } catch (IOException | InvalidZoneException e) {
                log.warn("the copy of zone {} is fetched anew: {}", origin, e.toString());
            }
        }
        return zone;
    }

    private void expire(Name origin, Timers zone) {
        @Nullable ZoneContent copy = zones.copy(origin);
        synchronized (zone) {
            // a clock that is set back makes no copy last longer
            zone.confirmedAtMillis = Math.min(zone.confirmedAtMillis, clock.millis());
            if (copy == null
                    || clock.millis() - zone.confirmedAtMillis
                            <= TimeUnit.SECONDS.toMillis(copy.soa().getExpire())) {
                return;
            }
        }
        TransferMetrics.EXPIRED.inc();
        log.error("zone {} has expired: no primary has confirmed our copy; it is no longer served", origin);
        zones.copied(origin, null);
        publish.run();
    }

    private boolean begin(Timers zone) {
        synchronized (zone) {
            long wait = zone.dueAtMillis - clock.millis();
            // longer than any wait is set: the clock has been set back
            if (zone.busy || (wait > 0 && wait <= MOST_MILLIS)) {
                return false;
            }
            zone.busy = true;
            zone.dueAtMillis = Long.MAX_VALUE;
            return true;
        }
    }

    private void refresh(SecondarySource source, Name origin, Timers zone) {
        boolean confirmed = false;
        try {
            for (RemoteServer primary : source.primaries()) {
                if (refresh(origin, primary)) {
                    confirmed = true;
                    break;
                }
            }
        } finally {
            end(origin, zone, confirmed);
        }
    }

    private void end(Name origin, Timers zone, boolean confirmed) {
        @Nullable ZoneContent copy = zones.copy(origin);
        @Nullable SOARecord soa = copy == null ? null : copy.soa();
        long wait = soa == null ? 0 : TimeUnit.SECONDS.toMillis(confirmed ? soa.getRefresh() : soa.getRetry());
        long now = clock.millis();
        synchronized (zone) {
            zone.busy = false;
            if (confirmed) {
                zone.confirmedAtMillis = now;
            }
            // a notice that came meanwhile has set it to 0
            zone.dueAtMillis = zone.dueAtMillis == 0 ? 0 : now + Math.max(LEAST_MILLIS, Math.min(wait, MOST_MILLIS));
        }
        if (confirmed && directory != null && copy != null) {
            try {
                new ZoneCopyFile(directory, origin).confirm(now);
            } catch (IOException e) {
                log.warn("the copy of zone {} could not be marked as confirmed: {}", origin, e.toString());
            }
        }
        if (!confirmed) {
            TransferMetrics.FAILED.inc();
        }
    }

    private boolean refresh(Name origin, RemoteServer primary) {
        try {
            @Nullable ZoneContent before = zones.copy(origin);
            var key = keys.get().find(primary.key());
            long serial = TransferIn.serial(origin, primary.address(), key);
            if (before != null && Serial.compare(serial, before.serial()) <= 0) {
                TransferMetrics.CURRENT.inc();
                return true;
            }
            ZoneContent content = TransferIn.fetch(origin, primary.address(), key, before);
            keep(origin, content);
            confirmed(origin);
            zones.copied(origin, content);
            TransferMetrics.TRANSFERRED.inc();
            log.info(
                    "zone {}: serial {} of {}, {} records",
                    origin,
                    content.serial(),
                    primary.address(),
                    content.size());
            publish.run();
            return true;
        } catch (IOException | ZoneTransferException | RuntimeException e) {
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

    /** Before it is there: a fresh copy must not count as expired. */
    private void confirmed(Name origin) {
        @Nullable Timers zone = timers.get(origin);
        if (zone != null) {
            synchronized (zone) {
                zone.confirmedAtMillis = clock.millis();
            }
        }
    }

    @Override
    public void close() {
        pool.shutdownNow();
    }
}
