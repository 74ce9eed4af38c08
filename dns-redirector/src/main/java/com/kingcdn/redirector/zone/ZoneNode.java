package com.kingcdn.redirector.zone;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.RRset;

/**
 * What exists at one name of a zone; an empty one is an empty non-terminal (RFC 8499 section 7).
 *
 * @param sets record sets of the master file by type
 * @param handoff set when the name leads to a distribution
 */
record ZoneNode(Map<Integer, RRset> sets, @Nullable Handoff handoff) {

    static final ZoneNode EMPTY = new ZoneNode(Map.of(), null);

    boolean isEmpty() {
        return sets.isEmpty() && handoff == null;
    }
}
