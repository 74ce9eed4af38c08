package com.kingcdn.control;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.kingcdn.topology.IpPrefix;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What an edge posts to {@code /v1/reports/rtt}: delays it has measured.
 *
 * @param node the reporting edge node's id
 * @param cluster its cluster's id
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record RttReport(String node, String cluster, List<Measurement> measurements) {

    public RttReport(String node, String cluster, @Nullable List<Measurement> measurements) {
        if (node == null || node.isEmpty() || cluster == null || cluster.isEmpty()) {
            throw new IllegalArgumentException("an RTT report needs a node and a cluster");
        }
        this.node = node;
        this.cluster = cluster;
        this.measurements = measurements == null ? List.of() : List.copyOf(measurements);
    }

    /**
     * One prefix's delay from one cluster.
     *
     * @param rttMillis smoothed round-trip time in milliseconds; of the last answers when the newest probes had none
     * @param jitterMillis how far single round trips lie from it in the mean, in milliseconds; 0 when left out
     * @param loss share of recent probes without an answer, 0 to 1; 1 when all since the last report had none
     * @param probes how many were sent since the last report; 1 when left out
     * @param method {@link RttMethod#DNS} when left out
     * @param ageMillis how long ago the newest answer came, in milliseconds; 0 when left out
     */
    public record Measurement(
            IpPrefix prefix,
            double rttMillis,
            double jitterMillis,
            double loss,
            int probes,
            RttMethod method,
            long ageMillis) {

        private static final String NO_PREFIX = "a measurement needs a prefix";
        private static final long MAX_AGE = Duration.ofDays(1).toMillis();

        /** One that is being read. Redirectors read thousands a second, and a constructor's arguments would each need an object until all are there. */
        @JsonIgnoreProperties(ignoreUnknown = true)
        @JsonAutoDetect(fieldVisibility = JsonAutoDetect.Visibility.ANY)
        private static final class Read {

            private @Nullable IpPrefix prefix;
            private double rttMillis;
            private double jitterMillis;
            private double loss;
            private @Nullable Integer probes;
            private @Nullable String method;
            private long ageMillis;
        }

        /** Validates what an edge has sent. */
        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        private static Measurement of(Read read) {
            return new Measurement(
                    Objects.requireNonNull(read.prefix, NO_PREFIX),
                    read.rttMillis,
                    read.jitterMillis,
                    read.loss,
                    read.probes == null ? 1 : (int) read.probes,
                    read.method == null ? RttMethod.DNS : RttMethod.of(read.method),
                    read.ageMillis);
        }

        /** One that was measured just now, by DNS. */
        public Measurement(IpPrefix prefix, double rttMillis, double jitterMillis, double loss, int probes) {
            this(prefix, rttMillis, jitterMillis, loss, probes, RttMethod.DNS, 0L);
        }

        public Measurement {
            Objects.requireNonNull(prefix, NO_PREFIX);
            Objects.requireNonNull(method, "a measurement needs a method");
            if (!(rttMillis >= 0 && rttMillis < 60_000) || !(jitterMillis >= 0 && jitterMillis < 60_000)) {
                throw new IllegalArgumentException("rttMillis and jitterMillis must be 0 to 60000");
            }
            if (!(loss >= 0 && loss <= 1) || probes < 1) {
                throw new IllegalArgumentException("loss must be 0 to 1, and probes 1 at least");
            }
            if (ageMillis < 0 || ageMillis > MAX_AGE) {
                throw new IllegalArgumentException("ageMillis must be 0 to a day");
            }
        }
    }
}
