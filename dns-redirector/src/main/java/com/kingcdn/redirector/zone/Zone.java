package com.kingcdn.redirector.zone;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Name;
import org.xbill.DNS.RRset;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Type;

/** One zone's nodes: those of its master file, those handed over to distributions, and the empty ones between. Immutable. */
final class Zone {

    private final Name origin;
    private final SOARecord soa;
    private final Map<Name, ZoneNode> nodes;
    private volatile Name @Nullable [] ordered;

    private Zone(Name origin, SOARecord soa, Map<Name, ZoneNode> nodes) {
        this.origin = origin;
        this.soa = soa;
        this.nodes = nodes;
    }

    /** @throws IllegalArgumentException when a handed-over name has records of its own */
    static Zone of(ZoneFile file, List<Handoff> handoffs) {
        Name origin = file.origin();
        Map<Name, ZoneNode> nodes = new HashMap<>();
        for (Name name : file.names()) {
            nodes.put(name, new ZoneNode(Map.copyOf(file.sets(name)), null));
        }
        for (Handoff handoff : handoffs) {
            nodes.put(handoff.name(), handedOver(file, handoff));
        }
        for (Name name : List.copyOf(nodes.keySet())) {
            for (Name above = name; !above.equals(origin); above = new Name(above, 1)) {
                nodes.putIfAbsent(above, ZoneNode.EMPTY);
            }
        }
        RRset soa = file.sets(origin).get(Type.SOA);
        if (soa == null) {
            throw new IllegalStateException("a zone file always has an SOA record");
        }
        return new Zone(origin, (SOARecord) soa.first(), nodes);
    }

    private static ZoneNode handedOver(ZoneFile file, Handoff handoff) {
        Map<Integer, RRset> sets = file.sets(handoff.name());
        boolean apex = handoff.name().equals(file.origin());
        boolean clash = apex ? sets.containsKey(Type.A) || sets.containsKey(Type.AAAA) : !sets.isEmpty();
        if (clash) {
            throw new IllegalArgumentException("'" + handoff.name().toString(true) + "' of distribution '"
                    + handoff.distribution() + "' also has " + (apex ? "addresses" : "records")
                    + " in the file of zone '"
                    + file.origin().toString(true) + "'; remove one of the two");
        }
        return new ZoneNode(Map.copyOf(sets), handoff);
    }

    Name origin() {
        return origin;
    }

    SOARecord soa() {
        return soa;
    }

    /** What exists at a name, or null. */
    @Nullable
    ZoneNode node(Name name) {
        return nodes.get(name);
    }

    /** Its names in canonical order (RFC 4034 section 6.1), put in order when first asked for; leave the array alone. */
    Name[] ordered(Predicate<Name> which) {
        Name @Nullable [] known = ordered;
        if (known == null) {
            List<Name> names = new ArrayList<>();
            nodes.keySet().stream().filter(which).map(Name::canonicalize).forEach(names::add);
            Collections.sort(names);
            known = names.toArray(new Name[0]);
            ordered = known;
        }
        return known;
    }
}
