package com.kingcdn.redirector.dnssec;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.RRset;
import org.xbill.DNS.Record;

/**
 * The signatures that have been made, by what they sign and with which key. Thread-safe.
 *
 * <p>There are two kinds. Sets that the configuration gives rise to are finite in number: their signatures last, and are renewed in the
 * background when half of their time is over, so that no query waits for one a second time. Sets that only a query's name gives rise to
 * are without end: their signatures are kept a while in a smaller cache, are made within a budget, and are not renewed. Identical sets
 * have one signature, whichever snapshot they come from.
 */
final class SignatureCache {

    /** What is signed, as half of its SHA-256: nobody finds two sets with the same. */
    private record Content(long high, long low) {}

    private record Entry(ZoneKey key, RRset set, Signature signature, long renewAt) {}

    private final LongSupplier clock;
    private final Duration validity;
    private final SigningBudget budget;
    private final Cache<Content, Entry> lasting;
    private final Cache<Content, Entry> passing;

    /**
     * @param clock milliseconds since 1970
     * @param perSecond how many passing signatures are made at most
     */
    SignatureCache(LongSupplier clock, Duration validity, int mostLasting, int perSecond) {
        this.clock = clock;
        this.validity = validity;
        this.budget = new SigningBudget(perSecond, clock.getAsLong());
        this.lasting = Caffeine.newBuilder().maximumSize(mostLasting).build();
        this.passing = Caffeine.newBuilder()
                .maximumSize(Math.max(1000, mostLasting / 10))
                .build();
    }

    /** The signature of a set that exists as long as the configuration stays. */
    Signature lasting(ZoneKey key, RRset set) {
        Content content = content(key, set);
        Entry entry = lasting.get(content, absent -> make(content, key, set, SignaturePurpose.RECORD));
        if (clock.getAsLong() >= entry.signature.remakeAt()) {
            // nobody has renewed it: the process was asleep, or the clock has jumped
            entry = make(content, key, set, SignaturePurpose.RECORD);
            lasting.put(content, entry);
        }
        return entry.signature;
    }

    /** The signature of a set that only this query's name gives rise to, or null when there is no budget for it. */
    @Nullable
    Signature passing(ZoneKey key, RRset set) {
        Content content = content(key, set);
        @Nullable Entry entry = passing.getIfPresent(content);
        long now = clock.getAsLong();
        if (entry == null || now >= entry.signature.remakeAt()) {
            if (!budget.take(now)) {
                DnssecMetrics.overBudget();
                return null;
            }
            entry = make(content, key, set, SignaturePurpose.DENIAL);
            passing.put(content, entry);
        }
        return entry.signature;
    }

    /** Renews the lasting signatures that are due. */
    void renew() {
        long now = clock.getAsLong();
        lasting.asMap().forEach((content, entry) -> {
            if (now >= entry.renewAt) {
                lasting.put(content, make(content, entry.key, entry.set, SignaturePurpose.RENEWAL));
            }
        });
        DnssecMetrics.cached(lasting.estimatedSize() + passing.estimatedSize());
    }

    /** Forgets all signatures. */
    void clear() {
        lasting.invalidateAll();
        passing.invalidateAll();
    }

    /** Forgets the signatures of keys that are not published any more. */
    void keepOnly(List<ZoneKey> keys) {
        List<Integer> tags = keys.stream().map(key -> key.state().tag()).toList();
        lasting.asMap()
                .values()
                .removeIf(entry -> keys.stream().anyMatch(key -> key.record()
                                .getName()
                                .equals(entry.key.record().getName()))
                        && !tags.contains(entry.key.state().tag()));
    }

    private Entry make(Content content, ZoneKey key, RRset set, SignaturePurpose purpose) {
        SignatureTimes times = SignatureTimes.at(clock.getAsLong(), validity, (int) content.low);
        Signature signature = new Signature(key.sign(set, times.inception(), times.expiration()), times.remakeAt());
        DnssecMetrics.signed(purpose);
        return new Entry(key, set, signature, times.renewAt());
    }

    private static Content content(ZoneKey key, RRset set) {
        MessageDigest digest = sha256();
        digest.update(key.record().getKey());
        List<Record> records = set.rrs(false);
        if (records.size() == 1) {
            digest.update(records.get(0).toWireCanonical());
        } else {
            records.stream()
                    .map(Record::toWireCanonical)
                    .sorted(Arrays::compareUnsigned)
                    .forEach(digest::update);
        }
        ByteBuffer hash = ByteBuffer.wrap(digest.digest());
        return new Content(hash.getLong(), hash.getLong());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
