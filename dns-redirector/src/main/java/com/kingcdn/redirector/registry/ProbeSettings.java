package com.kingcdn.redirector.registry;

import com.kingcdn.control.ProbeTarget;
import com.kingcdn.topology.IpPrefix;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whom edges shall probe, as the configuration file says under {@code probe}.
 *
 * @param resolvers whether those from which queries come are probed
 * @param targets that the operator names, before the others
 * @param optOut nobody in these prefixes is ever probed
 * @param mostTargets how many are probed in all, 0 to 10,000
 * @param localTargets whether loopback and private addresses may be probed, and the CDN's own; for tests
 */
public record ProbeSettings(
        boolean resolvers, List<ProbeTarget> targets, List<IpPrefix> optOut, int mostTargets, boolean localTargets) {

    private static final int DEFAULT_TARGETS = 1_000;
    private static final int MOST_TARGETS = 10_000;

    /** Of a configuration that says nothing about it. */
    public static final ProbeSettings DEFAULT = new ProbeSettings(true, List.of(), List.of(), DEFAULT_TARGETS, false);

    public ProbeSettings {
        targets = List.copyOf(targets);
        optOut = List.copyOf(optOut);
        if (mostTargets < 0 || mostTargets > MOST_TARGETS) {
            throw new IllegalArgumentException("mostTargets must be 0 to " + MOST_TARGETS + ", not " + mostTargets);
        }
    }

    /** Whether nobody at this address may be probed. */
    public boolean isOptedOut(byte[] address) {
        return optOut.stream().anyMatch(prefix -> prefix.contains(address));
    }

    /** The settings as they are written. */
    record Entry(
            @Nullable Boolean resolvers,
            @Nullable List<TargetEntry> targets,
            @Nullable List<IpPrefix> optOut,
            @Nullable Integer mostTargets,
            boolean localTargets) {

        Entry {
            targets = targets == null ? List.of() : List.copyOf(targets);
            optOut = optOut == null ? List.of() : List.copyOf(optOut);
            // checks the number where it is read, so that a refusal names its line
            new ProbeSettings(true, List.of(), List.of(), mostTargets == null ? 0 : mostTargets, false);
        }

        ProbeSettings settings() {
            return new ProbeSettings(
                    resolvers == null || resolvers,
                    targets == null
                            ? List.of()
                            : targets.stream().map(TargetEntry::target).toList(),
                    optOut == null ? List.of() : optOut,
                    mostTargets == null ? DEFAULT_TARGETS : mostTargets,
                    localTargets);
        }
    }

    /**
     * A prefix that the operator wants measured.
     *
     * @param prefix the /24 or /48 around the address when left out
     * @param address to probe; the first host of the prefix when left out
     */
    record TargetEntry(@Nullable IpPrefix prefix, @Nullable String address) {

        TargetEntry {
            if (prefix == null && address == null) {
                throw new IllegalArgumentException("a probe target needs a prefix, an address or both");
            }
            target(prefix, address);
        }

        ProbeTarget target() {
            return target(prefix, address);
        }

        private static ProbeTarget target(@Nullable IpPrefix prefix, @Nullable String address) {
            if (prefix == null || address != null) {
                return new ProbeTarget(String.valueOf(address), prefix);
            }
            byte[] host = prefix.address();
            if (prefix.length() < host.length * Byte.SIZE) {
                host[host.length - 1] |= 1;
            }
            return ProbeTarget.of(host, prefix);
        }
    }
}
