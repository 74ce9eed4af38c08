package com.kingcdn.edge.purge;

import com.kingcdn.control.PurgeMode;
import com.kingcdn.control.PurgeRequest;
import com.kingcdn.edge.distribution.DistributionTable;
import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.policy.QueryRules;
import com.kingcdn.edge.store.PurgeScope;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.HostHeader;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What turns a purge into removals from the store: each URL names, by the present configuration, the keys that requests for it have,
 * and each prefix, host, tag and distribution a scope.
 *
 * <p>URLs of hosts this CDN does not serve name nothing. Where the hosts of a distribution share entries, a host names all of them.
 */
public final class Purger {

    private static final Logger log = LoggerFactory.getLogger(Purger.class);
    private static final Duration SYNC_TIMEOUT = Duration.ofSeconds(10);

    private final DistributionTable distributions;
    private final StoredEntries entries;
    private volatile boolean failing;

    public Purger(DistributionTable distributions, StoredEntries entries) {
        this.distributions = distributions;
        this.entries = entries;
    }

    /**
     * Applies a purge, at once.
     *
     * @return how many entries of its URLs were removed or marked; those of the rest are not counted, as nobody looks for them
     */
    public long purge(PurgeRequest request) {
        boolean soft = request.mode() == PurgeMode.SOFT;
        long count = 0;
        for (String url : request.urls()) {
            for (CacheKey key : keys(url)) {
                count += soft ? entries.markStale(key) : entries.remove(key);
            }
        }
        for (PurgeScope scope : scopes(request)) {
            if (soft) {
                entries.markStale(scope);
            } else {
                entries.remove(scope);
            }
        }
        return count;
    }

    private Set<PurgeScope> scopes(PurgeRequest request) {
        Set<PurgeScope> scopes = new LinkedHashSet<>();
        for (String prefix : request.prefixes()) {
            @Nullable PurgeUrl url = PurgeUrl.parse(prefix);
            @Nullable Distribution distribution = url == null ? null : distributions.find(url.host());
            if (url != null && distribution != null) {
                scopes.add(PurgeScope.prefix(distribution.id(), keyHost(distribution, url.host()), url.path()));
            }
        }
        for (String host : request.hosts()) {
            @Nullable PurgeUrl url = PurgeUrl.parse("http://" + host);
            @Nullable Distribution distribution = url == null ? null : distributions.find(url.host());
            if (url != null && distribution != null) {
                scopes.add(PurgeScope.host(distribution.id(), keyHost(distribution, url.host())));
            }
        }
        for (String tag : request.tags()) {
            if (request.distributions().isEmpty()) {
                scopes.add(PurgeScope.tag(null, tag));
            }
            request.distributions().forEach(distribution -> scopes.add(PurgeScope.tag(distribution, tag)));
        }
        if (request.tags().isEmpty()) {
            request.distributions().forEach(distribution -> scopes.add(PurgeScope.distribution(distribution)));
        }
        return scopes;
    }

    private static @Nullable String keyHost(Distribution distribution, String host) {
        return distribution.hostHeader() == HostHeader.CLIENT ? host : null;
    }

    /** Waits until all that was purged stays so over a crash. @return whether it does */
    public boolean sync() {
        try {
            entries.sync().toCompletableFuture().get(SYNC_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            if (failing) {
                failing = false;
                log.info("Removals from the disk tier are durable again");
            }
            return true;
        } catch (ExecutionException | TimeoutException e) {
            if (!failing) {
                // once: it is tried again every second
                failing = true;
                log.warn("Removals from the disk tier are not durable yet: {}", e.toString());
            }
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
        String target = QueryRules.apply(distribution.query(), url.target());
        if (distribution.hostHeader() == HostHeader.ORIGIN) {
            return List.of(new CacheKey(distribution.id(), null, target));
        }
        // a client may write the final dot, which is then part of the Host that the origin sees
        return List.of(
                new CacheKey(distribution.id(), url.host(), target),
                new CacheKey(distribution.id(), url.host() + ".", target));
    }
}
