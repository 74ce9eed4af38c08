package com.kingcdn.redirector.query;

import java.nio.ByteBuffer;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;
import org.xbill.DNS.Type;

/**
 * The answer to who asks in the class CHAOS which server this is (RFC 4892): the identifier that NSID gives, too. What version it is nobody
 * is told.
 */
final class ServerIdentity {

    private static final Set<Name> NAMES =
            Set.of(Name.fromConstantString("id.server."), Name.fromConstantString("hostname.bind."));

    /** Of the record before its data: a pointer to the name, type, class, TTL, length. */
    private static final int RECORD_LENGTH = 12;

    /** QR and AA. */
    private static final short FLAGS = (short) 0x8400;

    private static final short POINTER = (short) (0xc000 | QueryMessage.HEADER_LENGTH);

    private final byte @Nullable [] body;

    /** @param identifier at most 255 bytes; empty for none, and then nobody is answered */
    ServerIdentity(byte[] identifier) {
        body = identifier.length == 0 ? null : body(identifier);
    }

    /** A header, and one TXT record of one string. */
    private static byte[] body(byte[] identifier) {
        return ByteBuffer.allocate(QueryMessage.HEADER_LENGTH + RECORD_LENGTH + 1 + identifier.length)
                .putShort((short) 0)
                .putShort(FLAGS)
                .putShort((short) 1)
                .putShort((short) 1)
                .putInt(0)
                .putShort(POINTER)
                .putShort((short) Type.TXT)
                .putShort((short) DClass.CHAOS)
                .putInt(0)
                .putShort((short) (1 + identifier.length))
                .put((byte) identifier.length)
                .put(identifier)
                .array();
    }

    /** The answer, as {@link ResponseWriter} takes it; null for another question. */
    byte @Nullable [] answer(int type, int dnsClass, Name name) {
        boolean asked = dnsClass == DClass.CHAOS && (type == Type.TXT || type == Type.ANY) && NAMES.contains(name);
        return asked ? body : null;
    }
}
