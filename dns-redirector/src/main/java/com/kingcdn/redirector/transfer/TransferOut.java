package com.kingcdn.redirector.transfer;

import com.kingcdn.redirector.zone.ZoneDelta;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.Serial;
import org.xbill.DNS.TSIG;
import org.xbill.DNS.Type;

/** A zone on its way out: whole (RFC 5936) or as the changes since a serial number (RFC 1995), in messages that are each signed. */
final class TransferOut {

    /** Compression reaches 16383 bytes back: longer messages gain nothing. */
    private static final int MESSAGE_BYTES = 16_000;

    private final ZoneRequest request;
    private final ZoneRequests.Answer answer;
    private final long secondsLeft;
    private final TSIG.@Nullable StreamGenerator signatures;
    private final boolean many;
    private Message message;
    private int bytes;
    private boolean first = true;

    private TransferOut(ZoneRequest request, long secondsLeft, ZoneRequests.Answer answer) {
        this.request = request;
        this.secondsLeft = secondsLeft;
        this.answer = answer;
        this.signatures = request.signatures();
        this.many = !answer.isDatagram();
        this.message = next();
    }

    /**
     * Sends what the request asks for.
     *
     * @param secondsLeft for how long the zone is good (RFC 7314), for those who want to know
     * @return false when the client went away before the end
     */
    static boolean send(ZoneRequest request, LiveZone zone, long secondsLeft, ZoneRequests.Answer answer) {
        List<Record> records = records(request, zone);
        if (answer.isDatagram()) {
            return answer.send(datagram(request, zone, secondsLeft, records));
        }
        TransferOut out = new TransferOut(request, secondsLeft, answer);
        for (Record record : records) {
            if (!out.add(record)) {
                return false;
            }
        }
        return out.flush();
    }

    /** All in one datagram, or else the SOA alone, which says that it is to be asked for over TCP (RFC 1995 section 2). */
    private static byte[] datagram(ZoneRequest request, LiveZone zone, long secondsLeft, List<Record> records) {
        int estimate = records.stream().mapToInt(TransferOut::length).sum();
        Message response = first(request, secondsLeft);
        List<Record> fitting =
                estimate < request.limit() / 2 ? records : List.of(zone.shown().soa());
        fitting.forEach(record -> response.addRecord(record, Section.ANSWER));
        return request.write(response);
    }

    private static Message first(ZoneRequest request, long secondsLeft) {
        Message response = request.response(Rcode.NOERROR);
        response.getHeader().setFlag(Flags.AA);
        if (Expiry.isAsked(request.message())) {
            Expiry.say(response, secondsLeft);
        }
        return response;
    }

    private static List<Record> records(ZoneRequest request, LiveZone zone) {
        SOARecord soa = zone.shown().soa();
        Record question = request.question();
        if (question != null && question.getType() == Type.IXFR) {
            @Nullable Long known = knownSerial(request);
            if (known != null && Serial.compare(known, soa.getSerial()) >= 0) {
                return List.of(soa);
            }
            @Nullable List<ZoneDelta> deltas = known == null ? null : zone.since(known);
            if (deltas != null) {
                return increments(soa, deltas);
            }
            if (request.isDatagram()) {
                return List.of(soa);
            }
        }
        List<Record> whole = new ArrayList<>(zone.shown().size() + 1);
        whole.add(soa);
        whole.addAll(zone.shown().sorted());
        whole.add(soa);
        return whole;
    }

    private static List<Record> increments(SOARecord soa, List<ZoneDelta> deltas) {
        List<Record> records = new ArrayList<>();
        records.add(soa);
        for (ZoneDelta delta : deltas) {
            records.add(delta.from());
            records.addAll(delta.removed());
            records.add(delta.to());
            records.addAll(delta.added());
        }
        records.add(soa);
        return records;
    }

    /** The serial number that an IXFR request says its sender has, or null. */
    static @Nullable Long knownSerial(ZoneRequest request) {
        for (Record record : request.message().getSection(Section.AUTHORITY)) {
            if (record instanceof SOARecord soa) {
                return soa.getSerial();
            }
        }
        return null;
    }

    private Message next() {
        Message response = first(request, secondsLeft);
        if (!first) {
            // RFC 5936 section 2.2.1: the question may stand in the first message only
            response.removeAllRecords(Section.QUESTION);
            // and so may the OPT record (section 2.2.5)
            response.removeAllRecords(Section.ADDITIONAL);
        }
        bytes = 0;
        return response;
    }

    private boolean add(Record record) {
        int length = length(record);
        if (bytes > 0 && bytes + length > MESSAGE_BYTES && many && !flush()) {
            return false;
        }
        message.addRecord(record, Section.ANSWER);
        bytes += length;
        return true;
    }

    private boolean flush() {
        if (signatures != null) {
            signatures.generate(message);
        }
        // as it was signed: with a limit the library writes the OPT record behind the signature (RFC 8945 section 5.1)
        byte[] wire = message.toWire();
        first = false;
        message = next();
        return wire.length <= Message.MAXLENGTH && answer.send(wire);
    }

    private static int length(Record record) {
        return record.getName().length() + 10 + record.rdataToWireCanonical().length;
    }
}
