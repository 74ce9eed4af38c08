package com.kingcdn.edge.probe;

import com.kingcdn.control.RttMethod;
import com.kingcdn.control.RttReport.Measurement;
import com.kingcdn.topology.IpPrefix;
import com.kingcdn.topology.SpecialPurposePrefixes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the kernel knows of the delay of clients' connections, by /24 and /48: the least of a prefix's connections, since what one client has
 * more than another is its own line and its own queue. Costs no probe. Bounded; safe for several threads.
 */
public final class PassiveRtt {

    private static final int MOST_PREFIXES = 5_000;
    private static final int IPV4_WIDTH = 24;
    private static final int IPV6_WIDTH = 48;

    /** Samples of one prefix between two reports that count as evidence: one connection is asked again and again. */
    private static final int MOST_EVIDENCE = 10;

    private static final double MOST_MILLIS = 59_999;

    private static final class Least {
        private double least = Double.MAX_VALUE;
        private double sum;
        private int samples;
    }

    private final boolean localClients;
    private Map<IpPrefix, Least> prefixes = new HashMap<>();

    /** @param localClients whether clients at loopback and private addresses count */
    public PassiveRtt(boolean localClients) {
        this.localClients = localClients;
    }

    /**
     * A connection's smoothed round-trip time as the kernel has it.
     *
     * @param client the 4 or 16 bytes of its address
     */
    public void sampled(byte[] client, double rttMillis) {
        if (!(rttMillis > 0) || !(localClients || SpecialPurposePrefixes.isGlobal(client))) {
            return;
        }
        IpPrefix prefix = IpPrefix.of(client, client.length == 4 ? IPV4_WIDTH : IPV6_WIDTH);
        synchronized (this) {
            Least known = prefixes.get(prefix);
            if (known == null) {
                if (prefixes.size() >= MOST_PREFIXES) {
                    return;
                }
                known = new Least();
                prefixes.put(prefix, known);
            }
            known.least = Math.min(known.least, rttMillis);
            known.sum += rttMillis;
            known.samples++;
        }
        ProbeMetrics.PASSIVE.inc();
    }

    /** What is new since the last call; the jitter is how much more than the least the mean is. Loss cannot be seen this way. */
    public List<Measurement> measurements() {
        Map<IpPrefix, Least> taken;
        synchronized (this) {
            taken = prefixes;
            prefixes = new HashMap<>();
        }
        List<Measurement> measurements = new ArrayList<>();
        taken.forEach((prefix, known) -> measurements.add(new Measurement(
                prefix,
                Math.min(MOST_MILLIS, known.least),
                Math.min(MOST_MILLIS, known.sum / known.samples - known.least),
                0,
                Math.min(MOST_EVIDENCE, known.samples),
                RttMethod.PASSIVE,
                0L)));
        return measurements;
    }
}
