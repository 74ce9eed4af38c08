package com.kingcdn.edge.upstream;

import com.kingcdn.topology.OriginEndpoint;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Decides which endpoint a request goes to, and whether and where it goes again; pure.
 *
 * <p>Endpoints are taken in their configured order of preference, those that keep failing last. One retry: on another endpoint when
 * there is one that is up, else on the same one after a pause.
 */
final class UpstreamPlanner {

    static final int ATTEMPTS = 2;

    /** Enough for a restarting listener or a closing connection; doubled at random, so that retries do not come in step. */
    static final long PAUSE_MILLIS = 50;

    private UpstreamPlanner() {}

    /**
     * The next thing to do.
     *
     * @param delayMillis to wait before
     */
    record Step(OriginEndpoint endpoint, long delayMillis) {}

    /** Where a request goes first. */
    static Step first(List<OriginEndpoint> endpoints, Function<OriginEndpoint, EndpointHealth> health, long nowMillis) {
        return new Step(preferred(endpoints, null, health, nowMillis), 0);
    }

    /**
     * Where a request goes after a failure, or null when the failure stands.
     *
     * @param attempts made so far, at least 1
     * @param failed the endpoint of the last one
     * @param random from 0 to 1
     */
    static @Nullable Step afterFailure(
            List<OriginEndpoint> endpoints,
            Function<OriginEndpoint, EndpointHealth> health,
            int attempts,
            OriginEndpoint failed,
            double random,
            long nowMillis) {
        if (attempts >= ATTEMPTS) {
            return null;
        }
        OriginEndpoint next = preferred(endpoints, failed, health, nowMillis);
        return new Step(next, next.equals(failed) ? PAUSE_MILLIS + (long) (random * PAUSE_MILLIS) : 0);
    }

    private static OriginEndpoint preferred(
            List<OriginEndpoint> endpoints,
            @Nullable OriginEndpoint avoided,
            Function<OriginEndpoint, EndpointHealth> health,
            long nowMillis) {
        OriginEndpoint soonest = null;
        for (OriginEndpoint endpoint : endpoints) {
            if (endpoint.equals(avoided)) {
                continue;
            }
            if (health.apply(endpoint).isUp(nowMillis)) {
                return endpoint;
            }
            if (soonest == null
                    || health.apply(endpoint).retryAtMillis()
                            < health.apply(soonest).retryAtMillis()) {
                soonest = endpoint;
            }
        }
        if (soonest != null) {
            return soonest;
        }
        return avoided == null ? endpoints.get(0) : avoided;
    }
}
