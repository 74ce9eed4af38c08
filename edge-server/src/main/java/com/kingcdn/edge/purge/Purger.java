package com.kingcdn.edge.purge;

import com.kingcdn.control.PurgeMode;
import com.kingcdn.control.PurgeRequest;
import com.kingcdn.edge.distribution.DistributionTable;
import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.HostHeader;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What turns a purge into removals from the store: each URL names, by the present configuration, the keys that requests for it have.
 *
 * <p>URLs of hosts this CDN does not serve name nothing. Prefixes, tags and whole hosts cannot be looked up by key, so a purge that
 * has any makes everything stored unproven: slower than removing what matches, and as safe.
 */
public final class Purger {

    private static final Logger log = LoggerFactory.getLogger(Purger.class);
    private static final Duration SYNC_TIMEOUT = Duration.ofSeconds(10);

    private final DistributionTable distributions;
    private final StoredEntries entries;
    private final CaughtUp caughtUp;
    private final Clock clock;

    public Purger(DistributionTable distributions, StoredEntries entries, CaughtUp caughtUp, Clock clock) {
        this.distributions = distributions;
        this.entries = entries;
        this.caughtUp = caughtUp;
        this.clock = clock;
    }

    /**
     * Applies a purge, at once.
     *
     * @return how many entries were removed or marked
     */
    public long purge(PurgeRequest request) {
        long count = 0;
        for (String url : request.urls()) {
            for (CacheKey key : keys(url)) {
                count += request.mode() == PurgeMode.SOFT ? entries.markStale(key) : entries.remove(key);
            }
        }
        if (!(request.prefixes().isEmpty()
                && request.tags().isEmpty()
                && request.hosts().isEmpty())) {
            caughtUp.distrustBefore(clock.millis());
        }
        return count;
    }

    /** Waits until all that was purged stays so over a crash. @return whether it does */
    public boolean sync() {
        try {
            entries.sync().toCompletableFuture().get(SYNC_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (ExecutionException | TimeoutException e) {
            log.warn("Removals from the disk tier are not durable yet: {}", e.toString());
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private List<CacheKey> keys(String text) {
        @Nullable PurgeUrl url = PurgeUrl.parse(text);
        @Nullable Distribution distribution = url == null ? null : distributions.find(url.host());
        if (url == null || distribution == null) {
            return List.of();
        }
        if (distribution.hostHeader() == HostHeader.ORIGIN) {
            return List.of(new CacheKey(distribution.id(), null, url.target()));
        }
        // a client may write the final dot, which is then part of the Host that the origin sees
        return List.of(
                new CacheKey(distribution.id(), url.host(), url.target()),
                new CacheKey(distribution.id(), url.host() + ".", url.target()));
    }
}
