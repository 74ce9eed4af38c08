package com.kingcdn.redirector.zone;

import com.kingcdn.redirector.dnssec.ZoneSigner;
import com.kingcdn.redirector.routing.ChoiceReason;
import com.kingcdn.redirector.routing.ClientRoute;
import com.kingcdn.redirector.routing.ClusterChoice;
import com.kingcdn.redirector.routing.RoutingDecision;
import com.kingcdn.redirector.routing.RoutingInputs;
import com.kingcdn.redirector.routing.ServingCluster;
import com.kingcdn.redirector.routing.Shedding;
import com.kingcdn.redirector.routing.TrafficDirector;
import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.EdgeNode;
import com.kingcdn.topology.IpPrefix;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Name;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/**
 * All that queries are answered from: zones, hand-overs, the map of clients to clusters, and which clusters are up. Immutable, but
 * for answers that it prepares when they are first asked for; shared by all threads; a query reads one and sees one configuration.
 */
public final class ServingSnapshot {

    private final NameServer server;
    private final Map<Name, Handoff> handoffsByName;
    private final TrafficDirector director;
    private final Answers answers;
    /** Those of the snapshot before, when they are good for this one as well if it is signed by the same; else null. */
    private final @Nullable Answers before;

    /** The answers that were made, in the places where they are kept. */
    private record Answers(HandoffTable handoffs, SignedAnswers signing, ReadyAnswers ready) {}

    private ServingSnapshot(
            NameServer server,
            Map<Name, Handoff> handoffsByName,
            TrafficDirector director,
            Answers answers,
            @Nullable Answers before) {
        this.server = server;
        this.handoffsByName = handoffsByName;
        this.director = director;
        this.answers = answers;
        this.before = before;
    }

    /**
     * Compiles a snapshot; takes seconds with a city database, so not on a thread that answers queries.
     *
     * @throws IllegalArgumentException when the inputs contradict each other: the message says how
     */
    public static ServingSnapshot compile(ServingInputs inputs) {
        return compile(inputs, null);
    }

    /**
     * Like {@link #compile}, going on from this one: it keeps what has not changed of the map, zones and answers, and knows who was up
     * last. Those that were signed are kept when the same signers are given to {@link #signedBy}.
     */
    public ServingSnapshot recompile(ServingInputs inputs) {
        return compile(inputs, this);
    }

    /**
     * The same with other nodes up; cheap.
     *
     * @param nowMillis when they were found to be, by one monotonic clock
     */
    public ServingSnapshot withHealth(Set<String> upNodes, long nowMillis) {
        return new ServingSnapshot(server, handoffsByName, director.withHealth(upNodes, nowMillis), answers, null);
    }

    /**
     * The same, going on from what another one knows of who was up last and who sheds load.
     *
     * @param last the one in use
     */
    public ServingSnapshot withHealth(Set<String> upNodes, long nowMillis, ServingSnapshot last) {
        return new ServingSnapshot(
                server, handoffsByName, director.withHealth(upNodes, nowMillis, last.director), answers, null);
    }

    /** The same with these zones signed, before it is used; signers by the names of zones, without a final dot. */
    public ServingSnapshot signedBy(Map<String, ZoneSigner> signers) {
        Map<Name, ZoneSigner> byName = new HashMap<>();
        signers.forEach((zone, signer) -> byName.put(name(zone, Name.root), signer));
        SignedAnswers signed = new SignedAnswers(server.zones(), byName);
        Answers made = before != null && before.signing.signers().equals(signed.signers())
                ? before
                : new Answers(answers.handoffs, signed, new ReadyAnswers(server.zones(), signed));
        return new ServingSnapshot(server, handoffsByName, director, made, null);
    }

    /** The same with other clusters full; cheap. */
    public ServingSnapshot withShedding(Shedding shedding) {
        return new ServingSnapshot(server, handoffsByName, director.withShedding(shedding), answers, null);
    }

