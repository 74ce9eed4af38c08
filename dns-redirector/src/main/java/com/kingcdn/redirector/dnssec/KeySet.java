package com.kingcdn.redirector.dnssec;

import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.CDNSKEYRecord;
import org.xbill.DNS.CDSRecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.DNSKEYRecord;
import org.xbill.DNS.DNSSEC;
import org.xbill.DNS.RRset;
import org.xbill.DNS.Type;

/**
 * What the keys of a zone do at one moment.
 *
 * @param published the DNSKEY set
 * @param entries those that sign the DNSKEY, CDS and CDNSKEY sets
 * @param data the one that signs all else
 * @param askedFor those that the parent's DS shall lead to
 */
record KeySet(List<ZoneKey> published, List<ZoneKey> entries, ZoneKey data, List<ZoneKey> askedFor) {

    /** What keys do at a moment, or null when none of them signs. */
    static @Nullable KeySet at(List<ZoneKey> keys, Instant now) {
        List<ZoneKey> published = keys.stream()
                .filter(key -> key.timings().isPublished(now))
                .sorted(Comparator.comparing(key -> key.state().tag()))
                .toList();
        List<ZoneKey> entries =
                published.stream().filter(key -> key.state().sep()).toList();
        @Nullable
        ZoneKey data = published.stream()
                .filter(key -> key.timings().isActive(now))
                .max(Comparator.<ZoneKey, Boolean>comparing(key -> !key.state().sep())
                        .thenComparing(
                                key -> Objects.requireNonNull(key.timings().activate())))
                .orElse(null);
        if (data == null || entries.isEmpty()) {
            return null;
        }
        List<ZoneKey> askedFor =
                entries.stream().filter(key -> key.timings().isAskedFor(now)).toList();
        return new KeySet(published, entries, data, askedFor);
    }

    /**
     * The last moment after now at which a key is first published while keys sign; null when there is none. Who makes a key publishes it
     * at once, so such a moment has passed unless an operator made the key for later: it is the clock that is behind.
     */
    static @Nullable Instant lastPublication(List<ZoneKey> keys, Instant now) {
        return keys.stream()
                .map(key -> key.timings().publish())
                .filter(publish -> publish != null && publish.isAfter(now) && at(keys, publish) != null)
                .max(Comparator.naturalOrder())
                .orElse(null);
    }

    @Override
    public String toString() {
        return "keys " + tags(published) + ", signs with " + data.state().tag() + ", asks the parent for "
                + tags(askedFor);
    }

    /** Whether the other gives the same records and signatures. */
    boolean isLike(KeySet other) {
        return tags(published).equals(tags(other.published))
                && tags(askedFor).equals(tags(other.askedFor))
                && data.state().tag() == other.data.state().tag();
    }

    private static List<Integer> tags(List<ZoneKey> keys) {
        return keys.stream().map(key -> key.state().tag()).toList();
    }

    /** The sets at the apex that come of keys, by type: DNSKEY and, while a key is asked for, CDS and CDNSKEY. */
    Map<Integer, RRset> apexSets() {
        Map<Integer, RRset> sets = new HashMap<>();
        published.forEach(key -> add(sets, Type.DNSKEY, key.record()));
        for (ZoneKey key : askedFor) {
            DNSKEYRecord record = key.record();
            add(
                    sets,
                    Type.CDS,
                    new CDSRecord(record.getName(), DClass.IN, record.getTTL(), DNSSEC.Digest.SHA256, record));
            add(
                    sets,
                    Type.CDNSKEY,
                    new CDNSKEYRecord(
                            record.getName(),
                            DClass.IN,
                            record.getTTL(),
                            record.getFlags(),
                            record.getProtocol(),
                            record.getAlgorithm(),
                            record.getKey()));
        }
        return Map.copyOf(sets);
    }

    private static void add(Map<Integer, RRset> sets, int type, org.xbill.DNS.Record record) {
        sets.computeIfAbsent(type, key -> new RRset()).addRR(record);
    }
}
