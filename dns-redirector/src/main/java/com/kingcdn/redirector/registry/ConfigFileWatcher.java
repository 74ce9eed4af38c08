package com.kingcdn.redirector.registry;

import com.kingcdn.control.ControlJson;
import com.kingcdn.storage.DurableFile;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/**
 * The configuration file's follower: takes it at start, and again whenever it or a zone or key file it names has changed.
 *
 * <p>It looks once a second instead of waiting for notifications, which do not come for network file systems and for the symbolic links
 * that Kubernetes swaps. A file that is not valid changes nothing. The last valid one is kept in the state directory, so that a
 * redirector also restarts beside a file that someone has just broken.
 */
public final class ConfigFileWatcher implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ConfigFileWatcher.class);

    private static final Gauge VALID = Gauge.build(
                    "kingcdn_redirector_config_valid",
                    "1 while the configuration file is the configuration served, 0 while it is refused")
            .register();
    private static final Counter RELOADS = Counter.build(
                    "kingcdn_redirector_config_reloads", "Changed configuration files, by what became of them")
            .labelNames("result")
            .register();
    private static final Counter.Child APPLIED = RELOADS.labels("applied");
    private static final Counter.Child REFUSED = RELOADS.labels("refused");

    /** The texts of a valid file and its zone files, by path. */
    private record SavedCopy(String yaml, Map<String, String> zones) {}

    private final Path file;
    private final ConfigFileReader reader;
    private final ConfigRegistry registry;
    private final @Nullable Path savedCopy;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "config-file");
        thread.setDaemon(true);
        return thread;
    });

    private List<Path> named = List.of();
    private List<String> taken = List.of();
    private String lastRefusal = "";
    private @Nullable ConfigFile last;

    /** @param savedCopy where the last valid one is kept, or null to keep none */
    public ConfigFileWatcher(Path file, ConfigFileReader reader, ConfigRegistry registry, @Nullable Path savedCopy) {
        this.file = file;
        this.reader = reader;
        this.registry = registry;
        this.savedCopy = savedCopy;
    }

    /**
     * Takes the file, or else the last valid one, and begins to look for changes.
     *
     * @throws ConfigFileException when neither can be taken
     */
    public void start() {
        List<String> found = fingerprints();
        try {
            take(reader.read(file));
            taken = found;
        } catch (ConfigFileException e) {
            VALID.set(0);
            ConfigFile saved = readSavedCopy(e);
            log.error("{}; going on with the last valid configuration, kept in {}", e.getMessage(), savedCopy);
            lastRefusal = Objects.toString(e.getMessage());
            registry.startWith(saved);
        }
        timer.scheduleWithFixedDelay(this::poll, 1, 1, TimeUnit.SECONDS);
    }

    /** Looks for a change once. */
    void poll() {
        try {
            List<String> found = fingerprints();
            if (found.equals(taken)) {
                return;
            }
            ConfigFile read = reader.read(file);
            if (!read.equals(last)) {
                take(read);
                APPLIED.inc();
                log.info("took the changed configuration file {}", file);
            }
            // as they were before reading: whatever changes meanwhile differs at the next look
            taken = found;
            lastRefusal = "";
            VALID.set(1);
        } catch (ConfigFileException e) {
            VALID.set(0);
            if (!lastRefusal.equals(e.getMessage())) {
                lastRefusal = Objects.toString(e.getMessage());
                REFUSED.inc();
                log.error("{}; the configuration stays as it was", lastRefusal);
            }
        } catch (RuntimeException | Error e) {
            log.error("looking at the configuration file {} failed; trying again", file, e);
        }
    }

    private void take(ConfigFile read) {
        registry.replaceFile(read);
        last = read;
        named = Stream.concat(
                        read.zones().stream().map(ZoneSource::file),
                        read.keys().stream().map(KeySource::file))
                .toList();
        VALID.set(1);
        save(read);
    }

    private List<String> fingerprints() {
        List<String> fingerprints = new ArrayList<>();
        fingerprints.add(fingerprint(file));
        named.forEach(other -> fingerprints.add(fingerprint(other)));
        return fingerprints;
    }

    private static String fingerprint(Path path) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
            return attributes.fileKey() + " " + attributes.lastModifiedTime() + " " + attributes.size();
        } catch (IOException e) {
            return "cannot be read";
        }
    }

    private void save(ConfigFile read) {
        if (savedCopy == null) {
            return;
        }
        Map<String, String> zones = new HashMap<>();
        read.zones().forEach(zone -> zones.put(zone.file().toString(), zone.text()));
        try {
            DurableFile.write(savedCopy, ControlJson.mapper().writeValueAsBytes(new SavedCopy(read.yaml(), zones)));
        } catch (IOException e) {
            log.warn("the configuration is in use but could not be kept in {}: {}", savedCopy, e.toString());
        }
    }

    private ConfigFile readSavedCopy(ConfigFileException refusal) {
        if (savedCopy == null || !Files.exists(savedCopy)) {
            throw refusal;
        }
        try {
            SavedCopy saved = ControlJson.mapper().readValue(Files.readAllBytes(savedCopy), SavedCopy.class);
            return reader.parse(file, saved.yaml, zone -> {
                @Nullable String text = saved.zones.get(zone.toString());
                if (text == null) {
                    throw new FileNotFoundException(zone + " is not in the kept copy");
                }
                return text;
            });
        } catch (IOException | JacksonException | ConfigFileException e) {
            refusal.addSuppressed(e);
            throw refusal;
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
