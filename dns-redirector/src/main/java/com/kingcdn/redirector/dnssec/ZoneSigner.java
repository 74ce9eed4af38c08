package com.kingcdn.redirector.dnssec;

import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.RRset;
import org.xbill.DNS.Type;

/** The signatures of one zone with the keys that are in use now. Another one takes its place when those change. Thread-safe. */
public final class ZoneSigner {

    private final KeySet keys;
    private final Map<Integer, RRset> apexSets;
    private final SignatureCache cache;
    private final LongSupplier clock;

    ZoneSigner(KeySet keys, SignatureCache cache, LongSupplier clock) {
        this.keys = keys;
        this.apexSets = keys.apexSets();
        this.cache = cache;
        this.clock = clock;
    }

    KeySet keys() {
        return keys;
    }

    /** The sets that a signed zone has at its apex because it is signed, by type. */
    public Map<Integer, RRset> apexSets() {
        return apexSets;
    }

    /** The time, in milliseconds since 1970, that {@link Signature#remakeAt()} goes by. */
    public long nowMillis() {
        return clock.getAsLong();
    }

    /** The signatures of a set of the zone, which is not changed any more: from the cache, or made now and kept. */
    public List<Signature> sign(RRset set) {
        return switch (set.getType()) {
            case Type.DNSKEY, Type.CDS, Type.CDNSKEY ->
                keys.entries().stream().map(key -> cache.lasting(key, set)).toList();
            default -> List.of(cache.lasting(keys.data(), set));
        };
    }

    /** The signature of a set that exists only because a query named it, or null when too many such are asked for just now. */
    public @Nullable Signature signPassing(RRset set) {
        return cache.passing(keys.data(), set);
    }
}
