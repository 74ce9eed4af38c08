package com.kingcdn.redirector.transfer;

import com.kingcdn.redirector.zone.InvalidZoneException;
import com.kingcdn.redirector.zone.ZoneContent;
import com.kingcdn.redirector.zone.ZoneDelta;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.TSIG;
import org.xbill.DNS.Type;
import org.xbill.DNS.ZoneTransferException;
import org.xbill.DNS.ZoneTransferIn;

/** A zone on its way in from one primary, within bounds of size and time. */
final class TransferIn implements ZoneTransferIn.ZoneTransferHandler {

    private static final Duration ASK_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration TRANSFER_TIMEOUT = Duration.ofMinutes(5);
    private static final int MOST_RECORDS = 5_000_000;
    private static final long MOST_BYTES = 1L << 30;

    private final @Nullable ZoneContent before;
    private final List<Record> whole = new ArrayList<>();
    private final List<ZoneDelta> deltas = new ArrayList<>();
    private final List<Record> removed = new ArrayList<>();
    private final List<Record> added = new ArrayList<>();
    private @Nullable SOARecord from;
    private @Nullable SOARecord to;
    private boolean incremental;
    private int records;
    private long bytes;

    private TransferIn(@Nullable ZoneContent before) {
        this.before = before;
    }

    /** The serial number that a primary has. */
    static long serial(Name origin, InetSocketAddress primary, @Nullable TSIG key) throws IOException {
        SimpleResolver resolver = new SimpleResolver(primary);
        resolver.setTimeout(ASK_TIMEOUT);
        resolver.setTSIGKey(key);
        Message query = Message.newQuery(Record.newRecord(origin, Type.SOA, DClass.IN));
        query.getHeader().unsetFlag(Flags.RD);
        Message answer = resolver.send(query);
        if (key != null && !answer.isVerified()) {
            // the library only notes it
            throw new IOException("its answer (" + Rcode.string(answer.getRcode()) + ") is not signed with the key");
        }
        for (Record record : answer.getSection(Section.ANSWER)) {
            if (record instanceof SOARecord soa && record.getName().equals(origin)) {
                return soa.getSerial();
            }
        }
        throw new IOException("it answers the question for the zone's SOA with " + Rcode.string(answer.getRcode()));
    }

    /**
     * What a primary has.
     *
     * @param before what we have, for an incremental transfer, or null for a whole one
     * @throws InvalidZoneException when what comes is no zone
     */
    static ZoneContent fetch(Name origin, InetSocketAddress primary, @Nullable TSIG key, @Nullable ZoneContent before)
            throws IOException, ZoneTransferException {
        ZoneTransferIn transfer = before == null
                ? ZoneTransferIn.newAXFR(origin, primary, key)
                : ZoneTransferIn.newIXFR(origin, before.serial(), true, primary, key);
        transfer.setTimeout(TRANSFER_TIMEOUT);
        TransferIn in = new TransferIn(before);
        transfer.run(in);
        return in.result(origin);
    }

    private ZoneContent result(Name origin) throws ZoneTransferException {
        if (before != null && incremental) {
            endDelta();
            ZoneContent content = before;
            for (ZoneDelta delta : deltas) {
                if (delta.from().getSerial() != content.serial()) {
                    throw new ZoneTransferException("an increment does not begin where the one before ended");
                }
                content = content.with(delta);
            }
            return content;
        }
        if (whole.isEmpty() && before != null) {
            return before;
        }
        return ZoneContent.of(origin, whole);
    }

    @Override
    public void startAXFR() {
        whole.clear();
    }

    @Override
    public void startIXFR() {
        incremental = true;
    }

    @Override
    public void startIXFRDeletes(Record soa) {
        endDelta();
        from = (SOARecord) soa;
    }

    @Override
    public void startIXFRAdds(Record soa) {
        to = (SOARecord) soa;
    }

    private void endDelta() {
        if (from != null && to != null) {
            deltas.add(new ZoneDelta(from, to, removed, added));
        }
        removed.clear();
        added.clear();
        from = null;
        to = null;
    }

    @Override
    public void handleRecord(Record record) throws ZoneTransferException {
        bytes += record.getName().length() + record.rdataToWireCanonical().length;
        if (++records > MOST_RECORDS || bytes > MOST_BYTES) {
            throw new ZoneTransferException("the zone is larger than " + MOST_RECORDS + " records or 1 GiB");
        }
        if (!incremental) {
            whole.add(record);
        } else if (!(record instanceof SOARecord)) {
            (to == null ? removed : added).add(record);
        }
    }
}
