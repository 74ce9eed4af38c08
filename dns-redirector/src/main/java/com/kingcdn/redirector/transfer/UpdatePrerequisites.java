package com.kingcdn.redirector.transfer;

import com.kingcdn.redirector.zone.ZoneContent;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Type;

/** The conditions under which an update is to be done, held against a zone (RFC 2136 section 3.2). Pure. */
final class UpdatePrerequisites {

    private record Key(Name name, int type) {}

    private UpdatePrerequisites() {}

    /** @throws UpdateRefusal when one does not hold */
    static void check(ZoneContent zone, List<Record> prerequisites) throws UpdateRefusal {
        Map<Key, Set<Record>> exact = new HashMap<>();
        for (Record record : prerequisites) {
            if (record.getTTL() != 0) {
                throw new UpdateRefusal(Rcode.FORMERR);
            }
            if (!record.getName().subdomain(zone.origin())) {
                throw new UpdateRefusal(Rcode.NOTZONE);
            }
            switch (record.getDClass()) {
                case DClass.ANY -> {
                    refuseData(record);
                    if (!isThere(zone, record)) {
                        throw new UpdateRefusal(record.getType() == Type.ANY ? Rcode.NXDOMAIN : Rcode.NXRRSET);
                    }
                }
                case DClass.NONE -> {
                    refuseData(record);
                    if (isThere(zone, record)) {
                        throw new UpdateRefusal(record.getType() == Type.ANY ? Rcode.YXDOMAIN : Rcode.YXRRSET);
                    }
                }
                case DClass.IN ->
                    exact.computeIfAbsent(new Key(record.getName(), record.getType()), none -> new HashSet<>())
                            .add(record);
                default -> throw new UpdateRefusal(Rcode.FORMERR);
            }
        }
        for (Map.Entry<Key, Set<Record>> set : exact.entrySet()) {
            Key key = set.getKey();
            if (!new HashSet<>(zone.records(key.name, key.type)).equals(set.getValue())) {
                throw new UpdateRefusal(Rcode.NXRRSET);
            }
        }
    }

    private static boolean isThere(ZoneContent zone, Record record) {
        return record.getType() == Type.ANY
                ? !zone.sets(record.getName()).isEmpty()
                : !zone.records(record.getName(), record.getType()).isEmpty();
    }

    private static void refuseData(Record record) throws UpdateRefusal {
        if (record.rdataToWireCanonical().length > 0) {
            throw new UpdateRefusal(Rcode.FORMERR);
        }
    }
}
