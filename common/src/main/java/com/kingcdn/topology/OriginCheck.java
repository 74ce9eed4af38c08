package com.kingcdn.topology;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request that each edge node sends to each origin from time to time, to know whether it works before a client needs it.
 *
 * @param path asked for with GET, starting with a slash, after the origin's own path
 * @param interval from one check to the next; 10s when left out
 * @param timeout for the whole check; 2s when left out
 * @param statuses that say that it works; 200 and 204 when left out
 */
public record OriginCheck(String path, Duration interval, Duration timeout, List<Integer> statuses) {

    private static final Duration SHORTEST_INTERVAL = Duration.ofSeconds(1);

    @JsonCreator
    public OriginCheck(
            @Nullable String path,
            @Nullable Duration interval,
            @Nullable Duration timeout,
            @Nullable List<Integer> statuses) {
        if (path == null || !path.startsWith("/") || path.chars().anyMatch(c -> c <= ' ' || c >= 0x7f || c == '#')) {
            throw new IllegalArgumentException("check path '" + path + "' must be a path that starts with a slash");
        }
        this.path = path;
        this.interval = interval == null ? Duration.ofSeconds(10) : interval;
        this.timeout = timeout == null ? Duration.ofSeconds(2) : timeout;
        this.statuses = statuses == null || statuses.isEmpty() ? List.of(200, 204) : List.copyOf(statuses);
        UpstreamSettings.within("check interval", this.interval, SHORTEST_INTERVAL);
        UpstreamSettings.within("check timeout", this.timeout, Duration.ofMillis(1));
        for (int status : this.statuses) {
            if (status < 200 || status > 599) {
                throw new IllegalArgumentException("check status " + status + " is not between 200 and 599");
            }
        }
    }
}
