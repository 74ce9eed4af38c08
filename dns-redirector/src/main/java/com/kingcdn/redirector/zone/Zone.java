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

/** One zone's nodes: those of its records, those handed over to distributions, and the empty ones between. Immutable. */
final class Zone {

    private final ZoneContent content;
    private final List<Handoff> handoffs;
    private final Map<Name, ZoneNode> nodes;
    private final NameIndex index;
    private final boolean wasOrdered;
    private volatile Name @Nullable [] ordered;

    private Zone(ZoneContent content, List<Handoff> handoffs, Map<Name, ZoneNode> nodes, boolean wasOrdered) {
        this.content = content;
        this.handoffs = List.copyOf(handoffs);
        this.nodes = nodes;
        this.index = new NameIndex(content.origin(), nodes);
        this.wasOrdered = wasOrdered;
    }

    /**
     * @param before the same zone before a change, or null
     * @throws IllegalArgumentException when a handed-over name has records of its own
     */
    static Zone of(ZoneContent content, List<Handoff> handoffs, @Nullable Zone before) {
        Name origin = content.origin();
        Map<Name, ZoneNode> nodes = new HashMap<>();
        for (Name name : content.names()) {
            nodes.put(name, new ZoneNode(content.sets(name), null));
        }
        for (Handoff handoff : handoffs) {
            nodes.put(handoff.name(), handedOver(content, handoff));
        }
        for (Name name : List.copyOf(nodes.keySet())) {
            for (Name above = name; !above.equals(origin); ) {
                above = new Name(above, 1);
                if (nodes.putIfAbsent(above, ZoneNode.EMPTY) != null) {
                    break;
                }
            }
        }
        return new Zone(content, handoffs, nodes, before != null && before.isOrdered());
    }

    /** Whether this was made of the same content and the same hand-overs. */
    boolean isOf(ZoneContent others, List<Handoff> othersHandoffs) {
        return content == others && handoffs.equals(othersHandoffs);
    }

    private static ZoneNode handedOver(ZoneContent content, Handoff handoff) {
        Map<Integer, RRset> sets = content.sets(handoff.name());
        boolean apex = handoff.name().equals(content.origin());
        boolean clash = apex ? sets.containsKey(Type.A) || sets.containsKey(Type.AAAA) : !sets.isEmpty();
        if (clash) {
            throw new IllegalArgumentException("'" + handoff.name().toString(true) + "' of distribution '"
                    + handoff.distribution() + "' also has " + (apex ? "addresses" : "records")
                    + " in the file of zone '"
                    + content.origin().toString(true) + "'; remove one of the two");
        }
        return new ZoneNode(sets, handoff);
    }

    Name origin() {
        return content.origin();
    }

    SOARecord soa() {
        return content.soa();
    }

    /** What exists at a name, or null. */
    @Nullable
    ZoneNode node(Name name) {
        return nodes.get(name);
    }

    /** What exists, by wire form. */
    NameIndex index() {
        return index;
    }

    /** Whether {@link #ordered} has been asked for. */
    boolean isOrdered() {
        return ordered != null;
    }

    /** Whether that was so of the zone before a change: then it is soon asked for again. */
    boolean wasOrdered() {
        return wasOrdered;
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
