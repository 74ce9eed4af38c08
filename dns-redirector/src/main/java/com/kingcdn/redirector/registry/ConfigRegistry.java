package com.kingcdn.redirector.registry;

import com.kingcdn.control.ConfigSnapshot;
import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.Distribution;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The clusters and distributions: those of the configuration file, which only the file changes, and beside them those of the API.
 *
 * <p>Changes come one at a time: each is held against all that is there, made durable, and visible when the call returns. The calls
 * block for the store's sync. One that takes too long is refused with the word that it may still be written; if it is, it holds from
 * then on, and none that comes behind it is taken before that is known.
 */
public final class ConfigRegistry {

    private static final Logger log = LoggerFactory.getLogger(ConfigRegistry.class);

    private static final Pattern DISTRIBUTION = Pattern.compile("/distributions/(\\d{1,9})(/.*)?");

    private final ControlStore store;
    private final ConfigVersions versions;
    private final Map<String, Cluster> clusters = new ConcurrentSkipListMap<>();
    private final Map<String, Distribution> distributions = new ConcurrentSkipListMap<>();
    private final Set<String> drained = ConcurrentHashMap.newKeySet();
    /** Distributions that contradict what was there at the start: kept, but they do not hold until they are put again. */
    private final Set<String> setAside = ConcurrentHashMap.newKeySet();

    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final List<Consumer<Configuration>> rules = new CopyOnWriteArrayList<>();
    private final Object changing = new Object();

    /** A change that was not written in time: it may still be, so nothing is held against what is there before that is known. */
    private CompletableFuture<Void> unsettled = CompletableFuture.completedFuture(null);

    /** Whether its caller has given up, and nobody has looked since what became of it. */
    private boolean late;

    private @Nullable ConfigFile file;
    private volatile @Nullable Configuration current;
    private volatile @Nullable ConfigSnapshot snapshot;

    ConfigRegistry(ControlStore store, Clock clock) {
        this.store = store;
        this.versions = new ConfigVersions(store, clock);
    }

    /** What holds now; null until the first configuration file was taken. */
    public @Nullable Configuration current() {
        return current;
    }

    /**
     * What holds now.
     *
     * @throws IllegalStateException before the first configuration file was taken, so never while requests are served
     */
    public Configuration require() {
        @Nullable Configuration held = current;
        if (held == null) {
            throw new IllegalStateException("no configuration file has been taken yet");
        }
        return held;
    }

    /** What edges are served; null until the first configuration file was taken. */
    public @Nullable ConfigSnapshot snapshot() {
        return snapshot;
    }

    /** Has each configuration held against this, too, before it is taken; it throws a {@link ConflictException} against one that breaks it. */
    public void subject(Consumer<Configuration> rule) {
        rules.add(rule);
    }

    /** Has this run after each change, on the thread that changes: it must return at once. */
    public void subscribe(Runnable listener) {
        listeners.add(listener);
    }

    /** Takes a listener out. */
    public void unsubscribe(Runnable listener) {
        listeners.remove(listener);
    }

    /**
     * Takes a new configuration file in the place of the one before.
     *
     * @throws ConfigFileException when it contradicts itself or the API's objects; the one before stays then
     * @throws ControlStoreException when it is not known yet what the API's objects are
     */
    public void replaceFile(ConfigFile replacement) {
        synchronized (changing) {
            requireSettled();
            try {
                Configuration merged = checked(replacement, additions());
                file = replacement;
                publish(merged);
            } catch (ConflictException e) {
                throw replacement.refusal(e.pointer(), Objects.toString(e.getMessage()), e);
            }
        }
    }

    /**
     * Takes the configuration file at the start, and of the API's distributions those that contradict nothing: one that an earlier version
     * accepted must not keep a redirector from starting. The others can be put again, or removed.
     *
     * @throws ConfigFileException when something else contradicts
     */
    public void startWith(ConfigFile first) {
        synchronized (changing) {
            while (true) {
                try {
                    replaceFile(first);
                    return;
                } catch (ConfigFileException e) {
                    setAside.add(contradicting(first, e));
                }
            }
        }
    }

