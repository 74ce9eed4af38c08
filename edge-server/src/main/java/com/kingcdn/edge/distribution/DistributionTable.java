package com.kingcdn.edge.distribution;

import com.kingcdn.control.ConfigSnapshot;
import com.kingcdn.topology.Distribution;
import java.util.Collection;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The distributions this edge serves, by host: each customer host, and each edge hostname {@code <id>.<cdnZone>}.
 *
 * <p>Requests read it from many threads without a lock: a change of configuration is one volatile write of an immutable map, so no
 * request sees two configurations. A host that is not in it belongs to nobody, and nothing may be served for it.
 */
public final class DistributionTable {

    private final DistributionTraffic traffic = new DistributionTraffic();
    private volatile HostMap hosts;
    private volatile Consumer<Collection<Distribution>> listener = distributions -> {};

    private DistributionTable(HostMap hosts) {
        this.hosts = hosts;
    }

    /** A table without any host, until the first {@link #replace}. */
    public static DistributionTable empty() {
        return new DistributionTable(new HostMap(0, Map.of(), null));
    }

    /** A table in which every host, and none at all, belongs to the one distribution: an edge without a control plane. */
    public static DistributionTable forAnyHost(Distribution distribution) {
        return new DistributionTable(new HostMap(0, Map.of(), distribution));
    }

    /** Serves by this configuration from now on. */
    public void replace(ConfigSnapshot snapshot) {
        traffic.replace(snapshot.distributions());
        hosts = HostMap.of(snapshot);
        listener.accept(snapshot.distributions());
    }

    /** Tells this of each configuration from now on; there is one listener. */
    public void subscribe(Consumer<Collection<Distribution>> told) {
        listener = told;
    }

    /** The configuration's version; 0 before the first, and without a control plane. */
    public long version() {
        return hosts.version();
    }

    /**
     * The distribution that an authority names.
     *
     * @param authority a Host field's value or a URI's authority without user information: a name in any case, with or without a
     *     final dot and a port, or an IP literal (RFC 3986 section 3.2.2); null for a request without one
     * @return null when this CDN does not serve it: 421 (RFC 9110 section 15.5.20)
     */
    public @Nullable Distribution find(@Nullable String authority) {
        return hosts.find(authority);
    }

    /** What was answered for those that have a limit of their own. */
    public DistributionTraffic traffic() {
        return traffic;
    }

    /** All distributions of the present configuration, each once. */
    public Collection<Distribution> distributions() {
        return hosts.distributions();
    }
}
