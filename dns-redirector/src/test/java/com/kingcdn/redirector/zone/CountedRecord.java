package com.kingcdn.redirector.zone;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.Compression;
import org.xbill.DNS.DClass;
import org.xbill.DNS.DNSOutput;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;

/** An address record that counts how often it is written: each comparison with another, and each look into a table, writes it once. */
public final class CountedRecord extends ARecord {

    private static final long serialVersionUID = 1;

    private static final AtomicLong WRITTEN = new AtomicLong();

    private CountedRecord(Name name, long ttl, InetAddress address) {
        super(name, DClass.IN, ttl, address);
    }

    @Override
    protected void rrToWire(DNSOutput out, Compression compression, boolean canonical) {
        WRITTEN.incrementAndGet();
        super.rrToWire(out, compression, canonical);
    }

    /** Records of one name, the addresses one after the other. */
    public static List<Record> set(Name name, long ttl, int first, int count) {
        List<Record> records = new ArrayList<>();
        try {
            for (int i = first; i < first + count; i++) {
                byte[] address = {10, (byte) (i >> 16), (byte) (i >> 8), (byte) i};
                records.add(new CountedRecord(name, ttl, InetAddress.getByAddress(address)));
            }
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has 4 bytes", e);
        }
        return records;
    }

    /** How often records are written while this runs. */
    public static long written(Runnable work) {
        long before = WRITTEN.get();
        work.run();
        return WRITTEN.get() - before;
    }
}
