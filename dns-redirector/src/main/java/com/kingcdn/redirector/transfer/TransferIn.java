package com.kingcdn.redirector.transfer;

import com.kingcdn.redirector.zone.InvalidZoneException;
import com.kingcdn.redirector.zone.ZoneContent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.TSIG;
import org.xbill.DNS.TSIGRecord;
import org.xbill.DNS.Type;

/**
 * A zone on its way in from one primary over TCP (RFC 5936, RFC 1995), within limits of size and time.
 *
 * <p>With a key, each message is held against the chain of signatures (RFC 8945 section 5.3.1) before anything in it is looked at, its
 * code included, and nothing is made of what came before the last message has proven it all.
 */
final class TransferIn {

    private static final Logger log = LoggerFactory.getLogger(TransferIn.class);

    private static final int DATAGRAM = 1232;
    private static final Duration ASK_TIMEOUT = Duration.ofSeconds(5);

    private final Message query;
    private final TSIG.@Nullable StreamVerifier verifier;
    private final IncomingZone zone;
    private final CopyMemory.Claim memory;
    private boolean isFirst = true;

    private TransferIn(
            Name origin, @Nullable TSIG key, @Nullable ZoneContent before, int records, CopyMemory.Claim memory) {
        this.query = query(origin, before);
        this.verifier = key == null ? null : sign(query, key);
        this.zone = new IncomingZone(origin, before, records);
        this.memory = memory;
    }

    /**
     * What a primary has.
     *
     * @param secondsLeft how long that is good, where it is a copy itself and says so
     */
    record Version(long serial, OptionalLong secondsLeft) {}

    /** Asks a primary what it has. */
    static Version version(Name origin, InetSocketAddress primary, @Nullable TSIG key) throws IOException {
        SimpleResolver resolver = new SimpleResolver(primary);
        resolver.setTimeout(ASK_TIMEOUT);
        resolver.setTSIGKey(key);
        Message query = Message.newQuery(Record.newRecord(origin, Type.SOA, DClass.IN));
        query.getHeader().unsetFlag(Flags.RD);
        query.addRecord(new OPTRecord(DATAGRAM, 0, 0, 0, Expiry.asked()), Section.ADDITIONAL);
        Message answer = resolver.send(query);
        if (key != null && !answer.isVerified()) {
            // the library only notes it
            throw new TransferException(
                    "its answer (" + Rcode.string(answer.getRcode()) + ") is not signed with the key");
        }
        boolean isOwn = answer.getHeader().getFlag(Flags.AA);
        for (Record record : answer.getSection(Section.ANSWER)) {
            if (isOwn && record instanceof SOARecord soa && record.getName().equals(origin)) {
                return new Version(soa.getSerial(), Expiry.in(answer));
            }
        }
        throw new TransferException("it answers the question for the zone's SOA with "
                + Rcode.string(answer.getRcode())
                + (isOwn ? "" : ", not authoritative: it does not serve the zone"));
    }

    /**
     * What a primary has: the changes of what we have, or the whole where these cannot be had or do not fit.
     *
     * @param before what we have, or null for nothing
     * @param memory for what comes, to be given back by the caller
     * @throws InvalidZoneException when what comes is no zone
     */
    static ZoneContent fetch(
            Name origin,
            InetSocketAddress primary,
            @Nullable TSIG key,
            @Nullable ZoneContent before,
            TransferLimits limits,
            CopyMemory.Claim memory)
            throws IOException {
        if (before != null) {
            try {
                return new TransferIn(origin, key, before, limits.records(), memory).run(primary, limits);
            } catch (TransferException e) {
                if (!e.wholeMayDo()) {
                    throw e;
                }
                memory.clear();
                log.info("zone {} is fetched whole from {}: {}", origin, primary, e.getMessage());
            }
        }
        return new TransferIn(origin, key, null, limits.records(), memory).run(primary, limits);
    }

    private static Message query(Name origin, @Nullable ZoneContent before) {
        Message query = Message.newQuery(Record.newRecord(origin, before == null ? Type.AXFR : Type.IXFR, DClass.IN));
        query.getHeader().unsetFlag(Flags.RD);
        if (before != null) {
            query.addRecord(before.soa(), Section.AUTHORITY);
        }
        return query;
    }

    private static TSIG.StreamVerifier sign(Message query, TSIG key) {
        key.apply(query, null);
        return new TSIG.StreamVerifier(key, query.getTSIG());
    }

    private ZoneContent run(InetSocketAddress primary, TransferLimits limits) throws IOException {
        try (PrimaryConnection connection = PrimaryConnection.open(primary, limits)) {
            connection.send(query.toWire());
            while (!zone.isDone()) {
                take(receive(connection));
            }
        }
        return zone.result();
    }

    private byte[] receive(PrimaryConnection connection) throws IOException {
        try {
            return connection.receive();
        } catch (TransferException e) {
            // a newer SOA alone: whoever cannot give the increment may say so like this (RFC 1995 section 2)
            throw zone.isOnlyNews() ? TransferException.ofIncrement("after its newer SOA, " + e.getMessage()) : e;
        }
    }

    private void take(byte[] bytes) throws IOException {
        Message message = new Message(bytes);
        verify(message, bytes);
        check(message);
        isFirst = false;
        List<Record> answer = message.getSection(Section.ANSWER);
        for (Record record : answer) {
            memory.add(record);
            zone.take(record);
        }
        if (verifier != null && zone.isDone() && !message.isVerified()) {
            throw new TransferException("its last message is not signed");
        }
    }

    private void verify(Message message, byte[] bytes) throws TransferException {
        if (verifier == null) {
            return;
        }
        int error = verifier.verify(message, bytes);
        @Nullable TSIGRecord signature = message.getTSIG();
        if (error == Rcode.NOERROR && (signature == null || signature.getError() == Rcode.NOERROR)) {
            return;
        }
        String said = signature == null ? "no signature" : "a signature with " + Rcode.TSIGstring(signature.getError());
        throw new TransferException("a message (" + Rcode.string(message.getRcode()) + ", " + said
                + ") is not proven by the key: " + Rcode.TSIGstring(error));
    }

    /** RFC 5936 section 2.2.1. */
    private void check(Message message) throws TransferException {
        boolean isAnswer = message.getHeader().getFlag(Flags.QR)
                && message.getHeader().getID() == query.getHeader().getID()
                && message.getHeader().getOpcode() == Opcode.QUERY
                && !message.getHeader().getFlag(Flags.TC);
        if (!isAnswer) {
            throw new TransferException("a message is no answer to our query");
        }
        int rcode = message.getRcode();
        if (rcode != Rcode.NOERROR) {
            String reason = "it answers with " + Rcode.string(rcode);
            throw isFirst ? TransferException.ofIncrement(reason) : new TransferException(reason);
        }
        List<Record> questions = message.getSection(Section.QUESTION);
        Record asked = Objects.requireNonNull(query.getQuestion());
        if (!questions.isEmpty() && !questions.equals(List.of(asked))) {
            throw new TransferException("a message answers another question");
        }
        if (isFirst && message.getSection(Section.ANSWER).isEmpty()) {
            throw TransferException.ofIncrement("its answer is empty");
        }
    }
}
