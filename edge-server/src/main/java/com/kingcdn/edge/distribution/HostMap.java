package com.kingcdn.edge.distribution;

import com.kingcdn.control.ConfigSnapshot;
import com.kingcdn.topology.Distribution;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One configuration's hosts, immutable.
 *
 * @param byHost host names in lower case, without a final dot
 * @param otherwise what any other host belongs to, or null
 */
record HostMap(long version, Map<String, Distribution> byHost, @Nullable Distribution otherwise) {

    static HostMap of(ConfigSnapshot snapshot) {
        Map<String, Distribution> byHost = new HashMap<>();
        for (Distribution distribution : snapshot.distributions()) {
            byHost.put(normalise(distribution.id() + "." + snapshot.cdnZone()), distribution);
        }
        for (Distribution distribution : snapshot.distributions()) {
            // the first owner keeps a host: redirectors refuse a second one, and a host must never change hands by
            // mistake
            distribution.hosts().forEach(host -> byHost.putIfAbsent(normalise(host), distribution));
        }
        return new HostMap(snapshot.version(), Map.copyOf(byHost), null);
    }

    @Nullable
    Distribution find(@Nullable String authority) {
        if (authority == null || byHost.isEmpty()) {
            return otherwise;
        }
        // most requests name the host exactly as configured, or with the port behind it: both without a copy in lower
        // case
        Distribution exact = byHost.get(authority);
        return exact != null ? exact : byHost.getOrDefault(normalise(authority), otherwise);
    }

    Collection<Distribution> distributions() {
        Set<Distribution> all = new LinkedHashSet<>(byHost.values());
        if (otherwise != null) {
            all.add(otherwise);
        }
        return all;
    }

    /** The host alone: no port, lower case, no final dot. */
    static String normalise(String authority) {
        int end = endOfHost(authority);
        if (end > 0 && authority.charAt(end - 1) == '.') {
            end--;
        }
        // returns the same string when nothing changes
        return authority.substring(0, end).toLowerCase(Locale.ROOT);
    }

    private static int endOfHost(String authority) {
        if (authority.startsWith("[")) {
            int bracket = authority.indexOf(']');
            return bracket < 0 ? authority.length() : bracket + 1;
        }
        int colon = authority.indexOf(':');
        // more than one colon and no brackets is an IPv6 address in the wild, not a name with a port
        return colon < 0 || authority.indexOf(':', colon + 1) >= 0 ? authority.length() : colon;
    }
}
