package com.kingcdn.redirector.zone;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DNSOutput;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.NSRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.PTRRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;

/**
 * The writer of answers in wire form, without their question, as {@link PreparedAnswer} describes it.
 *
 * <p>Names are compressed (RFC 1035 section 4.1.4) where they own records, and in the data of those types that all receivers expect it
 * in (RFC 3597 section 4). The question's own parts are only taken note of when a name is written that is not the question.
 */
final class AnswerMessage {

    private static final int QUESTION_AT = 12;
    /** Of type and class, after its name. */
    private static final int QUESTION_REST = 4;

    /** From the start of a record that the root owns to its data. */
    private static final int ROOT_TO_DATA = 11;

    private static final int QR = 0x8000;
    private static final int AA = 0x0400;
    private static final int POINTER = 0xc000;
    private static final int MOST_POINTED_TO = 0x3fff;
    /** The longest message there is. What is longer is sent as TC alone, so the rest of it is not written. */
    private static final int MOST_OCTETS = 65535;

    private final Name question;
    private final DNSOutput out = new DNSOutput();
    private @Nullable Map<Suffix, Integer> places;

    private AnswerMessage(Name question) {
        this.question = question;
    }

    /**
     * Writes an answer; of one that is longer than any message, no more than shows that.
     *
     * @param question in lower case
     */
    static byte[] write(Name question, ZoneAnswer answer) {
        AnswerMessage message = new AnswerMessage(question);
        message.out.writeU16(0);
        message.out.writeU16(QR | (answer.authoritative() ? AA : 0) | (answer.rcode() & 15));
        message.out.writeU16(1);
        for (List<Record> section : List.of(answer.answer(), answer.authority(), answer.additional())) {
            // so many do not fit, and are not sent
            message.out.writeU16(section.size() & 0xffff);
        }
        message.writeAll(answer.answer());
        message.writeAll(answer.authority());
        message.writeAll(answer.additional());
        return message.out.toByteArray();
    }

    private void writeAll(List<Record> section) {
        for (Record record : section) {
            if (out.current() > MOST_OCTETS) {
                return;
            }
            write(record);
        }
    }

    private void write(Record record) {
        write(record.getName());
        out.writeU16(record.getType());
        out.writeU16(record.getDClass());
        out.writeU32(record.getTTL());
        int length = out.current();
        out.writeU16(0);
        writeData(record);
        out.writeU16At(out.current() - length - 2, length);
    }

    private void writeData(Record record) {
        if (record instanceof NSRecord ns) {
            write(ns.getTarget());
        } else if (record instanceof CNAMERecord cname) {
            write(cname.getTarget());
        } else if (record instanceof PTRRecord ptr) {
            write(ptr.getTarget());
        } else if (record instanceof MXRecord mx) {
            out.writeU16(mx.getPriority());
            write(mx.getTarget());
        } else if (record instanceof SOARecord soa) {
            write(soa.getHost());
            write(soa.getAdmin());
            out.writeU32(soa.getSerial());
            out.writeU32(soa.getRefresh());
            out.writeU32(soa.getRetry());
            out.writeU32(soa.getExpire());
            out.writeU32(soa.getMinimum());
        } else {
            byte[] wire = record.withName(Name.root).toWire(Section.ANSWER);
            out.writeByteArray(wire, ROOT_TO_DATA, wire.length - ROOT_TO_DATA);
        }
    }

    private void write(Name name) {
        // the root itself is shorter than a pointer to it
        if (name.equals(question) && name.labels() > 1) {
            out.writeU16(POINTER | QUESTION_AT);
            return;
        }
        if (places == null) {
            places = new HashMap<>();
            Suffix[] own = suffixes(question.toWireCanonical());
            for (Suffix suffix : own) {
                places.put(suffix, QUESTION_AT + suffix.offset);
            }
        }
        int at = out.current() + question.length() + QUESTION_REST;
        byte[] wire = wire(name);
        for (Suffix suffix : suffixes(wire)) {
            @Nullable Integer place = places.get(suffix);
            if (place != null) {
                out.writeByteArray(wire, 0, suffix.offset);
                out.writeU16(POINTER | place);
                return;
            }
            if (at + suffix.offset <= MOST_POINTED_TO) {
                places.put(suffix, at + suffix.offset);
            }
        }
        out.writeByteArray(wire);
    }

    /** The library's own way makes another name for each label. */
    private static byte[] wire(Name name) {
        byte[] wire = new byte[name.length()];
        for (int label = 0, at = 0; at < wire.length; label++) {
            byte[] octets = name.getLabel(label);
            System.arraycopy(octets, 0, wire, at, octets.length);
            at += octets.length;
        }
        return wire;
    }

    /** A name and its ends, the longest first, without the root. */
    private static Suffix[] suffixes(byte[] name) {
        int labels = 0;
        for (int at = 0; name[at] != 0; at += name[at] + 1) {
            labels++;
        }
        Suffix[] suffixes = new Suffix[labels];
        long hash = 0;
        int end = name.length;
        int[] starts = new int[labels];
        for (int at = 0, label = 0; name[at] != 0; at += name[at] + 1) {
            starts[label++] = at;
        }
        for (int label = labels - 1; label >= 0; label--) {
            for (int at = end - 1; at >= starts[label]; at--) {
                hash = SuffixHash.step(hash, name[at]);
            }
            end = starts[label];
            suffixes[label] = new Suffix(name, starts[label], hash);
        }
        return suffixes;
    }

    /** The end of a name in wire form, in any case. */
    private static final class Suffix {

        private final byte[] name;
        private final int offset;
        private final long hash;

        private Suffix(byte[] name, int offset, long hash) {
            this.name = name;
            this.offset = offset;
            this.hash = hash;
        }

        @Override
        public boolean equals(@Nullable Object object) {
            if (!(object instanceof Suffix other)
                    || hash != other.hash
                    || name.length - offset != other.name.length - other.offset) {
                return false;
            }
            for (int i = offset, j = other.offset; i < name.length; i++, j++) {
                if (SuffixHash.lower(name[i]) != SuffixHash.lower(other.name[j])) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public int hashCode() {
            return Long.hashCode(hash);
        }
    }
}