    private static ServingSnapshot compile(ServingInputs inputs, @Nullable ServingSnapshot previous) {
        Map<Name, Handoff> handoffs = handoffs(inputs);
        ZoneTable zones =
                zones(inputs, handoffs.values(), previous == null ? new ZoneTable(List.of()) : previous.server.zones());
        NameServer server = previous != null && previous.server.isOf(zones, inputs.ttls(), inputs.https())
                ? previous.server
                : new NameServer(zones, inputs.ttls(), inputs.https());
        TrafficDirector director = TrafficDirector.compile(
                new RoutingInputs(inputs.clusters(), inputs.distributions(), inputs.places(), inputs.paths()),
                inputs.upNodes(),
                previous == null ? null : previous.director);
        @Nullable
        Answers before = previous != null && previous.server == server && previous.answersAlso(handoffs, director)
                ? previous.answers
                : null;
        if (before != null && before.signing.isNone()) {
            return new ServingSnapshot(server, Map.copyOf(handoffs), director, before, before);
        }
        // a name below a delegation is not ours to answer, whatever its distribution says
        List<Handoff> answered = handoffs.values().stream()
                .filter(handoff -> server.hasHandoff(handoff.name()))
                .map(handoff -> server.shares(handoff) ? handoff : handoff.alone())
                .toList();
        Answers answers = new Answers(
                new HandoffTable(answered, inputs.clusters(), director::placement),
                SignedAnswers.NONE,
                new ReadyAnswers(zones, SignedAnswers.NONE));
        return new ServingSnapshot(server, Map.copyOf(handoffs), director, answers, before);
    }

    /** Whether the hand-overs have the same places for their answers with these; what nodes are up is seen with each answer. */
    private boolean answersAlso(Map<Name, Handoff> handoffs, TrafficDirector other) {
        return handoffs.equals(handoffsByName)
                && clusters(director).equals(clusters(other))
                && handoffs.values().stream()
                        .map(Handoff::distribution)
                        .allMatch(id -> director.placement(id) == other.placement(id));
    }

    private static List<Cluster> clusters(TrafficDirector director) {
        return director.clusters().stream().map(ServingCluster::cluster).toList();
    }

    /** @param previous zones that did not change are taken from here, or it is the result itself */
    private static ZoneTable zones(ServingInputs inputs, Collection<Handoff> handoffs, ZoneTable previous) {
        Set<Name> origins = new HashSet<>();
        inputs.zones().forEach(zone -> origins.add(zone.origin()));
        Map<Name, List<Handoff>> byZone = new HashMap<>();
        for (Handoff handoff : handoffs) {
            @Nullable Name origin = ZoneTable.closest(origins, handoff.name());
            if (origin != null) {
                byZone.computeIfAbsent(origin, none -> new ArrayList<>()).add(handoff);
            }
        }
        List<Zone> zones = new ArrayList<>();
        Set<Name> absent = new HashSet<>();
        for (ServedZone served : inputs.zones()) {
            @Nullable ZoneContent content = served.content();
            if (content == null) {
                absent.add(served.origin());
                continue;
            }
            List<Handoff> own = served.kind() == ServedZone.Kind.SECONDARY
                    ? List.of()
                    : byZone.getOrDefault(content.origin(), List.of());
            @Nullable Zone before = previous.get(content.origin());
            zones.add(before != null && before.isOf(content, own) ? before : Zone.of(content, own, before));
        }
        return previous.isOf(zones, absent) ? previous : new ZoneTable(zones, absent);
    }

    /** Whether a name lies in a zone that we are to answer for, and have nothing to answer from. */
    public boolean isAbsent(Name name) {
        return server.zones().isAbsent(name);
    }

