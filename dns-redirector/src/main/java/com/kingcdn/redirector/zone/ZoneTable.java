package com.kingcdn.redirector.zone;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Name;

/** The zones we answer for, by name. Immutable. */
final class ZoneTable {

    private final Map<Name, Zone> zones = new HashMap<>();

    ZoneTable(List<Zone> zones) {
        for (Zone zone : zones) {
            if (this.zones.put(zone.origin(), zone) != null) {
                throw new IllegalArgumentException("zone '" + zone.origin().toString(true) + "' stands twice");
            }
        }
    }

    /** The closest zone at or above a name, or null when the name is none of ours. */
    @Nullable
    Zone find(Name name) {
        for (Name above = name; ; above = new Name(above, 1)) {
            @Nullable Zone zone = zones.get(above);
            if (zone != null || above.labels() <= 1) {
                return zone;
            }
        }
    }
}
