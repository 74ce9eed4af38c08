package com.kingcdn.redirector.transfer;

import com.kingcdn.redirector.registry.AccessRule;
import com.kingcdn.redirector.zone.ZoneContent;
import com.kingcdn.redirector.zone.ZoneDelta;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Serial;
import org.xbill.DNS.Type;

/** What an update makes of a zone (RFC 2136 section 3.4), worked out beside it: all of it is done, or nothing. Pure. */
final class ZoneUpdate {

    private final LiveZone zone;
    private final ZoneContent content;
    private final Map<Name, Map<Integer, ChangedSet>> changed = new LinkedHashMap<>();
    private @Nullable SOARecord soa;

    private ZoneUpdate(LiveZone zone) {
        this.zone = zone;
        this.content = zone.content();
    }

    /**
     * The change that the records of an update section make; empty when all is so already.
     *
     * @throws UpdateRefusal when the records are none of an update, or not allowed
     */
    static ZoneDelta of(LiveZone zone, AccessRule rule, List<Record> records) throws UpdateRefusal {
        ZoneUpdate update = new ZoneUpdate(zone);
        for (Record record : records) {
            update.check(record);
        }
        for (Record record : records) {
            update.permit(rule, record);
        }
        records.forEach(update::apply);
        return update.delta();
    }

    /** RFC 2136 section 3.4.1.3. */
    private void check(Record record) throws UpdateRefusal {
        int type = record.getType();
        if (!record.getName().subdomain(content.origin())) {
            throw new UpdateRefusal(Rcode.NOTZONE);
        }
        boolean meta = type == 0 || type == Type.OPT || (type >= 128 && type <= 255);
        boolean empty = record.rdataToWireCanonical().length == 0;
        boolean good =
                switch (record.getDClass()) {
                    case DClass.IN -> !meta && !empty;
                    case DClass.ANY -> record.getTTL() == 0 && empty && (!meta || type == Type.ANY);
                    case DClass.NONE -> record.getTTL() == 0 && !meta;
                    default -> false;
                };
        if (!good) {
            throw new UpdateRefusal(Rcode.FORMERR);
        }
    }

    private void permit(AccessRule rule, Record record) throws UpdateRefusal {
        Name name = record.getName();
        int type = record.getType();
        boolean signatures = type == Type.RRSIG || type == Type.NSEC || type == Type.NSEC3 || type == Type.NSEC3PARAM;
        if (!rule.covers(name.toString(true).toLowerCase(Locale.ROOT))
                || signatures
                || zone.mapped().contains(name)) {
            throw new UpdateRefusal(Rcode.REFUSED);
        }
        boolean hides = record.getDClass() == DClass.IN
                && (type == Type.DNAME || (type == Type.NS && !name.equals(content.origin())))
                && zone.mapped().stream().anyMatch(mapped -> mapped.subdomain(name));
        if (hides) {
            throw new UpdateRefusal(Rcode.REFUSED);
        }
    }

    private void apply(Record record) {
        switch (record.getDClass()) {
            case DClass.IN -> add(record);
            case DClass.ANY -> {
                if (record.getType() == Type.ANY) {
                    types(record.getName()).forEach(type -> clear(record.getName(), type));
                } else {
                    clear(record.getName(), record.getType());
                }
            }
            default -> remove(record);
        }
    }

    /** RFC 2136 section 3.4.2.2, but that of an SOA only the serial number counts: the file has the rest. */
    private void add(Record record) {
        Name name = record.getName();
        int type = record.getType();
        if (type == Type.SOA) {
            long offered = ((SOARecord) record).getSerial();
            // which an earlier record may have raised
            SOARecord current = soa == null ? content.soa() : soa;
            if (name.equals(content.origin()) && Serial.compare(offered, current.getSerial()) > 0) {
                soa = ZoneText.withSerial(current, offered);
            }
            return;
        }
        List<Integer> types = types(name);
        if (type == Type.CNAME ? types.stream().anyMatch(other -> other != type) : types.contains(Type.CNAME)) {
            return;
        }
        ChangedSet set = change(name, type);
        if (type == Type.CNAME || type == Type.DNAME) {
            set.clear();
        }
        set.add(record);
    }

    /** RFC 2136 sections 3.4.2.3 and 3.4.2.4: SOA and the last NS of the zone stay. */
    private void clear(Name name, int type) {
        if (!name.equals(content.origin()) || (type != Type.SOA && type != Type.NS)) {
            change(name, type).clear();
        }
    }

    private void remove(Record record) {
        Name name = record.getName();
        int type = record.getType();
        boolean lastServer = type == Type.NS && name.equals(content.origin()) && size(name, type) == 1;
        if (type != Type.SOA && !lastServer && size(name, type) > 0) {
            change(name, type).remove(record);
        }
    }

    private ChangedSet change(Name name, int type) {
        return changed.computeIfAbsent(name, none -> new LinkedHashMap<>())
                .computeIfAbsent(type, none -> new ChangedSet(content.records(name, type)));
    }

    /** How many records of a type a name has now. */
    private int size(Name name, int type) {
        @Nullable ChangedSet set = changed.getOrDefault(name, Map.of()).get(type);
        return set == null ? content.records(name, type).size() : set.size();
    }

    /** The types that a name has now. */
    private List<Integer> types(Name name) {
        Set<Integer> types = new LinkedHashSet<>(content.sets(name).keySet());
        types.addAll(changed.getOrDefault(name, Map.of()).keySet());
        types.removeIf(type -> size(name, type) == 0);
        return List.copyOf(types);
    }

    private ZoneDelta delta() {
        List<Record> removed = new ArrayList<>();
        List<Record> added = new ArrayList<>();
        changed.values().forEach(sets -> sets.values().forEach(set -> set.difference(removed, added)));
        boolean same = removed.isEmpty() && added.isEmpty() && soa == null;
        SOARecord from = content.soa();
        SOARecord next = soa != null ? soa : ZoneText.withSerial(from, Serial.increment(from.getSerial()));
        return new ZoneDelta(from, same ? from : next, removed, added);
    }
}
