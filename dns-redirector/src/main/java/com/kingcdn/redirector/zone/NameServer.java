package com.kingcdn.redirector.zone;

import com.kingcdn.redirector.routing.ClusterChoice;
import com.kingcdn.topology.EdgeNode;
import com.kingcdn.topology.IpPrefix;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.DNAMERecord;
import org.xbill.DNS.HINFORecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.NameTooLongException;
import org.xbill.DNS.RRset;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.SVCBBase;
import org.xbill.DNS.Type;

/**
 * The algorithm of RFC 1034 section 4.3.2, without recursion, over our zones and hand-overs.
 *
 * <p>CNAMEs are followed while they stay in our zones, so a customer host and its edges come in one answer. Wildcards follow RFC 4592,
 * DNAME RFC 6672, negative answers RFC 2308, ANY gets the minimal answer of RFC 8482.
 */
final class NameServer {

    /** A chain longer than this is answered as far as it got; the resolver asks on. */
    private static final int LONGEST_CHAIN = 8;

    private static final int ANY_TTL = 3600;

    /** Addresses take 16 octets at least: with more of them no message holds an answer. */
    private static final int MOST_ADDED = 1 << 12;

    private final ZoneTable zones;
    private final Ttls ttls;
    private final EdgeHttps https;

    NameServer(ZoneTable zones, Ttls ttls, EdgeHttps https) {
        this.zones = zones;
        this.ttls = ttls;
        this.https = https;
    }

    /** Which cluster a client gets for a name. */
    @FunctionalInterface
    interface ChoiceSource {

        /** The cluster, or null when there is none at all. */
        @Nullable
        ClusterChoice choice(Handoff handoff);

        /** Whether an edge hostname is to lead to the one with which it shares answers. */
        default boolean shared() {
            return false;
        }

        /** The index of the node that stands first when answers go by weight. */
        default int first(List<EdgeNode> nodes) {
            return NodeOrder.first(nodes, ThreadLocalRandom.current().nextInt());
        }
    }

    /** For resolvers that send subnets, of names that share: nothing is chosen yet. */
    static final ChoiceSource SHARED = new ChoiceSource() {
        @Override
        public @Nullable ClusterChoice choice(Handoff handoff) {
            return null;
        }

        @Override
        public boolean shared() {
            return true;
        }
    };

    /** @param choices for this client */
    ZoneAnswer answer(Name name, int type, ChoiceSource choices) {
        return new Resolution(type, choices).run(name);
    }

    ZoneTable zones() {
        return zones;
    }

    /** Whether it answers from just these. */
    boolean isOf(ZoneTable zones, Ttls ttls, EdgeHttps https) {
        return this.zones == zones && this.ttls.equals(ttls) && this.https.equals(https);
    }

    /** Whether we answer for a name by handing its client over to a distribution's edges. */
    boolean hasHandoff(Name name) {
        @Nullable Zone zone = zones.find(name);
        @Nullable ZoneNode node = zone == null || boundary(zone, name, Type.A) != null ? null : zone.node(name);
        return node != null && node.handoff() != null;
    }

    /** Whether resolvers that send subnets can be led to another edge hostname: one that we answer for, by one that we answer for. */
    boolean shares(Handoff handoff) {
        @Nullable Name shared = handoff.shared();
        return shared != null && hasHandoff(handoff.edgeHostname()) && hasHandoff(shared);
    }

    /** One question on its way through the zones. */
    private final class Resolution {

        private final int type;
        private final ChoiceSource choices;
        private final List<Record> answer = new ArrayList<>();
        private final List<Record> authority = new ArrayList<>();
        private final List<Record> additional = new ArrayList<>();
        private @Nullable ClusterChoice choice;
        private int rcode = Rcode.NOERROR;

        Resolution(int type, ChoiceSource choices) {
            this.type = type;
            this.choices = choices;
        }

        ZoneAnswer run(Name question) {
            Name name = question;
            for (int links = 0; links <= LONGEST_CHAIN; links++) {
                @Nullable Zone zone = zone(name);
                if (zone == null) {
                    return finish(answer.isEmpty() ? noZone(name) : Rcode.NOERROR);
                }
                @Nullable RRset boundary = boundary(zone, name, type);
                if (boundary != null && boundary.getType() == Type.NS) {
                    return refer(zone, boundary);
                }
                @Nullable Name next = boundary == null ? answerIn(zone, name) : redirect(boundary, name);
                // in a circle: no record stands twice (RFC 2181 section 5)
                if (next == null || isAnswered(next)) {
                    return finish(rcode);
                }
                name = next;
            }
            return finish(Rcode.NOERROR);
        }

