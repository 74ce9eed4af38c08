package com.kingcdn.redirector.zone;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Record;

/**
 * The data of a record in canonical form (RFC 4034 section 6.2): what tells the records of one set apart. As a key of tables it is far quicker
 * than the record, which writes its data each time that it is compared, and whose hash code is the same for most addresses of a network.
 */
public final class RecordData implements Comparable<RecordData> {

    /* FNV-1a */
    private static final int BASIS = 0x811c9dc5;
    private static final int PRIME = 0x01000193;

    private final byte[] octets;
    private final int hash;

    private RecordData(byte[] octets) {
        this.octets = octets;
        int mixed = BASIS;
        for (byte octet : octets) {
            mixed = (mixed ^ (octet & 0xff)) * PRIME;
        }
        this.hash = mixed;
    }

    public static RecordData of(Record record) {
        return new RecordData(record.rdataToWireCanonical());
    }

    /** So that a table stays quick whatever data somebody chooses. */
    @Override
    public int compareTo(RecordData other) {
        return Arrays.compareUnsigned(octets, other.octets);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RecordData data && hash == data.hash && Arrays.equals(octets, data.octets);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