    /** The API's distribution that a refusal is about; throws the refusal when it is about something else. */
    private String contradicting(ConfigFile first, ConfigFileException refusal) {
        if (refusal.getCause() instanceof ConflictException conflict) {
            Matcher matcher = DISTRIBUTION.matcher(conflict.pointer());
            // the file's come first
            int files = first.distributions().size();
            int own = matcher.matches() ? Integer.parseInt(matcher.group(1)) - files : -1;
            if (own >= 0) {
                String id = List.copyOf(holding().keySet()).get(own);
                log.error(
                        "distribution '{}', made through the API, is not served until it is put again, or removed: {}",
                        id,
                        conflict.getMessage());
                return id;
            }
        }
        throw refusal;
    }

    /**
     * What would hold with another text of the configuration file; nothing changes, and files that it names are not read.
     *
     * @throws ConfigFileException when the text is not valid in itself
     * @throws ConflictException when it contradicts itself or the API's objects
     */
    public Configuration rehearse(String yaml) {
        ConfigFile rehearsed = new ConfigFileReader(zone -> {}).parse(Path.of("configuration"), yaml, named -> "");
        synchronized (changing) {
            return Configuration.merge(rehearsed, additions());
        }
    }

    /**
     * Makes or replaces a cluster of the API.
     *
     * @return whether it was not there before
     * @throws ConflictException when it is the file's, or contradicts others
     * @throws ControlStoreException when it cannot be made durable
     */
    public boolean putCluster(Cluster cluster) {
        synchronized (changing) {
            requireSettled();
            refuseFileObject(require().isClusterOfFile(cluster.id()), "cluster", cluster.id());
            Map<String, Cluster> changed = new TreeMap<>(clusters);
            boolean created = changed.put(cluster.id(), cluster) == null;
            check(new Configuration.Additions(holding().values(), changed.values(), drained));
            commit(new ControlChange.ClusterPut(cluster));
            return created;
        }
    }

    /**
     * Removes a cluster of the API.
     *
     * @return whether it was there
     * @throws ConflictException when it is the file's, or others have it as their parent
     */
    public boolean removeCluster(String id) {
        synchronized (changing) {
            requireSettled();
            refuseFileObject(require().isClusterOfFile(id), "cluster", id);
            Map<String, Cluster> changed = new TreeMap<>(clusters);
            if (changed.remove(id) == null) {
                return false;
            }
            check(new Configuration.Additions(holding().values(), changed.values(), drained));
            commit(new ControlChange.ClusterRemoved(id));
            return true;
        }
    }

    /**
     * Takes a cluster out of new answers, or back in; of the file or of the API.
     *
     * @return the cluster as it is now, or empty when there is none
     * @throws ConflictException when the file itself says that it is drained
     */
    public Optional<Cluster> drain(String id, boolean value) {
        synchronized (changing) {
            requireSettled();
            Optional<Cluster> before = require().cluster(id);
            if (before.isEmpty() || before.get().drained() == value) {
                return before;
            }
            if (clusters.containsKey(id)) {
                commit(new ControlChange.ClusterPut(before.get().withDrained(value)));
                return require().cluster(id);
            }
            ConfigFile of = Objects.requireNonNull(file);
            if (of.clusters().stream().anyMatch(cluster -> cluster.id().equals(id) && cluster.drained())) {
                throw new ConflictException(
                        "/clusters", "cluster '" + id + "' is drained by the configuration file; change it there");
            }
            commit(new ControlChange.ClusterDrained(id, value));
            return require().cluster(id);
        }
    }

    /**
     * Makes or replaces a distribution of the API.
     *
     * @return whether it was not there before
     * @throws ConflictException when it is the file's, or contradicts others
     * @throws ControlStoreException when it cannot be made durable
     */
    public boolean putDistribution(Distribution distribution) {
        synchronized (changing) {
            requireSettled();
            refuseFileObject(require().isDistributionOfFile(distribution.id()), "distribution", distribution.id());
            Map<String, Distribution> changed = holding();
            boolean created = changed.put(distribution.id(), distribution) == null;
            check(new Configuration.Additions(changed.values(), clusters.values(), drained));
            commit(new ControlChange.DistributionPut(distribution));
            return created;
        }
    }

