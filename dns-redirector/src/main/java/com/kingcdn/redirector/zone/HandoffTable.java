package com.kingcdn.redirector.zone;

import com.kingcdn.redirector.routing.ClientRoute;
import com.kingcdn.redirector.routing.ClusterChoice;
import com.kingcdn.topology.AnswerSettings;
import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.EdgeNode;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Name;
import org.xbill.DNS.Type;

/**
 * The names that lead to distributions, found by their wire form in a query, with their answers kept as ready messages.
 *
 * <p>A hash table with open addressing, so that finding a name allocates nothing. The names are fixed; answers are prepared when a
 * question first comes, one for each type, cluster and, where answers go by weight, node that stands first, and prepared anew when the nodes of the cluster have changed. Names that have the same addresses
 * have one answer, so that few octets are read however many names there are. Two threads may prepare the same one: both are right.
 */
public final class HandoffTable {

    private static final int MOST_ALIKE = 1 << 12;

    private final @Nullable Entry[] slots;
    private final int clusters;
    /** Answers that may be those of other names as well, by their octets; a new one takes an old one's place. */
    private final @Nullable PreparedAnswer[] alike = new @Nullable PreparedAnswer[MOST_ALIKE];

    /** @param placements the number of a distribution's placement, for {@link Entry#placement} */
    HandoffTable(Collection<Handoff> handoffs, List<Cluster> clusters, ToIntFunction<String> placements) {
        this.slots = new @Nullable Entry[Integer.highestOneBit(Math.max(4, handoffs.size() * 2)) << 1];
        this.clusters = clusters.size();
        int mostNodes = clusters.stream()
                .mapToInt(cluster -> cluster.nodes().size())
                .max()
                .orElse(1);
        for (Handoff handoff : handoffs) {
            byte[] wire = handoff.name().toWireCanonical();
            int slot = SuffixHash.slot(SuffixHash.of(wire, 0, wire.length), slots.length);
            while (slots[slot] != null) {
                slot = (slot + 1) & (slots.length - 1);
            }
            int variants = handoff.answers().order() == AnswerSettings.Order.NAME ? 1 : mostNodes;
            slots[slot] = new Entry(handoff, wire, placements.applyAsInt(handoff.distribution()), variants);
        }
    }

    /**
     * The entry of a name, or null when the name leads to no distribution.
     *
     * @param message holds the name in wire form, uncompressed, in any case
     * @param length of the name, its root label counted in
     */
    public @Nullable Entry find(byte[] message, int offset, int length) {
        int slot = SuffixHash.slot(SuffixHash.of(message, offset, length), slots.length);
        for (@Nullable Entry entry; (entry = slots[slot]) != null; slot = (slot + 1) & (slots.length - 1)) {
            if (entry.hasName(message, offset, length)) {
                return entry;
            }
        }
        return null;
    }

    /** Whether answers of this type are kept ready. */
    public static boolean prepares(int type) {
        return type == Type.A || type == Type.AAAA || type == Type.HTTPS;
    }

    /**
     * One of the answers for clients of a cluster, where it is made.
     *
     * @param node index of the node that stands first in it
     */
    private record Variant(ClusterChoice choice, int node) implements NameServer.ChoiceSource {

        @Override
        public ClusterChoice choice(Handoff handoff) {
            return choice;
        }

        @Override
        public int first(List<EdgeNode> nodes) {
            return node;
        }
    }

    /** The index of the node that stands first in the next answer. */
    private static int node(Entry entry, ClusterChoice choice) {
        return entry.variants == 1 ? 0 : NodeOrder.first(choice.cluster().nodes(), entry.turn++);
    }

    /** The answer of an entry for clients of a cluster. */
    PreparedAnswer answer(Entry entry, int type, ClusterChoice choice, NameServer server) {
        int node = node(entry, choice);
        int at = choice.index() * entry.variants + node;
        @Nullable PreparedAnswer[] answers = entry.answers(type, clusters * entry.variants);
        @Nullable PreparedAnswer ready = answers[at];
        if (ready != null && ready.madeFor() == choice.cluster()) {
            return ready;
        }
        Name name = entry.handoff.name();
        PreparedAnswer made = alike(new PreparedAnswer(
                choice.cluster(),
                AnswerMessage.write(name, server.answer(name, type, new Variant(choice, node))),
                Long.MAX_VALUE));
        answers[at] = made;
        return made;
    }

