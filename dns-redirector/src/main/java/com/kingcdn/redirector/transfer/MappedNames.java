package com.kingcdn.redirector.transfer;

import com.kingcdn.redirector.registry.Configuration;
import com.kingcdn.redirector.zone.ZoneFile;
import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.ClusterRole;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.EdgeNode;
import com.kingcdn.topology.IpPrefix;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;

/**
 * The names that lead to distributions, by zone, and what a server without a map is told of them: a customer host is a CNAME, as here,
 * and an edge hostname has the addresses of the first cluster, whatever its health.
 */
final class MappedNames {

    private static final int MOST_ADDRESSES = 4;

    private final Map<Name, Map<Name, List<Record>>> byZone = new HashMap<>();
    private final Configuration config;
    private final Set<Name> origins = new HashSet<>();

    MappedNames(Configuration config) {
        this.config = config;
        config.zones().forEach(zone -> origins.add(ZoneFile.name(zone.name())));
        config.secondaries().forEach(zone -> origins.add(ZoneFile.name(zone.name())));
        for (Distribution distribution : config.distributions()) {
            Name edge = ZoneFile.name(distribution.id() + "." + config.cdnZone());
            add(edge, edge);
            distribution.hosts().forEach(host -> add(ZoneFile.name(host), edge));
        }
    }

    /** The names of a zone with their records; empty when none leads to a distribution. */
    Map<Name, List<Record>> of(Name origin) {
        return byZone.getOrDefault(origin, Map.of());
    }

    private void add(Name name, Name edge) {
        for (Name above = name; above.labels() > 1; above = new Name(above, 1)) {
            if (origins.contains(above)) {
                boolean direct = name.equals(edge) || name.equals(above);
                byZone.computeIfAbsent(above, none -> new HashMap<>())
                        .put(name, direct ? addresses(name) : List.of(alias(name, edge)));
                return;
            }
        }
    }

    private Record alias(Name name, Name edge) {
        return new CNAMERecord(name, DClass.IN, config.ttls().host().toSeconds(), edge);
    }

    private List<Record> addresses(Name name) {
        Optional<Cluster> first = config.clusters().stream()
                .filter(cluster -> cluster.role() != ClusterRole.PARENT && !cluster.drained())
                .findFirst();
        List<Record> records = new ArrayList<>();
        if (first.isPresent()) {
            long ttl = config.ttls().address().toSeconds();
            for (EdgeNode node :
                    first.get().nodes().stream().limit(MOST_ADDRESSES).toList()) {
                @Nullable InetAddress ipv4 = address(node.ipv4());
                @Nullable InetAddress ipv6 = address(node.ipv6());
                if (ipv4 != null) {
                    records.add(new ARecord(name, DClass.IN, ttl, ipv4));
                }
                if (ipv6 != null) {
                    records.add(new AAAARecord(name, DClass.IN, ttl, ipv6));
                }
            }
        }
        return records;
    }

    private static @Nullable InetAddress address(@Nullable String literal) {
        try {
            return literal == null
                    ? null
                    : InetAddress.getByAddress(IpPrefix.parse(literal).address());
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 bytes", e);
        }
    }
}