    /**
     * Removes a distribution of the API.
     *
     * @return whether it was there
     * @throws ConflictException when it is the file's, or others share its answers
     * @throws ControlStoreException when it cannot be made durable
     */
    public boolean removeDistribution(String id) {
        synchronized (changing) {
            requireSettled();
            refuseFileObject(require().isDistributionOfFile(id), "distribution", id);
            Map<String, Distribution> changed = holding();
            if (changed.remove(id) == null && !setAside.contains(id)) {
                return false;
            }
            check(new Configuration.Additions(changed.values(), clusters.values(), drained));
            commit(new ControlChange.DistributionRemoved(id));
            return true;
        }
    }

    private static void refuseFileObject(boolean ofFile, String kind, String id) {
        if (ofFile) {
            throw new ConflictException("", kind + " '" + id + "' stands in the configuration file; change it there");
        }
    }

    private void check(Configuration.Additions changed) {
        checked(Objects.requireNonNull(file), changed);
    }

    private Configuration checked(ConfigFile of, Configuration.Additions changed) {
        Configuration merged = Configuration.merge(of, changed);
        rules.forEach(rule -> rule.accept(merged));
        return merged;
    }

    private Configuration.Additions additions() {
        return new Configuration.Additions(holding().values(), clusters.values(), drained);
    }

    /** A copy of the API's distributions without those that are set aside. */
    private Map<String, Distribution> holding() {
        Map<String, Distribution> holding = new TreeMap<>(distributions);
        holding.keySet().removeAll(Set.copyOf(setAside));
        return holding;
    }

    private void requireSettled() {
        if (!unsettled.isDone()) {
            throw new ControlStoreException(
                    ControlStoreException.Kind.BUSY,
                    "an earlier change of the configuration is still being written; try again",
                    null);
        }
        // what comes next goes by what holds, so by that one, too
        catchUp();
    }

    /** Durable first; applied by the store's thread before the future completes. */
    private void commit(ControlChange change) {
        CompletableFuture<Void> done = store.append(change);
        unsettled = done;
        try {
            Commits.await(done);
        } catch (ControlStoreException e) {
            // late is not never: what turns out to be durable holds from then on
            late = true;
            done.thenRunAsync(this::catchUp);
            throw e;
        }
        publish(Configuration.merge(Objects.requireNonNull(file), additions()));
    }

    private void catchUp() {
        synchronized (changing) {
            if (!late || !unsettled.isDone()) {
                return;
            }
            late = false;
            if (unsettled.isCompletedExceptionally()) {
                return;
            }
            try {
                publish(Configuration.merge(Objects.requireNonNull(file), additions()));
                log.warn("a change of the configuration was written later than it was waited for, and holds now");
            } catch (RuntimeException e) {
                log.error("a change of the configuration was written late and does not hold", e);
            }
        }
    }

    private void publish(Configuration merged) {
        if (merged.equals(current)) {
            return;
        }
        snapshot = versions.number(merged);
        current = merged;
        listeners.forEach(Runnable::run);
    }

    void apply(ControlChange.ClusterPut change) {
        clusters.put(change.cluster().id(), change.cluster());
    }

    void apply(ControlChange.ClusterRemoved change) {
        clusters.remove(change.id());
    }

    void apply(ControlChange.ClusterDrained change) {
        if (change.drained()) {
            drained.add(change.id());
        } else {
            drained.remove(change.id());
        }
    }

    void apply(ControlChange.DistributionPut change) {
        distributions.put(change.distribution().id(), change.distribution());
        setAside.remove(change.distribution().id());
    }

    void apply(ControlChange.DistributionRemoved change) {
        distributions.remove(change.id());
        setAside.remove(change.id());
    }

    void apply(ControlChange.ConfigVersioned change) {
        versions.apply(change);
    }

    List<ControlChange> changes() {
        List<ControlChange> changes = new ArrayList<>();
        clusters.values().forEach(cluster -> changes.add(new ControlChange.ClusterPut(cluster)));
        distributions.values().forEach(distribution -> changes.add(new ControlChange.DistributionPut(distribution)));
        drained.forEach(id -> changes.add(new ControlChange.ClusterDrained(id, true)));
        changes.addAll(versions.changes());
        return changes;
    }
}
