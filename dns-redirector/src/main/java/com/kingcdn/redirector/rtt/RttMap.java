package com.kingcdn.redirector.rtt;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.kingcdn.control.RttReport;
import com.kingcdn.topology.IpPrefix;
import java.time.Duration;
import java.util.Optional;

/** The newest measurement per cluster and prefix; bounded, and forgotten after an hour. Safe for several threads. */
public final class RttMap {

    private static final int MAX_MEASUREMENTS = 200_000;

    private record Key(String cluster, IpPrefix prefix) {}

    private final Cache<Key, RttReport.Measurement> measurements = Caffeine.newBuilder()
            .maximumSize(MAX_MEASUREMENTS)
            .expireAfterWrite(Duration.ofHours(1))
            .build();

    /** Takes in a report; later measurements of a prefix replace earlier ones. */
    public void report(RttReport report) {
        for (RttReport.Measurement measurement : report.measurements()) {
            measurements.put(new Key(report.cluster(), measurement.prefix()), measurement);
        }
    }

    /** What was measured from a cluster for the longest prefix that holds the client. */
    public Optional<RttReport.Measurement> find(String cluster, IpPrefix client) {
        byte[] address = client.address();
        for (int length = client.length(); length >= 0; length--) {
            RttReport.Measurement found = measurements.getIfPresent(new Key(cluster, IpPrefix.of(address, length)));
            if (found != null) {
                return Optional.of(found);
            }
        }
        return Optional.empty();
    }
}
