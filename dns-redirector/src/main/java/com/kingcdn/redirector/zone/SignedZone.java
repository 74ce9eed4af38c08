package com.kingcdn.redirector.zone;

import com.kingcdn.redirector.dnssec.ZoneSigner;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.DClass;
import org.xbill.DNS.NSECRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.NameTooLongException;
import org.xbill.DNS.RRset;
import org.xbill.DNS.Type;

/** A zone with its signer: what exists in it, as NSEC records say it. */
record SignedZone(Zone zone, ZoneSigner signer) {

    /** A name that does not exist, in the type bitmap of its own NSEC record (RFC 9824 section 2). */
    static final int NXNAME = 128;

    private static final Name LEAST_LABEL = Name.fromConstantString("\\000");

    /** The TTL of what does not exist (RFC 9077 section 3). */
    long negativeTtl() {
        return Math.min(zone.soa().getTTL(), zone.soa().getMinimum());
    }

    /** Whether the zone itself speaks for a name: it lies neither at or below a delegation, nor below a DNAME. */
    boolean isAuthoritative(Name name) {
        if (isCut(name)) {
            return false;
        }
        int below = name.labels() - zone.origin().labels();
        for (int skip = 1; skip <= below; skip++) {
            Name above = new Name(name, skip);
            @Nullable ZoneNode node = zone.node(above);
            if (node != null && (isCut(above) || node.sets().containsKey(Type.DNAME))) {
                return false;
            }
        }
        return true;
    }

    private boolean isCut(Name name) {
        @Nullable ZoneNode node = zone.node(name);
        return node != null && node.sets().containsKey(Type.NS) && !name.equals(zone.origin());
    }

    /** The wildcard that stands for a name that does not exist, or null (RFC 4592 section 3.3.1). */
    @Nullable
    Name wildcard(Name name) {
        Name wildcard = sourceOfSynthesis(name);
        return zone.node(wildcard) == null ? null : wildcard;
    }

    /** The wildcard below the closest encloser, whether it exists or not. */
    Name sourceOfSynthesis(Name name) {
        int labels = name.labels() - zone.origin().labels();
        while (labels > 1 && zone.node(new Name(name, labels - 1)) != null) {
            labels--;
        }
        return name.wild(labels);
    }

    /**
     * The NSEC record by which a name itself says which types it has, and nothing of others (RFC 9824 section 3); null when the name is too
     * long for that.
     *
     * @param types of the name, see {@link #types}
     */
    @Nullable
    RRset compact(Name name, long ttl, int[] types) {
        Name owner = name.canonicalize();
        try {
            return new RRset(new NSECRecord(owner, DClass.IN, ttl, Name.concatenate(LEAST_LABEL, owner), types));
        } catch (NameTooLongException e) {
            return null;
        }
    }

    /**
     * The types in the NSEC record of a name that does not exist.
     *
     * @param absent what is being denied: left out, since a proof that lists it is none; 0 for none
     */
    static int[] typesOfNothing(int absent) {
        return IntStream.of(Type.RRSIG, Type.NSEC, NXNAME)
                .filter(type -> type != absent)
                .toArray();
    }

    /**
     * The types of a name that exists, for its NSEC record.
     *
     * @param absent a type that this client does not get here although others may: there are clusters without IPv6; 0 for none
     */
    int[] types(Name name, int absent) {
        Set<Integer> types = new TreeSet<>(Set.of(Type.RRSIG, Type.NSEC));
        @Nullable ZoneNode node = zone.node(name);
        if (node != null && isCut(name)) {
            types.add(Type.NS);
            if (node.sets().containsKey(Type.DS)) {
                types.add(Type.DS);
            }
        } else if (node != null) {
            types.addAll(node.sets().keySet());
            @Nullable Handoff handoff = node.handoff();
            if (handoff != null) {
                types.addAll(handoff.direct() ? Set.of(Type.A, Type.AAAA, Type.HTTPS) : Set.of(Type.CNAME));
            }
            if (name.equals(zone.origin())) {
                types.addAll(signer.apexSets().keySet());
            }
        }
        types.remove(absent);
        return types.stream().mapToInt(Integer::intValue).toArray();
    }

    /**
     * The record of the zone's NSEC chain (RFC 4034 section 4) that stands at a name, or covers it. As many as the zone has names: their
     * signatures can all be kept.
     */
    RRset chain(Name name) {
        Name[] names = zone.ordered(this::isInChain);
        int found = Arrays.binarySearch(names, name);
        // the apex comes first, so whatever lies in the zone has one before it
        int owner = found >= 0 ? found : -found - 2;
        return new RRset(new NSECRecord(
                names[owner], DClass.IN, negativeTtl(), names[(owner + 1) % names.length], types(names[owner], 0)));
    }

    /** Puts the names in order if that was needed before the zone changed: queries would else wait for it, a third of a second with 100,000 names. */
    void keepOrder() {
        if (zone.wasOrdered()) {
            zone.ordered(this::isInChain);
        }
    }

    private boolean isInChain(Name name) {
        @Nullable ZoneNode node = zone.node(name);
        return node != null
                && !node.isEmpty()
                && (isAuthoritative(name) || (isCut(name) && isAuthoritative(new Name(name, 1))));
    }
}