    /** All hand-overs by name: edge hostnames, and customer hosts in or out of our zones. */
    private static Map<Name, Handoff> handoffs(ServingInputs inputs) {
        if (inputs.distributions().isEmpty()) {
            return Map.of();
        }
        List<ServedZone> cdn = inputs.zones().stream()
                .filter(zone -> zone.kind() == ServedZone.Kind.CDN)
                .toList();
        if (cdn.size() != 1) {
            throw new IllegalArgumentException(
                    "exactly one zone must be marked 'cdn: true', for edge hostnames to be made" + " in; "
                            + (cdn.isEmpty() ? "none is" : cdn.size() + " are"));
        }
        Name cdnZone = cdn.get(0).origin();
        Set<Name> origins = new HashSet<>();
        inputs.zones().forEach(zone -> origins.add(zone.origin()));
        Map<Name, Handoff> result = new LinkedHashMap<>();
        for (Distribution distribution : inputs.distributions()) {
            Name edge = name(distribution.id(), cdnZone);
            @Nullable Name shared = shared(distribution, cdnZone);
            add(result, new Handoff(edge, edge, distribution.id(), true, distribution.answers(), shared));
        }
        for (Distribution distribution : inputs.distributions()) {
            Name edge = name(distribution.id(), cdnZone);
            for (String host : distribution.hosts()) {
                Name name = name(host, Name.root);
                if (!name.equals(edge)) {
                    boolean apex = origins.contains(name);
                    @Nullable Name shared = apex ? null : shared(distribution, cdnZone);
                    add(result, new Handoff(name, edge, distribution.id(), apex, distribution.answers(), shared));
                }
            }
        }
        return result;
    }

    private static @Nullable Name shared(Distribution distribution, Name cdnZone) {
        @Nullable String with = distribution.answers().sharedWith();
        return with == null ? null : name(with, cdnZone);
    }

    private static void add(Map<Name, Handoff> handoffs, Handoff handoff) {
        @Nullable Handoff other = handoffs.putIfAbsent(handoff.name(), handoff);
        if (other != null) {
            throw new IllegalArgumentException("'" + handoff.name().toString(true) + "' belongs to distribution '"
                    + other.distribution() + "' and to '" + handoff.distribution() + "'");
        }
    }

    private static Name name(String text, Name origin) {
        try {
            return Name.fromString(text.toLowerCase(Locale.ROOT), origin);
        } catch (TextParseException e) {
            throw new IllegalArgumentException(
                    "'" + text + "' in " + origin + " is not a domain name: " + e.getMessage(), e);
        }
    }

    /** The map of clients to clusters. */
    public TrafficDirector director() {
        return director;
    }

    /** The names whose answers are kept ready. */
    public HandoffTable handoffs() {
        return answers.handoffs;
    }

    /** A ready answer for an entry of {@link #handoffs()}, of type A, AAAA or HTTPS, for clients of a cluster. */
    public PreparedAnswer prepared(HandoffTable.Entry entry, int type, ClusterChoice choice) {
        return answers.handoffs.answer(entry, type, choice, server);
    }

    /** The ready answer of an entry that {@link HandoffTable.Entry#isShared shares}, of type A, AAAA or HTTPS: where the shared ones are. */
    public PreparedAnswer shared(HandoffTable.Entry entry, int type, boolean signed) {
        return answers.handoffs.shared(entry, type, server, signed ? answers.signing : SignedAnswers.NONE);
    }

    /**
     * The answer to a question that is at hand, whoever asks; null when it is not: then {@link #answered} makes it.
     *
     * @param message holds the name in wire form, uncompressed, in any case
     * @param length of the name, its root label counted in
     * @param signed whether with signatures, where zones are signed
     * @param compactOk whether a compact denial (RFC 9824) is to have the code NXDOMAIN
     */
    public @Nullable ReadyAnswer ready(
            byte[] message, int offset, int length, int type, boolean signed, boolean compactOk) {
        return answers.ready.find(message, offset, length, type, signed, compactOk);
    }

    /** Makes the answer to a question for a client, and keeps it at hand when it is the same for all. */
    public ReadyAnswer answered(Name asked, int type, ClientRoute route, boolean signed, boolean compactOk) {
        Name name = asked.canonicalize();
        ZoneAnswer plain = answer(name, type, route);
        SignedAnswer answer =
                signed ? answers.signing.sign(name, type, plain, compactOk) : new SignedAnswer(plain, Long.MAX_VALUE);
        ReadyAnswer made = ReadyAnswer.of(name, answer);
        if (answer.remakeAt() != SignedAnswer.NOT_KEPT) {
            answers.ready.keep(name, type, signed, compactOk, made);
        }
        return made;
    }

