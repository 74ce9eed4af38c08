package com.kingcdn.redirector.routing;

import com.kingcdn.topology.IpPrefix;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The delays and losses that were measured between clusters and prefixes: what an RTT map tells the compiler of the routing table. */
public interface PathSource {

    /** Knows no path. */
    PathSource NONE = new PathSource() {
        @Override
        public void forEach(List<String> clusters, BiConsumer<IpPrefix, MeasuredPaths> consumer) {}

        @Override
        public @Nullable KnownPath find(String cluster, IpPrefix client) {
            return null;
        }
    };

    /**
     * What is known of a path, and by which prefix.
     *
     * @param prefix for which it was measured; wider than the client's own when that has no measurement
     * @param origin null when it is the sum of several measurements
     */
    record KnownPath(IpPrefix prefix, PathMeasurement measurement, @Nullable Origin origin) {}

    /**
     * How a path was measured.
     *
     * @param method the word for it: dns, tcp, icmp or passive
     * @param ageMillis how long ago the newest answer came, in milliseconds
     */
    record Origin(String method, long ageMillis) {}

    /**
     * Hands over each prefix for which there is a measurement, its own or its parts', covering ones before those they cover. The paths
     * have the clusters' order, and are used again for the next prefix.
     */
    void forEach(List<String> clusters, BiConsumer<IpPrefix, MeasuredPaths> consumer);

    /** When it was made, by the clock of the reports: as old as that is what a map was compiled from; null for what has no time. */
    default @Nullable Long atMillis() {
        return null;
    }

    /** What is known for the longest measured prefix that holds a client, with what came since; for explanations. */
    @Nullable
    KnownPath find(String cluster, IpPrefix client);
}
