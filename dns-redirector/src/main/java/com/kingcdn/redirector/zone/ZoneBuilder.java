package com.kingcdn.redirector.zone;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.DClass;
import org.xbill.DNS.NSRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.RRset;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Type;

/** The rules by which records become a zone, held at each record, so that a refusal can name the line it stands in. */
final class ZoneBuilder {

    /** A $GENERATE, or a primary without end, stops here. */
    static final int MOST_RECORDS = 5_000_000;

    /** Address records, the shortest, that a message of 65,535 bytes has room for. */
    static final int MOST_OF_SET = 4_090;

    private final Name origin;
    private final NameMap.Editor<Map<Integer, RRset>> names;
    /** Sets that no content has yet: to these records are added where they are. */
    private final Set<RRset> own = Collections.newSetFromMap(new IdentityHashMap<>());

    private int size;

    ZoneBuilder(Name origin) {
        this(origin, NameMap.empty(), 0);
    }

    /** @param names what is there to begin with; it stays as it is */
    ZoneBuilder(Name origin, NameMap<Map<Integer, RRset>> names, int size) {
        this.origin = origin;
        this.names = names.edit();
        this.size = size;
    }

    /** @throws InvalidZoneException when the record cannot stand in the zone, or not beside the others */
    void add(Record record) {
        checkAlone(record);
        Map<Integer, RRset> sets = names.getOrDefault(record.getName(), Map.of());
        checkBeside(sets, record);
        if (++size > MOST_RECORDS) {
            throw new InvalidZoneException("zone " + origin + " has more than " + MOST_RECORDS + " records");
        }
        @Nullable RRset before = sets.get(record.getType());
        if (before == null) {
            // the copy has no room for more, of which most sets need none
            put(record.getName(), sets, new RRset(new RRset(record)));
            return;
        }
        RRset set = changeable(before, 1);
        int records = set.size();
        set.addRR(record);
        if (set.size() == records) {
            // the same once more (RFC 2181 section 5)
            size--;
        }
        if (set.size() > MOST_OF_SET) {
            throw new InvalidZoneException(record.getName() + " has more than " + MOST_OF_SET + " "
                    + Type.string(record.getType()) + " records: no answer can hold them");
        }
        replace(record.getName(), sets, before, set);
    }

    /** The set itself where it is our own, or a copy; one with room for many where so many are to come. */
    private RRset changeable(RRset set, int more) {
        if (set.size() + more > LargeSet.LEAST && !(set instanceof LargeSet)) {
            return new LargeSet(set);
        }
        if (own.contains(set)) {
            return set;
        }
        return set instanceof LargeSet ? new LargeSet(set) : new RRset(set);
    }

    @SuppressWarnings("ReferenceEquality")
    private void replace(Name name, Map<Integer, RRset> sets, RRset before, RRset set) {
        if (set != before) {
            own.remove(before);
            own.add(set);
            put(name, sets, set);
        }
    }

    /** Takes a record away; false when it is not there. */
    boolean remove(Record record) {
        Map<Integer, RRset> sets = names.getOrDefault(record.getName(), Map.of());
        @Nullable RRset before = sets.get(record.getType());
        if (before == null) {
            return false;
        }
        // before it is looked for, so that no table is made for a set that goes
        RRset set = changeable(before, 0);
        if (ZoneContent.find(set, record) == null) {
            return false;
        }
        size--;
        if (before.size() > 1) {
            set.deleteRR(record);
            replace(record.getName(), sets, before, set);
        } else if (sets.size() > 1) {
            Map<Integer, RRset> others = new LinkedHashMap<>(sets);
            others.remove(record.getType());
            names.put(record.getName(), Map.copyOf(others));
        } else {
            names.remove(record.getName());
        }
        return true;
    }

    private void put(Name name, Map<Integer, RRset> sets, RRset set) {
        if (sets.isEmpty()) {
            names.put(name, Map.of(set.getType(), set));
            return;
        }
        Map<Integer, RRset> changed = new LinkedHashMap<>(sets);
        changed.put(set.getType(), set);
        names.put(name, Map.copyOf(changed));
    }

    private void checkAlone(Record record) {
        Name name = record.getName();
        int type = record.getType();
        if (record.getDClass() != DClass.IN) {
            throw new InvalidZoneException("only class IN is served, not " + DClass.string(record.getDClass()));
        }
        if (!name.subdomain(origin)) {
            throw new InvalidZoneException(name + " lies outside zone " + origin);
        }
        if (type == Type.SOA && !name.equals(origin)) {
            throw new InvalidZoneException(name + " has an SOA record but is not the zone " + origin);
        }
        if (name.isWild() && (type == Type.NS || type == Type.DNAME)) {
            throw new InvalidZoneException(
                    name + ": a wildcard can be no " + Type.string(type) + " (RFC 4592 4.2, RFC 6672 3.3)");
        }
        switch (type) {
            case Type.RRSIG, Type.NSEC, Type.NSEC3, Type.NSEC3PARAM ->
                throw new InvalidZoneException(name + " has a " + Type.string(type)
                        + " record: signatures and denials are made when answering");
            default -> {
                if (type == 0 || type == Type.OPT || (type >= 128 && type <= 255)) {
                    throw new InvalidZoneException(name + ": type " + Type.string(type) + " is none of data");
                }
            }
        }
    }

    private void checkBeside(Map<Integer, RRset> sets, Record record) {
        int type = record.getType();
        @Nullable RRset same = sets.get(type);
        boolean alone = type == Type.CNAME || type == Type.DNAME || type == Type.SOA;
        boolean more = alone && same != null && !same.rrs(false).contains(record);
        boolean others = sets.size() > (same == null ? 0 : 1);
        if (type == Type.CNAME ? others || more : sets.containsKey(Type.CNAME)) {
            throw new InvalidZoneException(record.getName() + " has a CNAME beside other records (RFC 1034 3.6.2)");
        }
        if (type == Type.DNAME && more) {
            throw new InvalidZoneException(record.getName() + " has two DNAME records (RFC 6672 2.4)");
        }
        if (type == Type.SOA && more) {
            throw new InvalidZoneException("zone " + origin + " needs exactly one SOA record, not two");
        }
    }

    /**
     * What was added up; the builder must not be used any more.
     *
     * @throws InvalidZoneException when SOA or NS of the zone are missing
     */
    ZoneContent build() {
        Map<Integer, RRset> apex = names.getOrDefault(origin, Map.of());
        @Nullable RRset soa = apex.get(Type.SOA);
        if (soa == null) {
            throw new InvalidZoneException("zone " + origin + " needs exactly one SOA record");
        }
        if (!apex.containsKey(Type.NS)) {
            throw new InvalidZoneException("zone " + origin + " needs NS records");
        }
        for (RRset set : own) {
            if (set instanceof LargeSet large) {
                large.finish();
            }
        }
        own.clear();
        return new ZoneContent(origin, (SOARecord) soa.first(), names.done(), size);
    }

    /** A name server of the zone that lies in it and has no address there, or null. */
    @Nullable
    Name nameServerWithoutAddress() {
        @Nullable RRset servers = names.getOrDefault(origin, Map.of()).get(Type.NS);
        for (Record record : servers == null ? List.<Record>of() : servers.rrs(false)) {
            Name target = ((NSRecord) record).getTarget();
            Map<Integer, RRset> sets = names.getOrDefault(target, Map.of());
            if (target.subdomain(origin) && !sets.containsKey(Type.A) && !sets.containsKey(Type.AAAA)) {
                return target;
            }
        }
        return null;
    }
}
