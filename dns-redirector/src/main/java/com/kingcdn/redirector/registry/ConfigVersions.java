package com.kingcdn.redirector.registry;

import com.kingcdn.control.ConfigSnapshot;
import com.kingcdn.control.ControlJson;
import com.kingcdn.redirector.registry.ControlChange.ConfigVersioned;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The numbers of the configurations that edges are served: a higher one for each that differs from the one before, over restarts too, and
 * the same for the same.
 */
final class ConfigVersions {

    private static final Logger log = LoggerFactory.getLogger(ConfigVersions.class);

    private final ControlStore store;
    private final Clock clock;
    private volatile @Nullable ConfigVersioned last;

    ConfigVersions(ControlStore store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    /** What edges are served of a configuration. For one thread at a time, which does not wait for the store. */
    ConfigSnapshot number(Configuration config) {
        String digest = digest(snapshot(config, 0));
        @Nullable ConfigVersioned version = last;
        if (version == null || !version.digest().equals(digest)) {
            version =
                    new ConfigVersioned(Math.max(version == null ? 1 : version.version() + 1, clock.millis()), digest);
            last = version;
            keep(version);
        }
        return snapshot(config, version.version());
    }

    private static ConfigSnapshot snapshot(Configuration config, long version) {
        return new ConfigSnapshot(version, config.cdnZone(), config.distributions(), config.clusters());
    }

    /**
     * What changed is durable already, so nothing waits for its number: without it a restart gives the same configuration another one, which
     * is higher since it goes by the clock.
     */
    private void keep(ConfigVersioned version) {
        try {
            store.append(version).whenComplete((done, failure) -> {
                if (failure != null) {
                    notKept(version, failure);
                }
            });
        } catch (ControlStoreException e) {
            notKept(version, e);
        }
    }

    private static void notKept(ConfigVersioned version, Throwable failure) {
        log.warn(
                "configuration {} holds, but its number could not be kept for a restart: {}",
                version.version(),
                failure.toString());
    }

    private static String digest(ConfigSnapshot content) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256")
                            .digest(ControlJson.mapper().writeValueAsBytes(content)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Takes what the store has kept. */
    void apply(ConfigVersioned kept) {
        @Nullable ConfigVersioned held = last;
        // which may be a newer one, that is still on its way to the disk
        if (held == null || kept.version() > held.version()) {
            last = kept;
        }
    }

    /** What has to be kept: the last one, if there is one. */
    List<ControlChange> changes() {
        @Nullable ConfigVersioned held = last;
        return held == null ? List.of() : List.of(held);
    }
}