    /** The same answer under another name, where there is one. */
    private PreparedAnswer alike(PreparedAnswer made) {
        int hash = 31 * System.identityHashCode(made.madeFor()) + Arrays.hashCode(made.body());
        int slot = (hash ^ hash >>> 16) & (MOST_ALIKE - 1);
        @Nullable PreparedAnswer known = alike[slot];
        if (known != null && known.madeFor() == made.madeFor() && Arrays.equals(known.body(), made.body())) {
            return known;
        }
        alike[slot] = made;
        return made;
    }

    /** The same with signatures. */
    PreparedAnswer signedAnswer(Entry entry, int type, ClusterChoice choice, NameServer server, SignedAnswers signing) {
        int node = node(entry, choice);
        int at = choice.index() * entry.variants + node;
        @Nullable PreparedAnswer[] answers = entry.signed().answers(type, clusters * entry.variants);
        @Nullable PreparedAnswer ready = answers[at];
        if (ready != null && ready.madeFor() == choice.cluster() && signing.nowMillis() < ready.remakeAt()) {
            return ready;
        }
        Name name = entry.handoff.name();
        SignedAnswer signed = signing.sign(name, type, server.answer(name, type, new Variant(choice, node)), false);
        PreparedAnswer made =
                new PreparedAnswer(choice.cluster(), AnswerMessage.write(name, signed.answer()), signed.remakeAt());
        answers[at] = made;
        return made;
    }

    /** What an entry that shares answers with another name says to resolvers that send subnets: that name, for all clients. */
    PreparedAnswer shared(Entry plain, int type, NameServer server, SignedAnswers signing) {
        Entry entry = signing.isNone() ? plain : plain.signed();
        int at = type == Type.A ? 0 : type == Type.AAAA ? 1 : 2;
        @Nullable PreparedAnswer ready = entry.shared[at];
        if (ready != null && signing.nowMillis() < ready.remakeAt()) {
            return ready;
        }
        Name name = entry.handoff.name();
        ZoneAnswer answer = server.answer(name, type, NameServer.SHARED);
        SignedAnswer signed =
                signing.isNone() ? new SignedAnswer(answer, Long.MAX_VALUE) : signing.sign(name, type, answer, false);
        PreparedAnswer made = new PreparedAnswer(null, AnswerMessage.write(name, signed.answer()), signed.remakeAt());
        entry.shared[at] = made;
        return made;
    }

    /** One name of the table. */
    public static final class Entry {

        private final Handoff handoff;
        private final byte[] wire;
        private final int placement;
        /** How many answers there are for clients of a cluster. */
        private final int variants;

        /** By type; empty when it shares with none. */
        private final @Nullable PreparedAnswer[] shared;

        private volatile @Nullable PreparedAnswer @Nullable [] ipv4;
        private volatile @Nullable PreparedAnswer @Nullable [] ipv6;
        private volatile @Nullable PreparedAnswer @Nullable [] https;
        private volatile @Nullable Entry signed;
        /** Of the next answer by weight; that threads may lose one another's steps does no harm. */
        private int turn;

        private Entry(Handoff handoff, byte[] wire, int placement, int variants) {
            this.handoff = handoff;
            this.wire = wire;
            this.placement = placement;
            this.variants = variants;
            this.shared = new @Nullable PreparedAnswer[handoff.shared() == null ? 0 : 3];
        }

        /** Whether resolvers that send clients' subnets are led to a name that several distributions share. */
        public boolean isShared() {
            return shared.length > 0;
        }

        /** Which clusters may answer for it, see {@link ClientRoute#choice}. */
        public int placement() {
            return placement;
        }

        /** The same name with its signed answers. */
        private Entry signed() {
            @Nullable Entry known = signed;
            if (known == null) {
                known = new Entry(handoff, wire, placement, variants);
                signed = known;
            }
            return known;
        }

        private boolean hasName(byte[] message, int offset, int length) {
            return length == wire.length && SuffixHash.isName(message, offset, length, wire, 0);
        }

        private @Nullable PreparedAnswer[] answers(int type, int clusters) {
            @Nullable
            PreparedAnswer @Nullable [] answers =
                    switch (type) {
                        case Type.A -> ipv4;
                        case Type.AAAA -> ipv6;
                        default -> https;
                    };
            if (answers == null) {
                answers = new @Nullable PreparedAnswer[clusters];
                switch (type) {
                    case Type.A -> ipv4 = answers;
                    case Type.AAAA -> ipv6 = answers;
                    default -> https = answers;
                }
            }
            return answers;
        }

        @Override
        public String toString() {
            return handoff.name() + " " + Arrays.toString(wire);
        }
    }
}
