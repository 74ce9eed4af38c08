package com.kingcdn.redirector.routing;

import com.kingcdn.topology.IpPrefix;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Measurements by hand. */
final class FixedPaths implements PathSource {

    private final Map<IpPrefix, Map<String, PathMeasurement>> paths = new TreeMap<>();

    FixedPaths with(String prefix, String cluster, double rtt, double loss, double evidence) {
        return with(IpPrefix.parse(prefix), cluster, new PathMeasurement(rtt, 0, loss, evidence));
    }

    FixedPaths with(IpPrefix prefix, String cluster, PathMeasurement measurement) {
        paths.computeIfAbsent(prefix, key -> new HashMap<>()).put(cluster, measurement);
        return this;
    }

    /** The same, as another object: another round. */
    FixedPaths again() {
        FixedPaths copy = new FixedPaths();
        copy.paths.putAll(paths);
        return copy;
    }

    @Override
    public void forEach(List<String> clusters, BiConsumer<IpPrefix, MeasuredPaths> consumer) {
        paths.forEach((prefix, byCluster) -> {
            MeasuredPaths known = new MeasuredPaths(clusters.size());
            byCluster.forEach((cluster, path) -> {
                if (clusters.contains(cluster)) {
                    int at = clusters.indexOf(cluster);
                    known.set(at, path.rttMillis(), path.jitterMillis(), path.loss(), path.evidence());
                }
            });
            consumer.accept(prefix, known);
        });
    }

    @Override
    public @Nullable KnownPath find(String cluster, IpPrefix client) {
        for (int length = client.length(); length >= 0; length--) {
            IpPrefix prefix = IpPrefix.of(client.address(), length);
            Map<String, PathMeasurement> known = paths.get(prefix);
            if (known != null && known.containsKey(cluster)) {
                return new KnownPath(prefix, known.get(cluster), null);
            }
        }
        return null;
    }
}
