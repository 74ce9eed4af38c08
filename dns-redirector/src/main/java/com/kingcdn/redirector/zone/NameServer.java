package com.kingcdn.redirector.zone;

import com.kingcdn.hashing.RendezvousHash;
import com.kingcdn.redirector.routing.ClusterChoice;
import com.kingcdn.topology.EdgeNode;
import com.kingcdn.topology.IpPrefix;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.HINFORecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.RRset;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Type;

/**
 * The algorithm of RFC 1034 section 4.3.2, without recursion, over our zones and hand-overs.
 *
 * <p>CNAMEs are followed while they stay in our zones, so a customer host and its edges come in one answer. Wildcards follow RFC 4592,
 * negative answers RFC 2308, ANY gets the minimal answer of RFC 8482.
 */
final class NameServer {

    /** A chain longer than this is answered as far as it got; the resolver asks on. */
    private static final int LONGEST_CHAIN = 8;

    private static final int MOST_ADDRESSES = 4;
    private static final int ANY_TTL = 3600;

    private final ZoneTable zones;
    private final Ttls ttls;

    NameServer(ZoneTable zones, Ttls ttls) {
        this.zones = zones;
        this.ttls = ttls;
    }

    /** @param choice the cluster for this client, or null when there is no cluster at all */
    ZoneAnswer answer(Name name, int type, @Nullable ClusterChoice choice) {
        return new Resolution(type, choice).run(name);
    }

    ZoneTable zones() {
        return zones;
    }

    /** The nodes that answers for an edge hostname name, in the order in which they do. */
    static List<EdgeNode> nodes(Name edgeHostname, List<EdgeNode> nodes) {
        return RendezvousHash.rank(edgeHostname.toString(true), nodes, EdgeNode::id, EdgeNode::weight);
    }

    /** Whether we answer for a name by handing its client over to a distribution's edges. */
    boolean hasHandoff(Name name) {
        @Nullable Zone zone = zones.find(name);
        @Nullable ZoneNode node = zone == null || cut(zone, name, Type.A) != null ? null : zone.node(name);
        return node != null && node.handoff() != null;
    }

    /** One question on its way through the zones. */
    private final class Resolution {

        private final int type;
        private final @Nullable ClusterChoice choice;
        private final List<Record> answer = new ArrayList<>();
        private final List<Record> authority = new ArrayList<>();
        private final List<Record> additional = new ArrayList<>();
        private boolean tailored;
        private boolean failed;

        Resolution(int type, @Nullable ClusterChoice choice) {
            this.type = type;
            this.choice = choice;
        }

        ZoneAnswer run(Name question) {
            Name name = question;
            for (int links = 0; links <= LONGEST_CHAIN; links++) {
                @Nullable Zone zone = zone(name);
                if (zone == null) {
                    return finish(answer.isEmpty() ? Rcode.REFUSED : Rcode.NOERROR);
                }
                @Nullable RRset cut = cut(zone, name, type);
                if (cut != null) {
                    return refer(cut);
                }
                @Nullable ZoneNode node = find(zone, name);
                if (node == null) {
                    authority.add(negative(zone));
                    return finish(Rcode.NXDOMAIN);
                }
                @Nullable Name next = answerAt(zone, node, name);
                if (next == null) {
                    return finish(failed ? Rcode.SERVFAIL : Rcode.NOERROR);
                }
                name = next;
            }
            return finish(Rcode.NOERROR);
        }

        /** A DS set belongs to the parent's side of a cut (RFC 4035 section 3.1.4.1). */
        private @Nullable Zone zone(Name name) {
            @Nullable Zone zone = zones.find(name);
            if (zone != null && type == Type.DS && zone.origin().equals(name) && name.labels() > 1) {
                @Nullable Zone parent = zones.find(new Name(name, 1));
                return parent == null ? zone : parent;
            }
            return zone;
        }

        private ZoneAnswer refer(RRset delegation) {
            boolean first = answer.isEmpty();
            authority.addAll(delegation.rrs(false));
            addAddresses(delegation.rrs(false));
            return new ZoneAnswer(Rcode.NOERROR, !first, tailored, answer, authority, additional);
        }

        /** The node at a name, or the wildcard that stands for it, or null. */
        private @Nullable ZoneNode find(Zone zone, Name name) {
            @Nullable ZoneNode exact = zone.node(name);
            if (exact != null) {
                return exact;
            }
            int labels = 1;
            while (zone.node(new Name(name, labels)) == null) {
                labels++;
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
            if (handoff != null && (type == Type.A || type == Type.AAAA)) {
                answerAddresses(zone, name, handoff);
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
                addAddresses(found.rrs(false));
            }
            return null;
        }

        private void answerAddresses(Zone zone, Name name, Handoff handoff) {
            tailored = true;
            if (choice == null) {
                failed = true;
                return;
            }
            long ttl = ttls.address().toSeconds();
            int before = answer.size();
            for (EdgeNode node : nodes(handoff.edgeHostname(), choice.cluster().nodes())) {
                @Nullable String address = type == Type.A ? node.ipv4() : node.ipv6();
                if (address != null && answer.size() - before < MOST_ADDRESSES) {
                    InetAddress parsed = address(address);
                    answer.add(
                            type == Type.A
                                    ? new ARecord(name, DClass.IN, ttl, parsed)
                                    : new AAAARecord(name, DClass.IN, ttl, parsed));
                }
            }
            if (answer.size() == before) {
                authority.add(negativeOfHandoff(zone));
            }
        }

        /** The addresses of names that records point to, as far as our own zones know them. */
        private void addAddresses(List<Record> records) {
            for (Record record : records) {
                @Nullable Name target = record.getAdditionalName();
                @Nullable Zone zone = target == null ? null : zones.find(target);
                @Nullable ZoneNode node = zone == null ? null : zone.node(target);
                if (node != null) {
                    for (int addressType : new int[] {Type.A, Type.AAAA}) {
                        @Nullable RRset addresses = node.sets().get(addressType);
                        if (addresses != null) {
                            addresses.rrs(false).stream()
                                    .filter(address -> !additional.contains(address))
                                    .forEach(additional::add);
                        }
                    }
                }
            }
        }

        private ZoneAnswer finish(int rcode) {
            if (rcode == Rcode.SERVFAIL) {
                return new ZoneAnswer(rcode, false, false, List.of(), List.of(), List.of());
            }
            return new ZoneAnswer(rcode, rcode != Rcode.REFUSED, tailored, answer, authority, additional);
        }

        /** The SOA of a negative answer, whose TTL is how long that may be kept (RFC 2308 section 3). */
        private Record negative(Zone zone) {
            return soa(zone, Math.min(zone.soa().getTTL(), zone.soa().getMinimum()));
        }

        private Record negativeOfHandoff(Zone zone) {
            return soa(
                    zone, Math.min(negative(zone).getTTL(), ttls.edgeHostname().toSeconds()));
        }
    }

    /** The NS set of the highest delegation at or above a name, or null when the name is ours. */
    private static @Nullable RRset cut(Zone zone, Name name, int type) {
        int below = name.labels() - zone.origin().labels();
        for (int skip = below - 1; skip >= 0; skip--) {
            @Nullable ZoneNode node = zone.node(skip == 0 ? name : new Name(name, skip));
            if (node == null) {
                return null;
            }
            @Nullable RRset delegation = node.sets().get(Type.NS);
            if (delegation != null && (skip > 0 || type != Type.DS)) {
                return delegation;
            }
        }
        return null;
    }

    private static Record soa(Zone zone, long ttl) {
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
