package com.kingcdn.redirector.zone;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.xbill.DNS.Name;
import org.xbill.DNS.Type;

/**
 * What exists in a zone, found by the wire form of a name without an object made. Immutable.
 *
 * <p>Names lie one after another in an array, without the zone's own, so a million take some ten bytes each and a slot of eight.
 */
final class NameIndex {

    /** No such name. */
    static final int ABSENT = 0;

    static final int EXISTS = 1;
    /** The zone ends here, by a delegation or a DNAME: it does not say itself what is below. */
    static final int BOUNDARY = 2;
    /** A wildcard stands for names below that do not exist. */
    static final int HAS_WILDCARD = 4;

    private final int originLength;
    /** For each name its flags, its length and its octets, in lower case. */
    private final byte[] names;
    /** Where names begin, plus one; 0 for none. */
    private final int[] slots;

    /** @param nodes all that exists, the origin and empty non-terminals among it */
    NameIndex(Name origin, Map<Name, ZoneNode> nodes) {
        originLength = origin.length();
        int octets = 0;
        Set<Name> withWildcard = new HashSet<>();
        for (Name name : nodes.keySet()) {
            octets += 2 + name.length() - originLength;
            if (name.isWild() && !name.equals(origin)) {
                withWildcard.add(new Name(name, 1));
            }
        }
        names = new byte[octets];
        slots = new int[SuffixHash.tableSize(nodes.size())];
        int end = 0;
        for (Map.Entry<Name, ZoneNode> entry : nodes.entrySet()) {
            Name name = entry.getKey();
            Set<Integer> types = entry.getValue().sets().keySet();
            boolean boundary = types.contains(Type.DNAME) || (types.contains(Type.NS) && !name.equals(origin));
            byte[] wire = name.toWireCanonical();
            int own = wire.length - originLength;
            put(SuffixHash.of(wire, 0, wire.length), end + 1);
            names[end++] =
                    (byte) (EXISTS | (boundary ? BOUNDARY : 0) | (withWildcard.contains(name) ? HAS_WILDCARD : 0));
            names[end++] = (byte) own;
            System.arraycopy(wire, 0, names, end, own);
            end += own;
        }
    }

    private void put(long hash, int value) {
        int slot = SuffixHash.slot(hash, slots.length);
        while (slots[slot] != 0) {
            slot = (slot + 1) & (slots.length - 1);
        }
        slots[slot] = value;
    }

    /**
     * What is known of a name that lies in the zone: {@link #ABSENT}, or flags.
     *
     * @param hash of the name
     */
    int find(byte[] message, int offset, int length, long hash) {
        int own = length - originLength;
        int slot = SuffixHash.slot(hash, slots.length);
        for (int value; (value = slots[slot]) != 0; slot = (slot + 1) & (slots.length - 1)) {
            if ((names[value] & 0xff) == own && SuffixHash.isName(message, offset, own, names, value + 1)) {
                return names[value - 1];
            }
        }
        return ABSENT;
    }
}
