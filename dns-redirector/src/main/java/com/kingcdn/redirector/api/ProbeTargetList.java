package com.kingcdn.redirector.api;

import com.kingcdn.control.ControlJson;
import com.kingcdn.control.ProbeTarget;
import com.kingcdn.control.ProbeTargets;
import com.kingcdn.redirector.registry.Configuration;
import com.kingcdn.redirector.registry.ProbeSettings;
import com.kingcdn.topology.IpPrefix;
import com.kingcdn.topology.SpecialPurposePrefixes;
import java.net.InetAddress;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The choice of whom edges shall probe: those the operator names, then the resolvers that ask most, as far as both may be probed. Pure. */
final class ProbeTargetList {

    /** Resolvers of one prefix tell the same: a farm of them must not take all of the budget. */
    private static final int MOST_OF_A_PREFIX = 2;

    private static final int TAG_BYTES = 8;

    private final Configuration config;
    private final Set<IpPrefix> own;
    private final Set<String> chosen = new HashSet<>();
    private final Map<IpPrefix, Integer> ofPrefix = new HashMap<>();
    private final List<ProbeTarget> targets = new ArrayList<>();

    private ProbeTargetList(Configuration config) {
        this.config = config;
        this.own = config.clusters().stream()
                .flatMap(cluster -> cluster.nodes().stream())
                .flatMap(node -> Stream.of(Optional.ofNullable(node.ipv4()), Optional.ofNullable(node.ipv6())))
                .flatMap(Optional::stream)
                .map(IpPrefix::parse)
                .collect(Collectors.toSet());
    }

    /** @param resolvers the most important ones first */
    static ProbeTargets of(Configuration config, List<InetAddress> resolvers) {
        ProbeTargetList list = new ProbeTargetList(config);
        ProbeSettings settings = config.probe();
        settings.targets().forEach(list::add);
        if (settings.resolvers()) {
            for (InetAddress resolver : resolvers) {
                ProbeTarget target = ProbeTarget.of(resolver.getAddress(), null);
                if (list.ofPrefix.getOrDefault(target.prefix(), 0) < MOST_OF_A_PREFIX) {
                    list.add(target);
                }
            }
        }
        return new ProbeTargets(list.targets, settings.optOut());
    }

    private void add(ProbeTarget target) {
        if (targets.size() < config.probe().mostTargets()
                && mayBeProbed(target.bytes())
                && chosen.add(target.address())) {
            ofPrefix.merge(target.prefix(), 1, Integer::sum);
            targets.add(target);
        }
    }

    private boolean mayBeProbed(byte[] address) {
        ProbeSettings settings = config.probe();
        if (settings.isOptedOut(address)) {
            return false;
        }
        return settings.localTargets() || (SpecialPurposePrefixes.isGlobal(address) && !isOwn(address));
    }

    private boolean isOwn(byte[] address) {
        return own.contains(IpPrefix.of(address, address.length * Byte.SIZE));
    }

    /** An entity tag that changes when the targets do. */
    static String tag(ProbeTargets targets) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(ControlJson.mapper().writeValueAsBytes(targets));
            return '"' + HexFormat.of().formatHex(digest, 0, TAG_BYTES) + '"';
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("each Java has SHA-256", e);
        }
    }
}
