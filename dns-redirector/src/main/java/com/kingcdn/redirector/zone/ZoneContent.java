package com.kingcdn.redirector.zone;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Name;
import org.xbill.DNS.RRset;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Type;

/** The records of one zone as at one serial number: what its file, updates and transfers add up to. Immutable. */
public final class ZoneContent {

    private final Name origin;
    private final SOARecord soa;
    private final NameMap<Map<Integer, RRset>> names;
    private final int size;

    ZoneContent(Name origin, SOARecord soa, NameMap<Map<Integer, RRset>> names, int size) {
        this.origin = origin;
        this.soa = soa;
        this.names = names;
        this.size = size;
    }

    /**
     * A zone of these records.
     *
     * @throws InvalidZoneException when they are none
     */
    public static ZoneContent of(Name origin, Iterable<Record> records) {
        ZoneBuilder builder = new ZoneBuilder(origin);
        records.forEach(builder::add);
        return builder.build();
    }

    /** The zone's name, absolute and in lower case. */
    public Name origin() {
        return origin;
    }

    public SOARecord soa() {
        return soa;
    }

    /** RFC 1982, 32 bits. */
    public long serial() {
        return soa.getSerial();
    }

    /** How many records, the SOA counted once. */
    public int size() {
        return size;
    }

    /** All names that own records. */
    public Collection<Name> names() {
        return names.names();
    }

    /** The record sets of a name by type; empty when it owns none. */
    public Map<Integer, RRset> sets(Name name) {
        return names.getOrDefault(name, Map.of());
    }

    /** The records of a name and type; empty when there are none. */
    public List<Record> records(Name name, int type) {
        @Nullable RRset set = sets(name).get(type);
        return set == null ? List.of() : set.rrs(false);
    }

    /** All records but the SOA, in canonical order of their names (RFC 4034 section 6.1). */
    public List<Record> sorted() {
        List<Name> order = new ArrayList<>(names.names());
        Collections.sort(order);
        List<Record> records = new ArrayList<>(size);
        for (Name name : order) {
            for (RRset set : sets(name).values()) {
                if (set.getType() != Type.SOA) {
                    records.addAll(set.rrs(false));
                }
            }
        }
        return records;
    }

    /** The record as it stands in the zone, with its TTL, or null; records are equal when all but their TTLs are. */
    public @Nullable Record find(Record record) {
        @Nullable RRset set = sets(record.getName()).get(record.getType());
        return set == null ? null : find(set, record);
    }

    static @Nullable Record find(RRset set, Record record) {
        if (set instanceof LargeSet large) {
            return large.find(record);
        }
        for (Record own : set.rrs(false)) {
            if (own.equals(record)) {
                return own;
            }
        }
        return null;
    }

    /**
     * The same zone after changes that come from elsewhere, each leading on from the one before.
     *
     * @throws InvalidZoneException when they do not begin here, take away what is not there, or it is no zone any more
     */
    public ZoneContent follow(List<ZoneDelta> deltas) {
        if (deltas.isEmpty()) {
            return this;
        }
        ZoneBuilder builder = new ZoneBuilder(origin, names, size);
        SOARecord current = soa;
        for (ZoneDelta delta : deltas) {
            if (delta.from().getSerial() != current.getSerial()) {
                throw new InvalidZoneException(
                        "a change of serial " + delta.from().getSerial() + " cannot follow " + current.getSerial());
            }
            for (Record record : delta.removed()) {
                if (!builder.remove(record)) {
                    throw new InvalidZoneException(record + " is to be removed and is not there");
                }
            }
            delta.added().forEach(builder::add);
            builder.remove(current);
            builder.add(delta.to());
            current = delta.to();
        }
        return builder.build();
    }

    /**
     * The same zone after a change.
     *
     * @throws InvalidZoneException when that is no zone any more
     */
    public ZoneContent with(ZoneDelta delta) {
        ZoneBuilder builder = new ZoneBuilder(origin, names, size);
        delta.removed().forEach(builder::remove);
        delta.added().forEach(builder::add);
        builder.remove(soa);
        builder.add(delta.to());
        return builder.build();
    }
}