    /** What our zones say to a client; the route is one of {@link #director}. */
    public ZoneAnswer answer(Name name, int type, ClientRoute route) {
        ZoneAnswer answer =
                server.answer(name, type, handoff -> route.choice(director.placement(handoff.distribution())));
        return answers.signing.complete(name, type, answer);
    }

    /** Whether answers differ for clients that want signatures. */
    public boolean isSigned() {
        return !answers.signing.isNone();
    }

    /**
     * Makes the signatures of what hand-overs answer with, so that no query has to wait for them. Takes half a core at most.
     *
     * @param most how many sets to sign at most
     * @param outdated ends it early
     */
    public void signAhead(int most, BooleanSupplier outdated) {
        int sets = 0;
        for (Handoff handoff : handoffsByName.values()) {
            if (server.shares(handoff) && isSigned(handoff) && ++sets <= most) {
                answers.signing.sign(
                        handoff.name(), Type.A, server.answer(handoff.name(), Type.A, NameServer.SHARED), false);
            }
            int clusters = handoff.direct() ? director.clusters().size() : 1;
            for (int cluster = 0; cluster < clusters && isSigned(handoff); cluster++) {
                ClusterChoice choice = new ClusterChoice(
                        cluster, director.clusters().get(cluster), ChoiceReason.DEFAULT_ORDER, true, false);
                for (int type : new int[] {Type.A, Type.AAAA, Type.HTTPS}) {
                    if (++sets > most || outdated.getAsBoolean()) {
                        return;
                    }
                    long begin = System.nanoTime();
                    answers.signing.sign(
                            handoff.name(), type, server.answer(handoff.name(), type, any -> choice), false);
                    LockSupport.parkNanos(System.nanoTime() - begin);
                }
            }
        }
    }

    private boolean isSigned(Handoff handoff) {
        return answers.signing.owner(handoff.name(), Type.A) != null;
    }

    /** What signatures are made of: equal for two snapshots when what {@link #signAhead} makes for one is good for the other. */
    public Object signedContent() {
        return List.of(answers.signing.signers(), handoffsByName, director.clusters());
    }

    /** Like {@link #prepared}, with signatures. */
    public PreparedAnswer preparedSigned(HandoffTable.Entry entry, int type, ClusterChoice choice) {
        return answers.handoffs.signedAnswer(entry, type, choice, server, answers.signing);
    }

    /**
     * An answer of {@link #answer} with the signatures and proofs of those zones that are signed.
     *
     * @param compactOk whether a compact denial (RFC 9824) is to have the code NXDOMAIN
     */
    public ZoneAnswer signed(Name name, int type, ZoneAnswer answer, boolean compactOk) {
        return answers.signing.sign(name, type, answer, compactOk).answer();
    }

    /**
     * Why a customer host or edge hostname leads a client where it does; empty when the name belongs to no distribution.
     *
     * @param client the ECS subnet when one is sent, else the resolver's address
     * @throws IllegalArgumentException when the text is no domain name
     */
    public Optional<NameExplanation> explain(String name, IpPrefix client) {
        @Nullable Handoff handoff = handoffsByName.get(name(name, Name.root));
        if (handoff == null) {
            return Optional.empty();
        }
        RoutingDecision decision = director.explain(client, handoff.distribution());
        List<EdgeNode> nodes = NodeOrder.of(handoff, decision.nodes(), 0);
        List<String> addresses = new ArrayList<>();
        int most = handoff.answers().addresses();
        Stream.concat(
                        nodes.stream()
                                .map(EdgeNode::ipv4)
                                .filter(Objects::nonNull)
                                .limit(most),
                        nodes.stream()
                                .map(EdgeNode::ipv6)
                                .filter(Objects::nonNull)
                                .limit(most))
                .forEach(addresses::add);
        @Nullable Name shared = server.shares(handoff) ? handoff.shared() : null;
        return Optional.of(new NameExplanation(
                handoff.distribution(),
                handoff.edgeHostname().toString(true),
                shared == null ? null : shared.toString(true),
                decision,
                List.copyOf(addresses)));
    }
}
