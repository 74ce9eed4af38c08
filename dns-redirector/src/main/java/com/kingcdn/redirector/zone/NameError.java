package com.kingcdn.redirector.zone;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.DNSOutput;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Type;

/**
 * The unsigned answer to names that do not exist in a zone: NXDOMAIN with the SOA record (RFC 2308 section 2.1), which differs from name to
 * name only in the places that its compressed names point to: those are as far from the start as the question is long.
 */
final class NameError {

    static final int HEADER_LENGTH = 12;

    /** The answer to a question for a name in none of our zones. */
    static final ReadyAnswer REFUSED = ReadyAnswer.lasting(body(0, 0x80, Rcode.REFUSED));

    private static final int QR_AND_AA = 0x84;

    private final int originLength;
    private final byte[] record;
    /** Where the record points to the zone's own name, which is the end of the question's. */
    private final int[] pointers;

    private final @Nullable ReadyAnswer[] byLength = new @Nullable ReadyAnswer[ReadyAnswers.LONGEST_NAME + 1];
    /** How many more may be kept, of all zones together: who asks for all lengths in each zone gets the others made anew. */
    private final AtomicInteger room;

    /** @param soa with the TTL of negative answers */
    NameError(SOARecord soa, AtomicInteger room) {
        this.room = room;
        Name origin = soa.getName();
        originLength = origin.length();
        DNSOutput out = new DNSOutput();
        int[] at = new int[3];
        at[0] = name(out, origin, origin);
        out.writeU16(Type.SOA);
        out.writeU16(soa.getDClass());
        out.writeU32(soa.getTTL());
        int lengthAt = out.current();
        out.writeU16(0);
        at[1] = name(out, soa.getHost(), origin);
        at[2] = name(out, soa.getAdmin(), origin);
        out.writeU32(soa.getSerial());
        out.writeU32(soa.getRefresh());
        out.writeU32(soa.getRetry());
        out.writeU32(soa.getExpire());
        out.writeU32(soa.getMinimum());
        out.writeU16At(out.current() - lengthAt - 2, lengthAt);
        record = out.toByteArray();
        pointers = Arrays.stream(at).filter(place -> place >= 0).toArray();
    }

    /** Writes a name, compressed where it ends with the origin; the result is where the pointer is, or -1 for none. */
    private static int name(DNSOutput out, Name name, Name origin) {
        byte[] wire = name.toWire();
        // a pointer to the root would be longer than the root
        if (origin.equals(Name.root) || !name.subdomain(origin)) {
            out.writeByteArray(wire);
            return -1;
        }
        out.writeByteArray(wire, 0, wire.length - origin.length());
        out.writeU16(0xc000);
        return out.current() - 2;
    }

    /** The answer to questions for names in the zone that are so long in wire form, at most {@link ReadyAnswers#LONGEST_NAME}. */
    ReadyAnswer answer(int length) {
        @Nullable ReadyAnswer known = byLength[length];
        if (known != null) {
            return known;
        }
        byte[] body = body(record.length, QR_AND_AA, Rcode.NXDOMAIN);
        body[9] = 1;
        System.arraycopy(record, 0, body, HEADER_LENGTH, record.length);
        int origin = HEADER_LENGTH + length - originLength;
        for (int pointer : pointers) {
            body[HEADER_LENGTH + pointer] |= (byte) (origin >> 8);
            body[HEADER_LENGTH + pointer + 1] = (byte) origin;
        }
        ReadyAnswer made = ReadyAnswer.lasting(body);
        if (room.get() > 0 && room.decrementAndGet() >= 0) {
            byLength[length] = made;
        }
        return made;
    }

    private static byte[] body(int records, int flags, int rcode) {
        byte[] body = new byte[HEADER_LENGTH + records];
        body[2] = (byte) flags;
        body[3] = (byte) rcode;
        body[5] = 1;
        return body;
    }
}
