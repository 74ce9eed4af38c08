package com.kingcdn.redirector.transfer;

import java.io.IOException;
import java.util.Base64;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;

/** Records as the journal keeps them, and small changes of records. */
final class ZoneText {

    private ZoneText() {}

    /** The record but for its TTL: the same text for equal records, however their names are spelled. */
    static String write(Record record) {
        Record canonical = Record.newRecord(
                record.getName().canonicalize(),
                record.getType(),
                record.getDClass(),
                0,
                record.rdataToWireCanonical());
        return Base64.getEncoder().encodeToString(canonical.toWire(Section.ANSWER));
    }

    /** @throws IllegalArgumentException when the text is no record */
    static Record read(String text, long ttl) {
        try {
            return withTtl(Record.fromWire(Base64.getDecoder().decode(text), Section.ANSWER), ttl);
        } catch (IOException e) {
            throw new IllegalArgumentException("a record of the journal cannot be read", e);
        }
    }

    static Record withTtl(Record record, long ttl) {
        return Record.newRecord(
                record.getName(), record.getType(), record.getDClass(), ttl, record.rdataToWireCanonical());
    }

    static SOARecord withSerial(SOARecord soa, long serial) {
        return new SOARecord(
                soa.getName(),
                soa.getDClass(),
                soa.getTTL(),
                soa.getHost(),
                soa.getAdmin(),
                serial,
                soa.getRefresh(),
                soa.getRetry(),
                soa.getExpire(),
                soa.getMinimum());
    }
}