        /** Whether the answer says already where a name leads. */
        private boolean isAnswered(Name name) {
            return answer.stream()
                    .anyMatch(record ->
                            record instanceof CNAMERecord && record.getName().equals(name));
        }

        private @Nullable Name answerIn(Zone zone, Name name) {
            @Nullable ZoneNode node = find(zone, name);
            if (node == null) {
                authority.add(negative(zone));
                rcode = Rcode.NXDOMAIN;
                return null;
            }
            return answerAt(zone, node, name);
        }

        /** A DNAME above the name, and the CNAME that it means for this one; where that leads, or null (RFC 6672 section 3.2). */
        private @Nullable Name redirect(RRset dnames, Name name) {
            DNAMERecord dname = (DNAMERecord) dnames.first();
            if (!answer.contains(dname)) {
                answer.add(dname);
            }
            try {
                Name target = name.fromDNAME(dname);
                answer.add(new CNAMERecord(name, DClass.IN, dname.getTTL(), target));
                return type == Type.CNAME || type == Type.ANY ? null : target;
            } catch (NameTooLongException e) {
                rcode = Rcode.YXDOMAIN;
                return null;
            }
        }

        /** A DS set belongs to the parent's side of a cut (RFC 4035 section 3.1.4.1). */
        private @Nullable Zone zone(Name name) {
            @Nullable Zone zone = zones.find(name);
            boolean top = zone == null ? zones.isAbsent(name) : zone.origin().equals(name);
            if (top && type == Type.DS && name.labels() > 1) {
                @Nullable Zone parent = zones.find(new Name(name, 1));
                return parent == null ? zone : parent;
            }
            return zone;
        }

        private int noZone(Name name) {
            return zones.isAbsent(name) ? Rcode.SERVFAIL : Rcode.REFUSED;
        }

        private ZoneAnswer refer(Zone zone, RRset delegation) {
            boolean first = answer.isEmpty();
            authority.addAll(delegation.rrs(false));
            addAddresses(zone, delegation.rrs(false));
            return new ZoneAnswer(Rcode.NOERROR, !first, choice, answer, authority, additional);
        }

        /** The node at a name, or the wildcard that stands for it, or null. */
        private @Nullable ZoneNode find(Zone zone, Name name) {
            @Nullable ZoneNode exact = zone.node(name);
            if (exact != null) {
                return exact;
            }
            // from the top, where names are few: the other way a name of 127 labels costs a hundred times as much
            int labels = name.labels() - zone.origin().labels();
            while (labels > 1 && zone.node(new Name(name, labels - 1)) != null) {
                labels--;
            }
            return zone.node(name.wild(labels));
        }

        /** Adds what a node has; the result is where a CNAME leads, or null when this is the end. */
        private @Nullable Name answerAt(Zone zone, ZoneNode node, Name name) {
            if (type == Type.ANY && !node.isEmpty()) {
                answer.add(new HINFORecord(name, DClass.IN, ANY_TTL, "RFC8482", ""));
                return null;
            }
            @Nullable Handoff handoff = node.handoff();
            if (handoff != null && !handoff.direct()) {
                answer.add(new CNAMERecord(name, DClass.IN, ttls.host().toSeconds(), handoff.edgeHostname()));
                return type == Type.CNAME ? null : handoff.edgeHostname();
            }
            if (handoff != null && HandoffTable.prepares(type)) {
                @Nullable Name shared = choices.shared() ? handoff.shared() : null;
                if (shared == null) {
                    answerFromEdges(zone, name, handoff);
                } else {
                    // the resolver goes on by itself: what is behind is for one subnet, and this for all
                    answer.add(new CNAMERecord(name, DClass.IN, ttls.host().toSeconds(), shared));
                }
                return null;
            }
            @Nullable RRset cname = node.sets().get(Type.CNAME);
            if (cname != null && type != Type.CNAME) {
                answer.addAll(owned(cname, name));
                return ((CNAMERecord) cname.first()).getTarget();
            }
            @Nullable RRset found = node.sets().get(type);
            if (found == null) {
                authority.add(handoff == null ? negative(zone) : negativeOfHandoff(zone));
            } else {
                answer.addAll(owned(found, name));
                addAddresses(zone, found.rrs(false));
            }
            return null;
        }

