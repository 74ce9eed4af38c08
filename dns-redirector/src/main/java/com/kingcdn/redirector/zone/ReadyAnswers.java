package com.kingcdn.redirector.zone;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Type;

/**
 * Answers that are the same for every client, at hand as bytes: found by one pass over the name in a query, in its wire form.
 *
 * <p>What exists has its answers kept, by type, once they were made. The NXDOMAIN of an unsigned zone is one for all names, so that
 * there is nothing to keep for names without end. All others that only a query gives rise to (what wildcards stand for, signed
 * denials, referrals for what is below, types that a name has not) have a smaller place of their own, so that a flood of them costs no
 * answer of what exists.
 *
 * <p>Belongs to one set of zones and signers: others have another object, so nothing is ever out of date but by its signatures' time.
 */
final class ReadyAnswers {

    private static final int MOST_OF_NAMES = 1 << 14;
    private static final int MOST_PASSING = 1 << 13;
    private static final int MOST_NAME_ERRORS = 1 << 14;

    /** Longer names are left to the slow way: where labels begin is in two numbers of 64 bits. */
    static final int LONGEST_NAME = 128;

    /**
     * A zone as queries find it.
     *
     * @param origin in lower case
     * @param content null for one whose copy is not there
     */
    @SuppressWarnings("ArrayRecordComponent")
    private record Entry(byte[] origin, @Nullable Content content) {}

    private record Content(NameIndex names, NameError nameError, boolean signed) {}

    private final ZoneTable zones;
    private final SignedAnswers signing;
    private final @Nullable Entry[] entries;
    private final AnswerCache ofNames = new AnswerCache(MOST_OF_NAMES);
    private final AnswerCache passing = new AnswerCache(MOST_PASSING);

    ReadyAnswers(ZoneTable zones, SignedAnswers signing) {
        this.zones = zones;
        this.signing = signing;
        int count = zones.all().size() + zones.absent().size();
        this.entries = new @Nullable Entry[SuffixHash.tableSize(count)];
        AtomicInteger room = new AtomicInteger(MOST_NAME_ERRORS);
        for (Zone zone : zones.all()) {
            boolean signed = signing.zone(zone.origin()) != null;
            NameError nameError = new NameError(NameServer.negative(zone), room);
            put(zone.origin(), new Content(zone.index(), nameError, signed));
        }
        zones.absent().forEach(origin -> put(origin, null));
    }

    private void put(Name name, @Nullable Content content) {
        byte[] origin = name.toWireCanonical();
        int slot = SuffixHash.slot(SuffixHash.of(origin, 0, origin.length), entries.length);
        while (entries[slot] != null) {
            slot = (slot + 1) & (entries.length - 1);
        }
        entries[slot] = new Entry(origin, content);
    }

    /**
     * The answer to a question, or null when it has to be made.
     *
     * @param message holds the name in wire form, uncompressed, in any case
     * @param length of the name, its root label counted in
     * @param signed whether with signatures, where zones are signed
     * @param compactOk whether compact denials (RFC 9824) are to have the code NXDOMAIN
     */
    @Nullable
    ReadyAnswer find(byte[] message, int offset, int length, int type, boolean signed, boolean compactOk) {
        if (length > LONGEST_NAME) {
            return null;
        }
        long low = 0;
        long high = 0;
        for (int label = 0; label < length; label += message[offset + label] + 1) {
            if (label < Long.SIZE) {
                low |= 1L << label;
            } else {
                high |= 1L << label;
            }
        }
        @Nullable Entry zone = null;
        int closest = NameIndex.ABSENT;
        boolean exists = false;
        boolean within = true;
        long hash = 0;
        for (int at = length - 1; at >= 0; at--) {
            hash = SuffixHash.step(hash, message[offset + at]);
            if (((at < Long.SIZE ? low : high) >>> at & 1) == 0) {
                continue;
            }
            @Nullable Entry own = zone(message, offset + at, length - at, hash);
            if (own != null) {
                zone = own;
                exists = true;
                within = true;
            }
            @Nullable Content content = zone == null ? null : zone.content;
            if (content != null && exists) {
                int found = content.names.find(message, offset + at, length - at, hash);
                exists = found != NameIndex.ABSENT;
                if (exists) {
                    closest = found;
                    within &= (found & NameIndex.BOUNDARY) == 0;
                }
            }
        }
        if (zone == null) {
            return NameError.REFUSED;
        }
        @Nullable Content content = zone.content;
        if (content == null) {
            return null;
        }
        boolean plain = within && (closest & NameIndex.HAS_WILDCARD) == 0 && !(signed && content.signed);
        if (!exists && plain) {
            return content.nameError.answer(length);
        }
        int question = question(type, signed, compactOk);
        @Nullable ReadyAnswer kept = exists ? ofNames.find(message, offset, length, hash, question) : null;
        if (kept == null) {
            kept = passing.find(message, offset, length, hash, question);
        }
        return kept == null || kept.remakeAt() == Long.MAX_VALUE || signing.nowMillis() < kept.remakeAt() ? kept : null;
    }

    private @Nullable Entry zone(byte[] message, int offset, int length, long hash) {
        int slot = SuffixHash.slot(hash, entries.length);
        for (@Nullable Entry entry; (entry = entries[slot]) != null; slot = (slot + 1) & (entries.length - 1)) {
            if (entry.origin.length == length && SuffixHash.isName(message, offset, length, entry.origin, 0)) {
                return entry;
            }
        }
        return null;
    }

    private static int question(int type, boolean signed, boolean compactOk) {
        return type << 2 | (signed ? 1 : 0) | (signed && compactOk ? 2 : 0);
    }

    /** What clients ask for whether a name has it or not. */
    private static boolean isCommon(int type) {
        return type == Type.A || type == Type.AAAA || type == Type.HTTPS;
    }

    /** Keeps an answer that was made, if it is the same for every client and lasts; the name is in lower case. */
    void keep(Name name, int type, boolean signed, boolean compactOk, ReadyAnswer answer) {
        // SERVFAIL is what there is while no cluster is up; a signature that was asked for has a time that is not said
        // here
        boolean lasts = answer.rcode() != Rcode.SERVFAIL && type != Type.RRSIG && type != Type.NSEC;
        if (answer.choice() != null || !lasts || name.length() > LONGEST_NAME) {
            return;
        }
        @Nullable Zone zone = zones.find(name);
        if (zone != null) {
            @Nullable ZoneNode node = zone.node(name);
            AnswerCache cache = node != null && (isCommon(type) || node.sets().containsKey(type)) ? ofNames : passing;
            cache.keep(name.toWireCanonical(), question(type, signed, compactOk), answer);
        }
    }
}
