package com.kingcdn.edge.upstream;

import com.kingcdn.control.ConfigSnapshot;
import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.EdgeNode;
import com.kingcdn.topology.OriginEndpoint;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The edges that this one may ask before the origin, as the present configuration has them: the nodes of its cluster, and those of its
 * parent cluster unless that is drained.
 *
 * <p>Requests read it without a lock; a change of configuration is one volatile write.
 */
public final class TierTable {

    private final String node;
    private final String cluster;
    private final @Nullable PeerSeal seal;
    private final LongSupplier appliedSequence;
    private volatile Peers peers = new Peers(List.of(), List.of());

    /**
     * Of one edge.
     *
     * @param seal by which edges prove themselves; null for an edge without peers
     * @param appliedSequence the last event of the numbered log that this edge has applied
     */
    public TierTable(String node, String cluster, @Nullable PeerSeal seal, LongSupplier appliedSequence) {
        this.node = node;
        this.cluster = cluster;
        this.seal = seal;
        this.appliedSequence = appliedSequence;
    }

    /** Of an edge that has no peers. */
    public static TierTable alone(String node) {
        return new TierTable(node, "", null, () -> 0);
    }

    private record Peers(List<Hop> siblings, List<Hop> parents) {}

    /** Asks by this configuration from now on. */
    public void replace(ConfigSnapshot snapshot) {
        Cluster own = find(snapshot, cluster);
        if (seal == null || own == null) {
            peers = new Peers(List.of(), List.of());
            return;
        }
        List<Hop> siblings = hops(own, Tier.SIBLING);
        // a node that is not in its own cluster's configuration cannot tell what it owns
        boolean member = siblings.size() > 1 && siblings.stream().anyMatch(Hop::self);
        Cluster parent = own.parent() == null ? null : find(snapshot, own.parent());
        List<Hop> parents = parent == null || parent.drained() ? List.of() : hops(parent, Tier.PARENT);
        peers = new Peers(member ? siblings : List.of(), parents);
    }

    private static @Nullable Cluster find(ConfigSnapshot snapshot, String id) {
        for (Cluster each : snapshot.clusters()) {
            if (each.id().equals(id)) {
                return each;
            }
        }
        return null;
    }

    private List<Hop> hops(Cluster of, Tier tier) {
        List<Hop> hops = new ArrayList<>();
        for (EdgeNode each : of.nodes()) {
            hops.add(new Hop(
                    tier,
                    new OriginEndpoint(URI.create("http://" + each.peerAuthority())),
                    each.id(),
                    each.weight(),
                    each.id().equals(node)));
        }
        return List.copyOf(hops);
    }

    /**
     * The way of a request: a sibling is not asked on behalf of a sibling, and nobody whom the request has passed already.
     *
     * @param forwarded knows whom it has passed
     */
    Route route(UpstreamRequest request, ForwardedFields forwarded) {
        Peers now = peers;
        Peer from = request.downstream().peer();
        boolean fromSibling = from != null && from.relation() == Tier.SIBLING;
        List<Hop> siblings = fromSibling ? List.of() : now.siblings();
        List<Hop> parents = now.parents();
        if (request.fields().contains("cdn-loop")) {
            siblings = without(siblings, request, forwarded);
            parents = without(parents, request, forwarded);
        }
        return Route.of(siblings, parents, request.distribution().origins(), request.affinity());
    }

    private static List<Hop> without(List<Hop> hops, UpstreamRequest request, ForwardedFields forwarded) {
        return hops.stream()
                .filter(hop -> hop.self() || !forwarded.hasPassed(request.fields(), hop.name()))
                .toList();
    }

    /** The field that tells a peer who asks. */
    String sealFor(Hop hop, UpstreamRequest request, long nowMillis) {
        if (seal == null) {
            throw new IllegalStateException("an edge without a seal has no peers");
        }
        Peer from = request.downstream().peer();
        long sequence = Math.max(appliedSequence.getAsLong(), from == null ? 0 : from.sequence());
        Peer claim = new Peer(node, hop.tier(), sequence, request.downstream().scheme());
        return seal.seal(claim, request.method(), request.authority(), request.target(), nowMillis / 1000);
    }

    /**
     * Who a request comes from, by its {@link PeerSeal#FIELD}.
     *
     * @return null for a client, whatever it claims
     */
    public @Nullable Peer peer(String value, String method, String authority, String target, long nowMillis) {
        Peer peer = seal == null ? null : seal.open(value, method, authority, target, nowMillis / 1000);
        UpstreamMetrics.peerRequest(peer == null ? null : peer.relation());
        return peer;
    }
}