        private void answerFromEdges(Zone zone, Name name, Handoff handoff) {
            @Nullable ClusterChoice chosen = choices.choice(handoff);
            if (chosen == null) {
                rcode = Rcode.SERVFAIL;
                return;
            }
            choice = chosen;
            int before = answer.size();
            long ttl = ttls.address().toSeconds();
            List<EdgeNode> up = chosen.cluster().nodes();
            List<EdgeNode> nodes = NodeOrder.of(handoff, up, choices.first(up));
            int most = handoff.answers().addresses();
            if (type == Type.A) {
                ipv4(nodes, most).forEach(address -> answer.add(new ARecord(name, DClass.IN, ttl, address)));
            } else if (type == Type.AAAA) {
                ipv6(nodes, most).forEach(address -> answer.add(new AAAARecord(name, DClass.IN, ttl, address)));
            } else if (!https.isNone()) {
                answer.add(https.record(name, ttl, ipv4(nodes, most), ipv6(nodes, most)));
            }
            if (answer.size() == before) {
                authority.add(negativeOfHandoff(zone));
            }
        }

        /**
         * The addresses of names that records point to, as far as this same zone knows them: what another zone of ours says is none of
         * this answer's, since its owner may be another.
         */
        private void addAddresses(Zone zone, List<Record> records) {
            Set<Name> targets = new HashSet<>();
            for (Record record : records) {
                @Nullable Name target = target(record);
                boolean isOurs = target != null && target.subdomain(zone.origin()) && targets.add(target);
                @Nullable ZoneNode node = target == null || !isOurs ? null : zone.node(target);
                if (node != null && additional.size() <= MOST_ADDED) {
                    for (int addressType : new int[] {Type.A, Type.AAAA}) {
                        @Nullable RRset addresses = node.sets().get(addressType);
                        if (addresses != null) {
                            additional.addAll(addresses.rrs(false));
                        }
                    }
                }
            }
        }

        private static @Nullable Name target(Record record) {
            if (record instanceof SVCBBase service) {
                // RFC 9460 section 2.5: the root stands for the owner
                return service.getTargetName().equals(Name.root) ? service.getName() : service.getTargetName();
            }
            return record.getAdditionalName();
        }

        private ZoneAnswer finish(int rcode) {
            if (rcode == Rcode.SERVFAIL) {
                return new ZoneAnswer(rcode, false, null, List.of(), List.of(), List.of());
            }
            return new ZoneAnswer(rcode, rcode != Rcode.REFUSED, choice, answer, authority, additional);
        }

        private Record negativeOfHandoff(Zone zone) {
            return soa(
                    zone, Math.min(negative(zone).getTTL(), ttls.edgeHostname().toSeconds()));
        }
    }

    /**
     * Where a zone's own names end on the way down to a name: the NS set of a delegation at or above it, or a DNAME above it; null when
     * the name is within.
     */
    private static @Nullable RRset boundary(Zone zone, Name name, int type) {
        int below = name.labels() - zone.origin().labels();
        for (int skip = below; skip >= 0; skip--) {
            @Nullable ZoneNode node = zone.node(skip == 0 ? name : new Name(name, skip));
            if (node == null) {
                return null;
            }
            @Nullable RRset delegation = skip == below ? null : node.sets().get(Type.NS);
            if (delegation != null && (skip > 0 || type != Type.DS)) {
                return delegation;
            }
            @Nullable RRset dname = skip == 0 ? null : node.sets().get(Type.DNAME);
            if (dname != null) {
                return dname;
            }
        }
        return null;
    }

    private static List<Inet4Address> ipv4(List<EdgeNode> nodes, int most) {
        return nodes.stream()
                .map(EdgeNode::ipv4)
                .filter(Objects::nonNull)
                .limit(most)
                .map(literal -> (Inet4Address) address(literal))
                .toList();
    }

    private static List<Inet6Address> ipv6(List<EdgeNode> nodes, int most) {
        return nodes.stream()
                .map(EdgeNode::ipv6)
                .filter(Objects::nonNull)
                .limit(most)
                .map(literal -> (Inet6Address) address(literal))
                .toList();
    }

    /** The SOA of a negative answer, whose TTL is how long that may be kept (RFC 2308 section 3). */
    static SOARecord negative(Zone zone) {
        return soa(zone, Math.min(zone.soa().getTTL(), zone.soa().getMinimum()));
    }

    private static SOARecord soa(Zone zone, long ttl) {
        SOARecord soa = zone.soa();
        return new SOARecord(
                soa.getName(),
                DClass.IN,
                ttl,
                soa.getHost(),
                soa.getAdmin(),
                soa.getSerial(),
                soa.getRefresh(),
                soa.getRetry(),
                soa.getExpire(),
                soa.getMinimum());
    }

    /** The records under the name that was asked for: the set's own, or one that a wildcard stands for. */
    private static List<Record> owned(RRset set, Name name) {
        if (set.getName().equals(name)) {
            return set.rrs(false);
        }
        return set.rrs(false).stream().map(record -> record.withName(name)).toList();
    }

    private static InetAddress address(String literal) {
        try {
            return InetAddress.getByAddress(IpPrefix.parse(literal).address());
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 bytes", e);
        }
    }
}
