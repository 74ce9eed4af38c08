package com.kingcdn.redirector.zone;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Name;

/** The zones we answer for, by name. Immutable. */
final class ZoneTable {

    private final Map<Name, Zone> zones = new HashMap<>();
    private final Set<Name> absent;
    /** The most labels that the name of one of them has. */
    private final int deepest;

    ZoneTable(List<Zone> zones) {
        this(zones, Set.of());
    }

    /** @param absent names of zones that are ours to answer for, with nothing to answer from */
    ZoneTable(List<Zone> zones, Set<Name> absent) {
        this.absent = Set.copyOf(absent);
        for (Zone zone : zones) {
            if (this.zones.put(zone.origin(), zone) != null) {
                throw new IllegalArgumentException("zone '" + zone.origin().toString(true) + "' stands twice");
            }
        }
        this.deepest = Stream.concat(this.zones.keySet().stream(), this.absent.stream())
                .mapToInt(Name::labels)
                .max()
                .orElse(1);
    }

    /** Whether it has just these. */
    boolean isOf(List<Zone> zones, Set<Name> absent) {
        return zones.size() == this.zones.size()
                && zones.stream().allMatch(zone -> this.zones.get(zone.origin()) == zone)
                && absent.equals(this.absent);
    }

    /** All of them, in no order. */
    Collection<Zone> all() {
        return zones.values();
    }

    /** The names of zones that are ours to answer for, with nothing to answer from. */
    Set<Name> absent() {
        return absent;
    }

    /** The zone of that name itself, or null. */
    @Nullable
    Zone get(Name origin) {
        return zones.get(origin);
    }

    /** The closest of these zones at or above a name, or null. */
    static @Nullable Name closest(Set<Name> origins, Name name) {
        for (Name above = name; ; above = new Name(above, 1)) {
            if (origins.contains(above)) {
                return above;
            }
            if (above.labels() <= 1) {
                return null;
            }
        }
    }

    /** The closest zone at or above a name, or null when the name is none of ours, or that zone's content is not there. */
    @Nullable
    Zone find(Name name) {
        for (Name above = reachable(name); ; above = new Name(above, 1)) {
            @Nullable Zone zone = zones.get(above);
            if (zone != null || above.labels() <= 1 || (!absent.isEmpty() && absent.contains(above))) {
                return zone;
            }
        }
    }

    /** The name without the labels that no zone has: to go up from a name of 127 labels costs a hundred times as much as an answer. */
    private Name reachable(Name name) {
        return name.labels() > deepest ? new Name(name, name.labels() - deepest) : name;
    }

    /** Whether a name is ours to answer for, but its zone's content is not there. */
    boolean isAbsent(Name name) {
        if (absent.isEmpty()) {
            return false;
        }
        for (Name above = reachable(name); ; above = new Name(above, 1)) {
            if (absent.contains(above)) {
                return true;
            }
            if (zones.containsKey(above) || above.labels() <= 1) {
                return false;
            }
        }
    }
}
