package com.kingcdn.redirector.transfer;

import com.kingcdn.redirector.zone.ZoneContent;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.SPFRecord;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.Type;
import org.xbill.DNS.UNKRecord;

/**
 * The memory that copies of others' zones take, those that are served and those on their way in, and its limit: however much primaries send,
 * and however many at once, there is room for all else. Estimated by record, rather too high. Thread-safe.
 */
final class CopyMemory {

    /** A record with its name, its place in a set and the set's in the zone, as measured, apart from their octets. */
    private static final int RECORD = 240;

    /** One string of a TXT record, which may be empty. */
    private static final int STRING = 24;

    /** What an octet may become where data are many small parts. */
    private static final int SMALL_PARTS = 16;

    private final long limit;
    private final Map<Name, Long> held = new HashMap<>();
    private long taken;

    /** @param limit in bytes */
    CopyMemory(long limit) {
        this.limit = limit;
    }

    /** What one transfer takes until it is closed. For one thread. */
    final class Claim implements AutoCloseable {

        private long own;

        /** @throws TransferException when there is no room for this record */
        void add(Record record) throws TransferException {
            long bytes = weight(record);
            if (!reserve(bytes)) {
                TransferMetrics.NO_ROOM.inc();
                // a change has what goes away too, so the whole may do
                throw TransferException.ofIncrement("there is no room for it: copies of zones may take "
                        + (limit >> 10) + " KiB of memory (kingcdn.redirector.copies.memory), of which "
                        + ((taken() - own) >> 10) + " KiB are others'");
            }
            own += bytes;
        }

        /** What came is the zone's copy now, in place of the one before; nobody gets the room in between. */
        void become(Name zone, ZoneContent content) {
            long bytes = weight(content);
            synchronized (CopyMemory.this) {
                clear();
                hold(zone, bytes);
            }
        }

        /** Begins again. */
        void clear() {
            release(own);
            own = 0;
        }

        @Override
        public void close() {
            clear();
        }
    }

    Claim claim() {
        return new Claim();
    }

    private synchronized boolean reserve(long bytes) {
        if (taken + bytes > limit) {
            return false;
        }
        taken += bytes;
        TransferMetrics.COPIES.set((double) taken);
        return true;
    }

    private synchronized void release(long bytes) {
        taken -= bytes;
        TransferMetrics.COPIES.set((double) taken);
    }

    /** Bytes in all. */
    synchronized long taken() {
        return taken;
    }

    /** A copy is there, in place of the one before. */
    void hold(Name zone, ZoneContent content) {
        hold(zone, weight(content));
    }

    private synchronized void hold(Name zone, long bytes) {
        drop(zone);
        held.put(zone, bytes);
        taken += bytes;
        TransferMetrics.COPIES.set((double) taken);
    }

    /** Whether there is room for a copy besides all that is there. */
    boolean fits(ZoneContent content) {
        return taken() + weight(content) <= limit;
    }

    /** The copy is gone, if there was one. */
    synchronized void drop(Name zone) {
        @Nullable Long before = held.remove(zone);
        if (before != null) {
            release(before);
        }
    }

    private static long weight(ZoneContent content) {
        long bytes = 0;
        for (Name name : content.names()) {
            for (Iterable<Record> set : content.sets(name).values()) {
                bytes += weight(set);
            }
        }
        return bytes;
    }

    /** Bytes of the heap that records take together, about. */
    static long weight(Iterable<Record> records) {
        long bytes = 0;
        for (Record record : records) {
            bytes += weight(record);
        }
        return bytes;
    }

    /** Bytes of the heap, about. */
    static long weight(Record record) {
        int data = record.rdataToWireCanonical().length;
        long parts =
                switch (record.getType()) {
                    case Type.A, Type.AAAA, Type.NS, Type.CNAME, Type.DNAME, Type.PTR, Type.MX, Type.SRV, Type.SOA -> 0;
                    case Type.DS, Type.DNSKEY, Type.CDS, Type.CDNSKEY, Type.TLSA, Type.SSHFP, Type.CAA -> 0;
                    case Type.TXT ->
                        (long) STRING
                                * ((TXTRecord) record).getStringsAsByteArrays().size();
                    case Type.SPF ->
                        (long) STRING
                                * ((SPFRecord) record).getStringsAsByteArrays().size();
                    default -> record instanceof UNKRecord ? 0 : (long) SMALL_PARTS * data;
                };
        return RECORD + record.getName().length() + data + parts;
    }
}
