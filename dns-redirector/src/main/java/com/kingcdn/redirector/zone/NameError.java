package com.kingcdn.redirector.zone;

import java.util.Arrays;
import org.xbill.DNS.DNSOutput;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Type;

/**
 * The unsigned answer to names that do not exist in a zone: NXDOMAIN with the SOA record (RFC 2308 section 2.1), which differs from name to
 * name only in the places that its compressed names point to.
 */
final class NameError {

    static final int HEADER_LENGTH = 12;

    private static final int QR_AND_AA = 0x84;

    private final int originLength;
    private final byte[] record;
    /** Where the record points to the zone's own name, which is the end of the question's. */
    private final int[] pointers;

    /** @param soa with the TTL of negative answers */
    NameError(SOARecord soa) {
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

    /** The answer to a question for a name in the zone. */
    byte[] message(byte[] query, int offset, int length, int type) {
        int question = HEADER_LENGTH + length;
        byte[] message = question(query, offset, length, type, record.length);
        message[2] = (byte) QR_AND_AA;
        message[3] = Rcode.NXDOMAIN;
        message[9] = 1;
        System.arraycopy(record, 0, message, question + 4, record.length);
        int origin = question - originLength;
        for (int pointer : pointers) {
            message[question + 4 + pointer] |= (byte) (origin >> 8);
            message[question + 4 + pointer + 1] = (byte) origin;
        }
        return message;
    }

    /** The answer to a question for a name in none of our zones. */
    static byte[] refused(byte[] query, int offset, int length, int type) {
        byte[] message = question(query, offset, length, type, 0);
        message[2] = (byte) 0x80;
        message[3] = Rcode.REFUSED;
        return message;
    }

    private static byte[] question(byte[] query, int offset, int length, int type, int room) {
        int end = HEADER_LENGTH + length;
        byte[] message = new byte[end + 4 + room];
        message[5] = 1;
        System.arraycopy(query, offset, message, HEADER_LENGTH, length);
        message[end] = (byte) (type >> 8);
        message[end + 1] = (byte) type;
        message[end + 3] = 1;
        return message;
    }
}
