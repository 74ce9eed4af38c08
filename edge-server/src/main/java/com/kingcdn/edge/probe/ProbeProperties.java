package com.kingcdn.edge.probe;

import com.kingcdn.control.RttMethod;
import com.kingcdn.topology.IpPrefix;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How this edge measures the network; {@code kingcdn.edge.probe}.
 *
 * @param enabled whether resolvers are probed
 * @param period from one round of probes to a target to the next, give or take a tenth
 * @param probes in a round
 * @param timeout after which a probe is lost
 * @param rate probes in a second, to all targets together
 * @param inFlight probes without an answer yet, at most
 * @param targets at most; what redirectors name beyond that is not probed
 * @param methods that are tried on a target in this order until one is answered: dns, tcp, icmp (where the process may)
 * @param dnsPort of the DNS probes
 * @param tcpPorts of the TCP probes
 * @param source local addresses that probes come from, one of IPv4 and one of IPv6 at most; the kernel's choice when empty
 * @param optOut prefixes in which this edge probes nobody
 * @param localTargets whether loopback, private and documentation addresses are probed, and measured passively; for tests
 * @param refresh how often redirectors are asked whom to probe
 * @param passiveInterval how often the kernel is asked for the delay of clients' connections; 0 for never
 */
public record ProbeProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("60s") Duration period,
        @DefaultValue("3") @Min(1) @Max(10) int probes,
        @DefaultValue("2s") Duration timeout,
        @DefaultValue("50") @Min(1) @Max(10_000) int rate,
        @DefaultValue("256") @Min(1) @Max(10_000) int inFlight,
        @DefaultValue("2000") @Min(1) @Max(100_000) int targets,
        @DefaultValue({"dns", "tcp", "icmp"}) List<RttMethod> methods,
        @DefaultValue("53") @Min(1) @Max(65_535) int dnsPort,
        @DefaultValue({"53", "443"}) List<Integer> tcpPorts,
        @DefaultValue List<String> source,
        @DefaultValue List<String> optOut,
        @DefaultValue("false") boolean localTargets,
        @DefaultValue("30s") Duration refresh,
        @DefaultValue("10s") Duration passiveInterval) {

    private static final Duration LEAST = Duration.ofMillis(100);
    private static final Duration MOST = Duration.ofDays(1);
    private static final Duration MOST_REPORT = Duration.ofSeconds(5);

    public ProbeProperties {
        between("period", period, Duration.ofMillis(500));
        between("refresh", refresh, LEAST);
        between("timeout", timeout, LEAST);
        if (timeout.multipliedBy(2).compareTo(period) > 0) {
            throw new IllegalArgumentException("kingcdn.edge.probe.timeout must be half of the period at most");
        }
        if (!passiveInterval.isZero()) {
            between("passive-interval", passiveInterval, LEAST);
        }
        if (methods.isEmpty() || methods.contains(RttMethod.PASSIVE)) {
            throw new IllegalArgumentException("kingcdn.edge.probe.methods must be of dns, tcp and icmp, one at least");
        }
        if (tcpPorts.stream().anyMatch(port -> port < 1 || port > 65_535)) {
            throw new IllegalArgumentException("kingcdn.edge.probe.tcp-ports must be 1 to 65535, not " + tcpPorts);
        }
        optOut.forEach(prefix -> parse("opt-out", prefix));
        source.forEach(address -> parse("source", address));
    }

    private static void between(String key, Duration value, Duration least) {
        if (value.compareTo(least) < 0 || value.compareTo(MOST) > 0) {
            throw new IllegalArgumentException(
                    "kingcdn.edge.probe." + key + " must be " + least.toMillis() + "ms to a day, not " + value);
        }
    }

    private static IpPrefix parse(String key, String text) {
        try {
            return IpPrefix.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("kingcdn.edge.probe." + key + ": " + e.getMessage(), e);
        }
    }

    /** How often what is new is reported: some times in a period, so that a change is soon known. */
    public Duration reportInterval() {
        Duration quarter = period.dividedBy(4);
        return quarter.compareTo(MOST_REPORT) < 0 ? quarter : MOST_REPORT;
    }

    List<IpPrefix> optedOut() {
        return optOut.stream().map(IpPrefix::parse).toList();
    }

    /** The ways to probe a target, in the order in which they are tried. */
    List<ProbeStep> steps() {
        List<ProbeStep> steps = new ArrayList<>();
        for (RttMethod method : methods) {
            switch (method) {
                case DNS -> steps.add(new ProbeStep(method, dnsPort));
                case TCP -> tcpPorts.forEach(port -> steps.add(new ProbeStep(method, port)));
                case ICMP -> steps.add(new ProbeStep(method, 0));
                case PASSIVE -> {}
            }
        }
        return steps;
    }
}
