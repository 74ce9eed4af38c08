package com.kingcdn.redirector.registry;

import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.ClusterRole;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.EdgeNode;
import com.kingcdn.topology.Placement;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What holds at one moment: the configuration file and the API's objects together, free of contradictions.
 *
 * @param cdnZone the zone edge hostnames are made in, without a final dot; empty while no zone is configured
 * @param distributions the file's, then the API's
 * @param clusters the file's, then the API's; drained as the operator last said
 * @param geoDatabases mmdb files the configuration file names
 * @param probe whom edges shall probe
 * @param fileIds identifiers of the file's distributions and clusters, as {@code distributions/ID} and {@code clusters/ID}
 */
public record Configuration(
        List<ZoneSource> zones,
        List<SecondarySource> secondaries,
        List<KeySource> keys,
        String cdnZone,
        List<Distribution> distributions,
        List<Cluster> clusters,
        Ttls ttls,
        HttpsSettings https,
        List<Path> geoDatabases,
        ProbeSettings probe,
        Set<String> fileIds) {

    public Configuration {
        zones = List.copyOf(zones);
        secondaries = List.copyOf(secondaries);
        keys = List.copyOf(keys);
        distributions = List.copyOf(distributions);
        clusters = List.copyOf(clusters);
        geoDatabases = List.copyOf(geoDatabases);
        fileIds = Set.copyOf(fileIds);
    }

    /** What the API and the operator have added to the file. */
    record Additions(Collection<Distribution> distributions, Collection<Cluster> clusters, Set<String> drained) {}

    /** @throws ConflictException when the two contradict each other or themselves */
    static Configuration merge(ConfigFile file, Additions additions) {
        String cdnZone = cdnZone(file.zones());
        checkSecondaries(file);
        List<Distribution> distributions = new ArrayList<>(file.distributions());
        distributions.addAll(additions.distributions);
        checkDistributions(distributions, cdnZone);
        List<Cluster> clusters = new ArrayList<>();
        for (Cluster cluster : file.clusters()) {
            clusters.add(cluster.withDrained(cluster.drained() || additions.drained.contains(cluster.id())));
        }
        clusters.addAll(additions.clusters);
        checkClusters(clusters);
        checkPlacements(distributions, clusters);
        checkShared(distributions);
        Set<String> fileIds = new HashSet<>();
        file.distributions().forEach(distribution -> fileIds.add("distributions/" + distribution.id()));
        file.clusters().forEach(cluster -> fileIds.add("clusters/" + cluster.id()));
        return new Configuration(
                file.zones(),
                file.secondaries(),
                file.keys(),
                cdnZone,
                distributions,
                clusters,
                file.ttls(),
                file.https(),
                file.geoDatabases(),
                file.probe(),
                fileIds);
    }

    private static String cdnZone(List<ZoneSource> zones) {
        Set<String> names = new HashSet<>();
        String cdnZone = "";
        for (int i = 0; i < zones.size(); i++) {
            ZoneSource zone = zones.get(i);
            if (!names.add(zone.name())) {
                throw new ConflictException("/zones/" + i + "/name", "zone '" + zone.name() + "' stands twice");
            }
            if (zone.cdn() && !cdnZone.isEmpty()) {
                throw new ConflictException(
                        "/zones/" + i + "/cdn", "'" + cdnZone + "' is the CDN's zone already; one zone can be");
            }
            cdnZone = zone.cdn() ? zone.name() : cdnZone;
        }
        if (cdnZone.isEmpty() && !zones.isEmpty()) {
            throw new ConflictException("/zones", "one zone needs 'cdn: true': edge hostnames are made in it");
        }
        return cdnZone;
    }

    private static void checkSecondaries(ConfigFile file) {
        Set<String> names = new HashSet<>();
        file.zones().forEach(zone -> names.add(zone.name()));
        for (SecondarySource zone : file.secondaries()) {
            if (!names.add(zone.name())) {
                throw new ConflictException("/zones", "zone '" + zone.name() + "' stands twice");
            }
        }
    }

    private static void checkDistributions(List<Distribution> distributions, String cdnZone) {
        Set<String> ids = new HashSet<>();
        Map<String, String> ownerOfHost = new HashMap<>();
        for (int i = 0; i < distributions.size(); i++) {
            Distribution distribution = distributions.get(i);
            String pointer = "/distributions/" + i;
            if (!ids.add(distribution.id())) {
                throw taken(pointer + "/id", "distribution", distribution.id());
            }
            for (int h = 0; h < distribution.hosts().size(); h++) {
                String host = distribution.hosts().get(h);
                String owner = ownerOfHost.putIfAbsent(host, distribution.id());
                if (owner != null) {
                    throw new ConflictException(
                            pointer + "/hosts/" + h,
                            "host '" + host + "' of distribution '" + distribution.id() + "' belongs to distribution '"
                                    + owner + "' already");
                }
            }
        }
        for (int i = 0; i < distributions.size(); i++) {
            Distribution distribution = distributions.get(i);
            // a host may lie in the CDN's own zone, but not where another distribution's edge hostname is
            String owner = ownerOfHost.get(distribution.id() + "." + cdnZone);
            if (owner != null && !owner.equals(distribution.id())) {
                throw new ConflictException(
                        "/distributions/" + i + "/id",
                        "the edge hostname of distribution '" + distribution.id() + "' is a host of distribution '"
                                + owner + "'");
            }
        }
    }

    private static void checkClusters(List<Cluster> clusters) {
        Set<String> ids = new HashSet<>();
        Map<String, String> ownerOfNode = new HashMap<>();
        for (int i = 0; i < clusters.size(); i++) {
            Cluster cluster = clusters.get(i);
            if (!ids.add(cluster.id())) {
                throw taken("/clusters/" + i + "/id", "cluster", cluster.id());
            }
            for (int n = 0; n < cluster.nodes().size(); n++) {
                EdgeNode node = cluster.nodes().get(n);
                String owner = ownerOfNode.putIfAbsent(node.id(), cluster.id());
                if (owner != null) {
                    throw new ConflictException(
                            "/clusters/" + i + "/nodes/" + n + "/id",
                            "node '" + node.id() + "' of cluster '" + cluster.id() + "' belongs to cluster '" + owner
                                    + "' already");
                }
            }
        }
        checkParents(clusters);
    }

    private static void checkPlacements(List<Distribution> distributions, List<Cluster> clusters) {
        Set<String> edges = clusters.stream()
                .filter(cluster -> cluster.role() == ClusterRole.EDGE)
                .map(Cluster::id)
                .collect(Collectors.toSet());
        for (int i = 0; i < distributions.size(); i++) {
            List<String> placed = placed(distributions.get(i));
            for (int p = 0; p < placed.size(); p++) {
                if (!edges.contains(placed.get(p))) {
                    throw new ConflictException(
                            "/distributions/" + i + "/placement/clusters/" + p,
                            "distribution '" + distributions.get(i).id() + "' is placed on '" + placed.get(p)
                                    + "', which is no edge cluster");
                }
            }
        }
    }

    /** Who shares another's answers gets that one's clusters, so these have to be its own. */
    private static void checkShared(List<Distribution> distributions) {
        Map<String, Distribution> byId = new HashMap<>();
        distributions.forEach(distribution -> byId.put(distribution.id(), distribution));
        for (int i = 0; i < distributions.size(); i++) {
            Distribution distribution = distributions.get(i);
            String with = distribution.answers().sharedWith();
            if (with != null) {
                String refusal = refusal(distribution, byId.get(with));
                if (!refusal.isEmpty()) {
                    throw new ConflictException(
                            "/distributions/" + i + "/answers/sharedWith",
                            "distribution '" + distribution.id() + "' shares answers with '" + with + "', " + refusal);
                }
            }
        }
    }

    private static String refusal(Distribution distribution, @Nullable Distribution with) {
        if (with == null) {
            return "which is no distribution";
        }
        if (with.answers().sharedWith() != null) {
            return with.id().equals(distribution.id()) ? "which is itself" : "which shares another's itself";
        }
        if (!Set.copyOf(placed(distribution)).equals(Set.copyOf(placed(with)))) {
            return "which is placed on other clusters";
        }
        return hasCapacity(distribution) || hasCapacity(with)
                ? "and one of them has a capacity of its own in 'placement', which shared answers cannot keep to"
                : "";
    }

    private static List<String> placed(Distribution distribution) {
        Placement placement = distribution.placement();
        return placement == null ? List.of() : placement.clusters();
    }

    private static boolean hasCapacity(Distribution distribution) {
        Placement placement = distribution.placement();
        return placement != null && placement.capacity() != null;
    }

    private static void checkParents(List<Cluster> clusters) {
        Map<String, Cluster> byId = new HashMap<>();
        clusters.forEach(cluster -> byId.put(cluster.id(), cluster));
        for (int i = 0; i < clusters.size(); i++) {
            Cluster cluster = clusters.get(i);
            String pointer = "/clusters/" + i + "/parent";
            Set<String> passed = new LinkedHashSet<>(List.of(cluster.id()));
            String parent = cluster.parent();
            while (parent != null) {
                Cluster next = byId.get(parent);
                if (next == null || next.role() != ClusterRole.PARENT) {
                    throw new ConflictException(
                            pointer,
                            "parent '" + parent + "' of cluster '" + cluster.id() + "' "
                                    + (next == null ? "is no cluster" : "is a cluster without 'role: parent'"));
                }
                if (!passed.add(parent)) {
                    throw new ConflictException(
                            pointer, "the parents of clusters form a circle: " + String.join(", ", passed));
                }
                parent = next.parent();
            }
        }
    }

    private static ConflictException taken(String pointer, String kind, String id) {
        return new ConflictException(
                pointer, kind + " '" + id + "' is there twice: in the configuration file, or made through the API");
    }

    public Optional<Cluster> cluster(String id) {
        return clusters.stream().filter(cluster -> cluster.id().equals(id)).findFirst();
    }

    public Optional<Distribution> distribution(String id) {
        return distributions.stream()
                .filter(distribution -> distribution.id().equals(id))
                .findFirst();
    }

    /** Whether the cluster stands in the configuration file, where alone it can be changed. */
    public boolean isClusterOfFile(String id) {
        return fileIds.contains("clusters/" + id);
    }

    /** Whether the distribution stands in the configuration file, where alone it can be changed. */
    public boolean isDistributionOfFile(String id) {
        return fileIds.contains("distributions/" + id);
    }

    /** Whether a distribution answers for this host, as a customer's or as its edge hostname; in lower case. */
    public boolean serves(String host) {
        for (Distribution distribution : distributions) {
            if (distribution.hosts().contains(host) || host.equals(distribution.id() + "." + cdnZone)) {
                return true;
            }
        }
        return false;
    }
}
