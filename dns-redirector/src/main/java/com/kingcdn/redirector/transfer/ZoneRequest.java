package com.kingcdn.redirector.transfer;

import com.kingcdn.redirector.registry.AccessRule;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.TSIG;
import org.xbill.DNS.TSIGRecord;
import org.xbill.DNS.Type;

/** A message from another server, its signature verified (RFC 8945 section 5.2); responses to it are signed alike. */
final class ZoneRequest {

    private static final int DATAGRAM = 1232;
    private static final int DATAGRAM_WITHOUT_EDNS = 512;
    /** Where the header says how many records the additional section has. */
    private static final int ADDITIONAL_COUNT = 10;

    private final Message message;
    private final InetAddress client;
    private final boolean datagram;
    private final @Nullable TSIG key;
    private final int error;

    private ZoneRequest(Message message, InetAddress client, boolean datagram, @Nullable TSIG key, int error) {
        this.message = message;
        this.client = client;
        this.datagram = datagram;
        this.key = key;
        this.error = error;
    }

    /** @throws IOException when the bytes are no message */
    static ZoneRequest read(byte[] bytes, InetAddress client, boolean datagram, TsigKeys keys) throws IOException {
        Message message = new Message(bytes);
        check(message);
        @Nullable TSIGRecord signature = message.getTSIG();
        if (signature == null) {
            return new ZoneRequest(message, client, datagram, null, Rcode.NOERROR);
        }
        @Nullable TSIG key = keys.find(signature.getName());
        int error = key == null ? Rcode.BADKEY : key.verify(message, bytes, null);
        return new ZoneRequest(message, client, datagram, error == Rcode.BADKEY ? null : key, error);
    }

    /** The library reads records that it cannot write, and so not compare, such as a WKS without services. */
    private static void check(Message message) throws IOException {
        for (int section = Section.ANSWER; section <= Section.ADDITIONAL; section++) {
            for (Record record : message.getSection(section)) {
                if (record.getType() == Type.TSIG && section != Section.ADDITIONAL) {
                    // RFC 8945 section 5.2; further down the library itself wants it last
                    throw new IOException("a signature does not stand at the end");
                }
                try {
                    record.rdataToWireCanonical();
                } catch (RuntimeException e) {
                    throw new IOException("the data of " + record.getName() + " are none of its type", e);
                }
            }
        }
    }

    Message message() {
        return message;
    }

    InetAddress client() {
        return client;
    }

    boolean isDatagram() {
        return datagram;
    }

    int opcode() {
        return message.getHeader().getOpcode();
    }

    /** The one question, or zone of an update; null when there is not exactly one of class IN. */
    @Nullable
    Record question() {
        List<Record> questions = message.getSection(Section.QUESTION);
        return questions.size() == 1 && questions.get(0).getDClass() == DClass.IN ? questions.get(0) : null;
    }

    /** What is to be said where {@link #question} is null: there are no zones of other classes (RFC 2136 section 3.1.2). */
    int questionError() {
        return message.getSection(Section.QUESTION).size() == 1 ? Rcode.NOTAUTH : Rcode.FORMERR;
    }

    /** What is wrong with the signature: NOERROR, BADKEY, BADSIG, BADTIME, or FORMERR. */
    int error() {
        return error;
    }

    /** The name of the key that the request is signed with, in lower case without a final dot; null when it is not. */
    @Nullable
    String signer() {
        @Nullable TSIGRecord signature = message.getTSIG();
        return key == null || signature == null || error != Rcode.NOERROR
                ? null
                : signature.getName().toString(true).toLowerCase(Locale.ROOT);
    }

    /** The first of these rules that admits the request, or null. */
    @Nullable
    AccessRule admitted(List<AccessRule> rules) {
        @Nullable String signer = signer();
        return signer == null
                ? null
                : rules.stream()
                        .filter(rule -> rule.admits(signer, client))
                        .findFirst()
                        .orElse(null);
    }

    /** A response that has no records yet. */
    Message response(int rcode) {
        Message response = new Message(message.getHeader().getID());
        response.getHeader().setOpcode(opcode());
        response.getHeader().setFlag(Flags.QR);
        response.getHeader().setRcode(rcode);
        message.getSection(Section.QUESTION).forEach(record -> response.addRecord(record, Section.QUESTION));
        if (message.getOPT() != null) {
            response.addRecord(new OPTRecord(DATAGRAM, 0, 0), Section.ADDITIONAL);
        }
        return response;
    }

    /** A response that says only this code. */
    byte[] write(int rcode) {
        return write(response(rcode));
    }

    /** The response in wire form, signed when the request was, cut off when it is too long for its way. */
    byte[] write(Message response) {
        @Nullable TSIGRecord signature = message.getTSIG();
        if (signature != null && key != null && error != Rcode.FORMERR) {
            // RFC 8945 section 5.3.2: an answer to what is not proven to come from the key's owner proves nothing
            // either
            response.setTSIG(key, error, error == Rcode.BADSIG ? null : signature);
        } else if (signature != null) {
            return withLast(response, unsigned(signature));
        }
        return response.toWire(limit());
    }

    /** In wire form with a record behind all others, if it fits; the library writes an OPT record behind those it is given. */
    private byte[] withLast(Message response, Record last) {
        byte[] wire = response.toWire(limit());
        byte[] end = last.toWire(Section.ADDITIONAL);
        if (wire.length + end.length > limit()) {
            return wire;
        }
        ByteBuffer whole =
                ByteBuffer.allocate(wire.length + end.length).put(wire).put(end);
        int additional = whole.getShort(ADDITIONAL_COUNT) + 1;
        return whole.putShort(ADDITIONAL_COUNT, (short) additional).array();
    }

    private TSIGRecord unsigned(TSIGRecord signature) {
        return new TSIGRecord(
                signature.getName(),
                DClass.ANY,
                0,
                signature.getAlgorithm(),
                signature.getTimeSigned(),
                signature.getFudge(),
                new byte[0],
                message.getHeader().getID(),
                error == Rcode.NOERROR ? Rcode.BADKEY : error,
                new byte[0]);
    }

    /** The longest response, in bytes. */
    int limit() {
        if (!datagram) {
            return Message.MAXLENGTH;
        }
        @Nullable OPTRecord options = message.getOPT();
        return options == null
                ? DATAGRAM_WITHOUT_EDNS
                : Math.max(DATAGRAM_WITHOUT_EDNS, Math.min(options.getPayloadSize(), DATAGRAM));
    }

    /** Signs the messages of one answer, each with the one before (RFC 8945 section 5.3.1); null when none is to be signed. */
    TSIG.@Nullable StreamGenerator signatures() {
        return key == null ? null : new TSIG.StreamGenerator(key, message.getTSIG());
    }

    /** The query as it would be without its signature. */
    byte[] unsignedBytes() {
        Message copy = message.clone();
        @Nullable TSIGRecord signature = copy.getTSIG();
        if (signature != null) {
            copy.removeRecord(signature, Section.ADDITIONAL);
        }
        return copy.toWire();
    }

    @Override
    public String toString() {
        @Nullable Record question = question();
        Name name = question == null ? Name.empty : question.getName();
        return Opcode.string(opcode()) + " for " + name + " from " + client.getHostAddress() + ", key " + signer();
    }
}
