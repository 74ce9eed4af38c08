package com.kingcdn.edge.probe;

import com.kingcdn.control.ProbeTarget;
import com.kingcdn.control.ProbeTargets;
import com.kingcdn.control.RttMethod;
import com.kingcdn.control.RttReport.Measurement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** A process that probes each of its arguments by ICMP, else by TCP to a port that refuses, and prints what it has measured. */
final class ProbeOnce {

    private ProbeOnce() {}

    public static void main(String[] addresses) throws Exception {
        for (Measurement measurement : measured(addresses)) {
            System.out.println("measured " + measurement.prefix() + " by " + measurement.method());
        }
    }

    static List<Measurement> measured(String... addresses) throws Exception {
        ProbeProperties settings = new ProbeProperties(
                true,
                Duration.ofSeconds(1),
                2,
                Duration.ofMillis(400),
                50,
                16,
                10,
                List.of(RttMethod.ICMP, RttMethod.TCP),
                1,
                List.of(1),
                List.of(),
                List.of(),
                true,
                Duration.ofSeconds(30),
                Duration.ZERO);
        try (RttProber prober = new RttProber(settings)) {
            prober.replace(new ProbeTargets(
                    Arrays.stream(addresses)
                            .map(address -> new ProbeTarget(address, null))
                            .toList(),
                    null));
            List<Measurement> all = new ArrayList<>();
            long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (all.stream().map(Measurement::prefix).distinct().count() < addresses.length
                    && System.nanoTime() < deadline) {
                all.addAll(prober.measurements().toCompletableFuture().get());
                LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
            }
            return all;
        }
    }
}
