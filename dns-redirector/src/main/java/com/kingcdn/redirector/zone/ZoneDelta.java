package com.kingcdn.redirector.zone;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Name;
import org.xbill.DNS.RRset;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Type;

/**
 * The difference between two contents of a zone, as IXFR sends it (RFC 1995 section 4).
 *
 * @param removed without the SOA
 * @param added without the SOA; a record whose TTL changes is removed and added
 */
public record ZoneDelta(SOARecord from, SOARecord to, List<Record> removed, List<Record> added) {

    public ZoneDelta {
        removed = List.copyOf(removed);
        added = List.copyOf(added);
    }

    /** What leads from one content to the other. */
    public static ZoneDelta between(ZoneContent from, ZoneContent to) {
        return new ZoneDelta(from.soa(), to.soa(), missing(from, to), missing(to, from));
    }

    /** The records of one content that the other has not, or has with another TTL. */
    @SuppressWarnings("ReferenceEquality")
    private static List<Record> missing(ZoneContent of, ZoneContent in) {
        List<Record> result = new ArrayList<>();
        for (Name name : of.names()) {
            for (RRset set : of.sets(name).values()) {
                @Nullable RRset other = in.sets(name).get(set.getType());
                // what a change has not touched is the same object in both
                if (set.getType() != Type.SOA && set != other) {
                    addMissing(set, other, result);
                }
            }
        }
        return result;
    }

    private static void addMissing(RRset set, @Nullable RRset in, List<Record> to) {
        // not its own table, which it would keep
        @Nullable Map<RecordData, Record> table = in instanceof LargeSet ? LargeSet.tableOf(in.rrs(false)) : null;
        for (Record record : set.rrs(false)) {
            @Nullable Record other = null;
            if (table != null) {
                other = table.get(RecordData.of(record));
            } else if (in != null) {
                other = ZoneContent.find(in, record);
            }
            if (other == null || other.getTTL() != record.getTTL()) {
                to.add(record);
            }
        }
    }

    /** Whether only the SOA may differ. */
    public boolean isEmpty() {
        return removed.isEmpty() && added.isEmpty();
    }

    /** How many records it has, SOAs not counted. */
    public int size() {
        return removed.size() + added.size();
    }
}
