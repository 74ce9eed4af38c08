package com.kingcdn.redirector.dnssec;

import com.kingcdn.storage.DirectoryLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xbill.DNS.Name;
import org.xbill.DNS.TextParseException;

/**
 * The keys of all signed zones: read from a directory, made there for a zone that has none, replaced in time, read again when they
 * change. Whoever signs with them is told by {@link #subscribe}. Thread-safe.
 *
 * <p>All that a rollover needs to know stands in the key files, so a restart at any moment goes on where it was.
 */
public final class ZoneKeys implements AutoCloseable {

    static final long DNSKEY_TTL = 3600;

    private static final Logger log = LoggerFactory.getLogger(ZoneKeys.class);
    private static final long PERIOD_SECONDS = 5;

    /** Signatures are backdated by an hour. */
    private static final long MOST_SET_BACK_MILLIS = TimeUnit.MINUTES.toMillis(30);

    /** What is known of one zone's keys; under the lock. */
    private static final class Known {

        private final Name name;
        private List<ZoneKey> keys = List.of();
        private Map<String, Long> files = Map.of();
        private @Nullable ZoneSigner signer;

        Known(Name name) {
            this.name = name;
        }

        List<KeyState> states() {
            return keys.stream().map(ZoneKey::state).toList();
        }
    }

    private final DnssecSettings settings;
    private final @Nullable Path directory;
    private final RolloverPolicy policy;
    private final Clock clock;
    private final SignatureCache cache;
    private final Map<String, Known> zones = new HashMap<>();
    /** While keys are managed here; under the lock. */
    private @Nullable DirectoryLock managing;
    /** When signatures that are kept may have been made last; under the lock. */
    private long latestMillis;

