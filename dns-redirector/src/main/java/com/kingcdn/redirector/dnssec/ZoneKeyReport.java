package com.kingcdn.redirector.dnssec;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.DClass;
import org.xbill.DNS.DNSSEC;
import org.xbill.DNS.DSRecord;
import org.xbill.DNS.Name;

/**
 * What an operator needs to know of a zone's keys.
 *
 * @param zone without a final dot
 * @param ds the DS records that belong at the parent, as they stand in a master file
 * @param dnskeys the DNSKEY records of those, for a trust anchor
 * @param awaitsDs whether a rollover goes on only when the operator has said that the parent has them
 */
public record ZoneKeyReport(String zone, List<String> ds, List<String> dnskeys, boolean awaitsDs, List<Key> keys) {

    /**
     * A key that is published, or was.
     *
     * @param role {@code csk}, {@code ksk} or {@code zsk}
     * @param state {@code published}, {@code active}, {@code retired} or {@code removed}
     */
    public record Key(
            int tag,
            String role,
            String state,
            @Nullable Instant activate,
            @Nullable Instant inactive,
            @Nullable Instant delete) {}

    static ZoneKeyReport of(Name zone, List<ZoneKey> keys, KeySet current, Instant now) {
        // keys that others made may ask the parent for nothing
        List<ZoneKey> entries = current.askedFor().isEmpty() ? current.entries() : current.askedFor();
        boolean split = keys.stream().anyMatch(key -> !key.state().sep());
        return new ZoneKeyReport(
                zone.toString(true),
                entries.stream()
                        .map(key -> new DSRecord(
                                        zone, DClass.IN, ZoneKeys.DNSKEY_TTL, DNSSEC.Digest.SHA256, key.record())
                                .toString())
                        .toList(),
                entries.stream().map(key -> key.record().toString()).toList(),
                KeyRollover.awaitsDs(keys.stream().map(ZoneKey::state).toList(), now),
                keys.stream().map(key -> key(key, split, current, now)).toList());
    }

    private static Key key(ZoneKey key, boolean split, KeySet current, Instant now) {
        KeyTimings timings = key.timings();
        boolean signs = key == current.data() || timings.isActive(now);
        @Nullable Instant activate = timings.activate();
        String state = !timings.isPublished(now)
                ? "removed"
                : signs ? "active" : activate != null && activate.isAfter(now) ? "published" : "retired";
        return new Key(
                key.state().tag(),
                key.state().sep() ? split ? "ksk" : "csk" : "zsk",
                state,
                activate,
                timings.inactive(),
                timings.delete());
    }
}
