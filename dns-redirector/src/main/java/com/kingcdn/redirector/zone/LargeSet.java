package com.kingcdn.redirector.zone;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.RRSIGRecord;
import org.xbill.DNS.RRset;
import org.xbill.DNS.Record;

/**
 * A record set of so many records that each is found by a table: the library's own set compares a record that comes with all that are there,
 * so that building one of thousands takes millions of comparisons. It changes until it is part of a zone, and never after.
 */
final class LargeSet extends RRset {

    private static final long serialVersionUID = 1;

    /** Up to here comparing costs less than a table. */
    static final int LEAST = 8;

    /** Equal records are one, whatever their TTLs; null when nothing changes any more. */
    private transient @Nullable Map<RecordData, Record> growing;

    private transient List<Record> records = List.of();
    /** Made when a record is first looked for: only those of a zone that updates change ever are. */
    private transient volatile @Nullable Map<RecordData, Record> table;

    private long ttl;

    /** @param others records of one name and type, at least one; none twice */
    LargeSet(RRset others) {
        // the library's other constructors call what is overridden here
        ttl = others.getTTL();
        growing = tableOf(others.rrs(false));
    }

    private LargeSet(List<Record> distinct) {
        ttl = distinct.get(0).getTTL();
        records = List.copyOf(distinct);
    }

    /** A set of records that are known to differ and to have one TTL. */
    static RRset of(List<Record> distinct) {
        return distinct.size() <= LEAST ? new RRset(distinct) : new LargeSet(distinct);
    }

    static Map<RecordData, Record> tableOf(List<Record> records) {
        // with room for them all
        Map<RecordData, Record> table = new LinkedHashMap<>(records.size() * 2);
        records.forEach(record -> table.put(RecordData.of(record), record));
        return table;
    }

    private Map<RecordData, Record> growing() {
        @Nullable Map<RecordData, Record> held = growing;
        if (held == null) {
            throw new UnsupportedOperationException("the set is part of a zone already");
        }
        return held;
    }

    /** Adds a record unless it is there; the least TTL is the set's (RFC 2181 section 5.2). */
    @Override
    public void addRR(Record record) {
        growing().putIfAbsent(RecordData.of(record), record);
        // the library's own set does so even when the record is there
        ttl = Math.min(ttl, record.getTTL());
    }

    @Override
    public void deleteRR(Record record) {
        growing().remove(RecordData.of(record));
    }

    /** Ends its changes. */
    void finish() {
        List<Record> result = new ArrayList<>(growing().size());
        for (Record record : growing().values()) {
            result.add(record.getTTL() == ttl ? record : withTtl(record));
        }
        records = List.copyOf(result);
        growing = null;
    }

    /** Only the library can copy a record with another TTL and all else as it was: it does so in a set whose TTL is less. */
    private Record withTtl(Record record) {
        RRset pair = new RRset(Record.newRecord(record.getName(), record.getType(), record.getDClass(), ttl));
        pair.addRR(record);
        // data may be empty, and then are those of the first
        return pair.rrs(false).get(pair.size() - 1);
    }

    /** The record as it is here, or null; records are equal when all but their TTLs are. */
    @Nullable
    Record find(Record record) {
        if (growing != null) {
            return growing().get(RecordData.of(record));
        }
        @Nullable Map<RecordData, Record> known = table;
        if (known == null) {
            known = tableOf(records);
            table = known;
        }
        return known.get(RecordData.of(record));
    }

    private Collection<Record> now() {
        return growing == null ? records : growing().values();
    }

    @Override
    public List<Record> rrs(boolean cycle) {
        return List.copyOf(now());
    }

    @Override
    public List<Record> rrs() {
        return rrs(false);
    }

    @Override
    public int size() {
        return now().size();
    }

    @Override
    public boolean isEmpty() {
        return size() == 0;
    }

    @Override
    public long getTTL() {
        return ttl;
    }

    @Override
    public Record first() {
        return now().iterator().next();
    }

    @Override
    public Iterator<Record> iterator() {
        return Collections.unmodifiableCollection(now()).iterator();
    }

    @Override
    public void addRR(RRSIGRecord record) {
        throw new UnsupportedOperationException("signatures are kept apart from sets");
    }

    @Override
    public void deleteRR(RRSIGRecord record) {
        throw new UnsupportedOperationException("signatures are kept apart from sets");
    }

    @Override
    public void clear() {
        throw new UnsupportedOperationException("a set of a zone is never empty");
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }

    @Override
    public String toString() {
        return getName() + " " + size() + " records of type " + getType();
    }
}