    private final List<Runnable> subscribers = new CopyOnWriteArrayList<>();
    private final ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "dnssec-keys");
        thread.setDaemon(true);
        return thread;
    });

    /** @param state the state directory, in which keys are when the settings name no directory of their own; may be null */
    public ZoneKeys(DnssecSettings settings, @Nullable Path state, Clock clock) {
        this.settings = settings;
        this.directory = settings.keys() != null ? settings.keys() : state == null ? null : state.resolve("keys");
        this.policy = settings.policy();
        this.clock = clock;
        this.latestMillis = clock.millis();
        this.cache = new SignatureCache(
                clock::millis, settings.signatureValidity(), settings.cachedSignatures(), settings.passingPerSecond());
    }

    /** Follows time and key files from now on. */
    public void start() {
        watch.scheduleWithFixedDelay(this::watch, PERIOD_SECONDS, PERIOD_SECONDS, TimeUnit.SECONDS);
    }

    /** Has the subscriber run when a zone's signer has become another, on a thread of this object. */
    public void subscribe(Runnable subscriber) {
        subscribers.add(subscriber);
    }

    public void unsubscribe(Runnable subscriber) {
        subscribers.remove(subscriber);
    }

    /**
     * The signer of a zone as of now. The first call for a zone reads its keys, and makes them when there are none.
     *
     * @param zone its name, with or without a final dot
     * @throws KeyException when there are no keys it could sign with
     */
    public synchronized ZoneSigner signer(String zone) {
        String key = key(zone);
        @Nullable Known known = zones.get(key);
        if (known == null) {
            known = new Known(name(key));
            advance(known, true);
            zones.put(key, known);
        }
        return Objects.requireNonNull(known.signer, "a zone that is known has a signer");
    }

    /** Looks after the keys of these zones only: others are not signed any more. */
    public synchronized void keepOnly(Set<String> signed) {
        zones.keySet().removeIf(zone -> !signed.contains(zone));
    }

    /** How many signatures can be kept at most. */
    public int mostSignatures() {
        return settings.cachedSignatures();
    }

    /** What is to be known of a zone's keys; empty when it is not signed here. */
    public synchronized Optional<ZoneKeyReport> report(String zone) {
        @Nullable Known known = zones.get(key(zone));
        return known == null || known.signer == null
                ? Optional.empty()
                : Optional.of(ZoneKeyReport.of(known.name, known.keys, known.signer.keys(), now()));
    }

    /**
     * Begins to replace a zone's key.
     *
     * @param sep the key that the DS at the parent leads to, else the ZSK
     * @return false when there is no such key, or it is being replaced already
     * @throws KeyException when keys are not managed here, or cannot be written
     */
    public synchronized boolean roll(String zone, boolean sep) {
        Known known = managed(zone);
        Optional<KeyRollover.Plan> plan = KeyRollover.begin(known.states(), sep, policy, now());
        plan.ifPresent(begun -> carryOut(known, begun));
        return plan.isPresent();
    }

    /**
     * Takes the operator's word that the DS set at the parent is what CDS asks for.
     *
     * @return false when that was not awaited
     * @throws KeyException when keys are not managed here, or cannot be written
     */
    public synchronized boolean dsPublished(String zone) {
        Known known = managed(zone);
        KeyRollover.Plan plan = KeyRollover.dsPublished(known.states(), policy, now());
        carryOut(known, plan);
        return !plan.isEmpty();
    }

    private Known managed(String zone) {
        @Nullable Known known = zones.get(key(zone));
        if (known == null) {
            throw new KeyException("zone " + zone + " is not signed here", null);
        }
        if (!settings.manage()) {
            throw new KeyException("keys are not managed by this redirector (kingcdn.redirector.dnssec.manage)", null);
        }
        return known;
    }

    /** Does a plan, brings the zone to what follows from it, and tells. */
    private void carryOut(Known known, KeyRollover.Plan plan) {
        apply(known, plan);
        if (advance(known, false)) {
            // the caller holds the lock, and whoever is told may want it
            watch.execute(this::tell);
        }
    }

    void watch() {
        try {
            boolean changed;
            synchronized (this) {
                changed = forgetSignaturesOfTheFuture();
                for (Known known : zones.values()) {
                    changed |= advanceOrKeep(known);
                }
                DnssecMetrics.awaitingDs(zones.values().stream()
                        .filter(known -> KeyRollover.awaitsDs(known.states(), now()))
                        .count());
            }
            if (changed) {
                tell();
            }
            cache.renew();
        } catch (RuntimeException | Error e) {
            log.error("looking after the keys of signed zones failed; trying again", e);
        }
    }

    /** After the clock was set back, signatures made before are not valid yet; whoever holds some gets another signer. */
    private boolean forgetSignaturesOfTheFuture() {
        long now = clock.millis();
        boolean isSetBack = now < latestMillis - MOST_SET_BACK_MILLIS;
        if (isSetBack) {
            log.warn("the clock was set back by {} s: signing anew", (latestMillis - now) / 1000);
            cache.clear();
            zones.values()
                    .forEach(known -> known.signer =
                            known.signer == null ? null : new ZoneSigner(known.signer.keys(), cache, clock::millis));
        }
        latestMillis = isSetBack ? now : Math.max(latestMillis, now);
        return isSetBack && !zones.isEmpty();
    }

    private boolean advanceOrKeep(Known known) {
        try {
            return advance(known, false);
        } catch (KeyException e) {
            DnssecMetrics.failed();
            log.error("the keys of zone {} stay as they were: {}", known.name, e.getMessage());
            return false;
        }
    }

    private void tell() {
        subscribers.forEach(Runnable::run);
    }

    /** Brings a zone's keys and signer to the present; the result is whether its signer is another now. */
    private boolean advance(Known known, boolean isNew) {
        Map<String, Long> files = files(known.name);
        if (!files.equals(known.files)) {
            known.keys = read(known.name, files);
            known.files = files;
        }
        if (settings.manage()) {
            if (known.keys.isEmpty() && isNew) {
                log.info("zone {} has no keys yet: making them in {}", known.name, directory());
                apply(known, KeyRollover.first(settings.scheme(), now()));
            }
            KeyRollover.Plan due = KeyRollover.due(known.states(), policy, now());
            while (!due.isEmpty()) {
                apply(known, due);
                due = KeyRollover.due(known.states(), policy, now());
            }
        }
        @Nullable KeySet keys = KeySet.at(known.keys, now());
        @Nullable Instant later = keys == null ? KeySet.lastPublication(known.keys, now()) : null;
        if (later != null) {
            keys = KeySet.at(known.keys, later);
        }
        if (keys == null) {
            throw new KeyException(
                    "zone " + known.name + " is to be signed, but " + directory() + " holds no "
                            + KeyFile.prefix(known.name)
                            + "*.private with flags 257 that is published, and none that is active",
                    null);
        }
        if (known.signer != null && known.signer.keys().isLike(keys)) {
            return false;
        }
        if (later != null) {
            log.error(
                    "the clock says {}, when no key of zone {} is in use yet: it signs with its keys as of {}. Set the clock right,"
                            + " or, when the keys are for later, put a key for now beside them: resolvers take no signature of another time",
                    now(),
                    known.name,
                    later);
        }
        cache.keepOnly(keys.published());
        known.signer = new ZoneSigner(keys, cache, clock::millis);
        log.info("zone {} has {}", known.name, keys);
        return true;
    }

    /** New keys are on the disk before old ones get an end. */
    private void apply(Known known, KeyRollover.Plan plan) {
        List<ZoneKey> keys = new ArrayList<>(known.keys);
        for (KeyRollover.NewKey wanted : plan.created()) {
            ZoneKey made = ZoneKey.generate(known.name, DNSKEY_TTL, wanted);
            while (hasTag(keys, made.state().tag())) {
                made = ZoneKey.generate(known.name, DNSKEY_TTL, wanted);
            }
            KeyFile.write(directory(), made);
            keys.add(made);
        }
        for (KeyState changed : plan.changed()) {
            for (int i = 0; i < keys.size(); i++) {
                if (keys.get(i).state().tag() == changed.tag()) {
                    keys.set(i, keys.get(i).with(changed.timings()));
                    KeyFile.write(directory(), keys.get(i));
                }
            }
        }
        known.keys = List.copyOf(keys);
        known.files = files(known.name);
    }

    private static boolean hasTag(List<ZoneKey> keys, int tag) {
        return keys.stream().anyMatch(key -> key.state().tag() == tag);
    }

    private List<ZoneKey> read(Name zone, Map<String, Long> files) {
        return files.keySet().stream()
                .map(file -> KeyFile.read(directory().resolve(file), zone, DNSKEY_TTL))
                .toList();
    }

    /** The private halves of a zone's keys by name, with when they were written. */
    private Map<String, Long> files(Name zone) {
        String prefix = KeyFile.prefix(zone);
        Map<String, Long> found = new TreeMap<>();
        try {
            if (settings.manage()) {
                Files.createDirectories(directory());
                managing = managing == null ? lock() : managing;
            }
            try (Stream<Path> files = Files.list(directory())) {
                for (Path file : files.toList()) {
                    String name = file.getFileName().toString();
                    if (name.startsWith(prefix) && name.endsWith(KeyFile.PRIVATE)) {
                        found.put(name, Files.getLastModifiedTime(file).toMillis());
                    }
                }
            }
        } catch (IOException e) {
            throw new KeyException("key directory " + directory() + " cannot be used: " + e, e);
        }
        return found;
    }

    /** Two that manage one directory would make and replace keys that the other does not know of. */
    private DirectoryLock lock() {
        try {
            return DirectoryLock.take(directory(), "keys.lock")
                    .orElseThrow(() -> new KeyException(
                            "another redirector manages the keys in " + directory()
                                    + ": two would make and replace keys that the other does"
                                    + " not know of. Set kingcdn.redirector.dnssec.manage=false on all but one",
                            null));
        } catch (IOException e) {
            throw new KeyException(
                    "key directory " + directory() + " cannot be locked: " + e
                            + ". Where keys are only read, set kingcdn.redirector.dnssec.manage=false",
                    e);
        }
    }

    private Path directory() {
        if (directory == null) {
            throw new KeyException(
                    "a signed zone needs kingcdn.redirector.state=DIR or kingcdn.redirector.dnssec.keys=DIR,"
                            + " where its keys survive a restart",
                    null);
        }
        return directory;
    }

    /** Key files know whole seconds. */
    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS);
    }

    private static String key(String zone) {
        String lower = zone.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }

    private static Name name(String zone) {
        try {
            return Name.fromString(zone, Name.root);
        } catch (TextParseException e) {
            throw new KeyException("'" + zone + "' is not a zone name: " + e.getMessage(), e);
        }
    }

    @Override
    public synchronized void close() {
        watch.shutdownNow();
        if (managing != null) {
            try {
                managing.close();
            } catch (IOException e) {
                log.debug("the lock of the key directory", e);
            }
        }
    }
}
