package com.kingcdn.edge.upstream;

import com.kingcdn.hashing.RendezvousHash;
import com.kingcdn.topology.OriginEndpoint;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The servers that one request may go to, each list in the order in which they want its key; pure.
 *
 * @param siblings the nodes of this cluster, this one included; empty when none of them may be asked
 * @param parents the nodes of the parent cluster
 * @param origins that share the distribution's objects
 * @param backups origins for when none of those is up, in configured order
 */
record Route(List<Hop> siblings, List<Hop> parents, List<Hop> origins, List<Hop> backups) {

    /**
     * The route of a request.
     *
     * @param affinity what decides who wants it most
     */
    static Route of(List<Hop> siblings, List<Hop> parents, List<OriginEndpoint> endpoints, String affinity) {
        if (endpoints.size() == 1 && siblings.isEmpty() && parents.isEmpty()) {
            return new Route(List.of(), List.of(), List.of(Hop.origin(endpoints.get(0))), List.of());
        }
        List<Hop> origins = new ArrayList<>(endpoints.size());
        List<Hop> backups = new ArrayList<>(0);
        for (OriginEndpoint endpoint : endpoints) {
            (endpoint.backup() ? backups : origins).add(Hop.origin(endpoint));
        }
        long key = RendezvousHash.hash(affinity);
        return new Route(rank(siblings, key), rank(parents, key), rank(origins, key), backups);
    }

    private static List<Hop> rank(List<Hop> hops, long key) {
        if (hops.size() < 2) {
            return hops;
        }
        record Scored(Hop hop, double score) {}
        List<Scored> scored = new ArrayList<>(hops.size());
        for (Hop hop : hops) {
            scored.add(new Scored(hop, RendezvousHash.score(key, RendezvousHash.hash(hop.name()), hop.weight())));
        }
        scored.sort(Comparator.<Scored>comparingDouble(each -> -each.score())
                .thenComparing(each -> each.hop().name()));
        List<Hop> ranked = new ArrayList<>(hops.size());
        scored.forEach(each -> ranked.add(each.hop()));
        return ranked;
    }
}
