package com.kingcdn.redirector.transfer;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.GenericEDNSOption;
import org.xbill.DNS.Message;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Section;

/**
 * The EDNS option by which a server says for how many seconds its copy of a zone is good (RFC 7314): else copies that are made of one another
 * would confirm each other when the zone's owner is long gone.
 */
final class Expiry {

    private static final int CODE = 9;

    /** Of the option: its code and length. */
    private static final int HEADER = 4;

    private Expiry() {}

    /** Wants to know. */
    static EDNSOption asked() {
        return new GenericEDNSOption(CODE, new byte[0]);
    }

    /** Whether the sender of a message wants to know. */
    static boolean isAsked(Message query) {
        @Nullable OPTRecord options = query.getOPT();
        return options != null && !options.getOptions(CODE).isEmpty();
    }

    /** What an answer says; empty when it says nothing. */
    static OptionalLong in(Message answer) {
        @Nullable OPTRecord options = answer.getOPT();
        for (EDNSOption option : options == null ? List.<EDNSOption>of() : options.getOptions(CODE)) {
            byte[] octets = option.toWire();
            if (octets.length == HEADER + Integer.BYTES) {
                return OptionalLong.of(
                        Integer.toUnsignedLong(ByteBuffer.wrap(octets).getInt(HEADER)));
            }
        }
        return OptionalLong.empty();
    }

    /** Puts it into an answer that has an OPT record. */
    static void say(Message answer, long seconds) {
        @Nullable OPTRecord before = answer.getOPT();
        if (before == null) {
            return;
        }
        List<EDNSOption> options = new ArrayList<>(before.getOptions());
        options.add(new GenericEDNSOption(
                CODE, ByteBuffer.allocate(Integer.BYTES).putInt((int) seconds).array()));
        answer.removeRecord(before, Section.ADDITIONAL);
        answer.addRecord(
                new OPTRecord(
                        before.getPayloadSize(),
                        before.getExtendedRcode(),
                        before.getVersion(),
                        before.getFlags(),
                        options),
                Section.ADDITIONAL);
    }
}
