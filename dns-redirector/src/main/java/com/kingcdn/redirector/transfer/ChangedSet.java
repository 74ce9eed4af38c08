package com.kingcdn.redirector.transfer;

import com.kingcdn.redirector.zone.RecordData;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Record;

/**
 * One record set while an update changes it, found by a table, since it may have thousands of records and the update too. Records are equal
 * when all but their TTLs are.
 */
final class ChangedSet {

    private final List<Record> before;
    private final Map<RecordData, Record> now = new LinkedHashMap<>();

    /** What all have once one was added (RFC 2181 section 5.2: one TTL for a set), or null when each has its own. */
    private @Nullable Long ttl;

    /** @param before the set's records as they are in the zone */
    ChangedSet(List<Record> before) {
        this.before = before;
        before.forEach(record -> now.put(RecordData.of(record), record));
    }

    int size() {
        return now.size();
    }

    void add(Record record) {
        // as it was written last, and behind the others
        RecordData data = RecordData.of(record);
        now.remove(data);
        now.put(data, record);
        ttl = record.getTTL();
    }

    /** Removes the record with the same data, if there is one; a deletion may name data that none of the type can have. */
    void remove(Record record) {
        now.remove(RecordData.of(record));
    }

    void clear() {
        now.clear();
    }

    /** Adds what goes away and what comes; a record whose TTL changes does both. */
    void difference(List<Record> removed, List<Record> added) {
        Map<RecordData, Long> had = new HashMap<>(before.size() * 2);
        for (Record record : before) {
            RecordData data = RecordData.of(record);
            had.put(data, record.getTTL());
            @Nullable Record kept = now.get(data);
            if (kept == null || ttl(kept) != record.getTTL()) {
                removed.add(record);
            }
        }
        now.forEach((data, record) -> {
            long wanted = ttl(record);
            @Nullable Long known = had.get(data);
            if (known == null || known != wanted) {
                added.add(record.getTTL() == wanted ? record : ZoneText.withTtl(record, wanted));
            }
        });
    }

    private long ttl(Record record) {
        return ttl == null ? record.getTTL() : ttl;
    }
}
