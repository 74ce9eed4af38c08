package com.kingcdn.edge.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.kingcdn.edge.coding.AcceptEncoding;
import com.kingcdn.edge.coding.ContentCoding;
import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.edge.policy.Compressible;
import com.kingcdn.edge.policy.ResponseForm;
import com.kingcdn.edge.policy.ResponseRules;
import com.kingcdn.edge.policy.StoredResponse;
import com.kingcdn.edge.policy.Variant;
import com.kingcdn.edge.store.Admission;
import com.kingcdn.edge.store.CacheEntry;
import com.kingcdn.edge.store.CacheStore;
import com.kingcdn.edge.store.EntryId;
import com.kingcdn.edge.upstream.UpstreamResponse;
import com.kingcdn.http.EntityTag;
import com.kingcdn.http.FieldNames;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.topology.Distribution;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The coded forms of stored text, each an entry of its own beside the one it was made from: the same key, so that one purge is for
 * both, and one more selecting field, the coding. It is made when the first client wants it, which reads it while it is made, and has the
 * age and the freshness of its source. It is never validated: its source is, and gives it the new time.
 */
final class EncodedVariants {

    /** Below this the head outweighs what is saved. */
    private static final long LEAST_LENGTH = 256;

    /** Above this content is rarely text, and coding it takes seconds. */
    private static final long MOST_LENGTH = 16L << 20;

    /** They describe the octets before coding. */
    private static final FieldNames OF_THE_OCTETS =
            FieldNames.of("content-length", "content-md5", "content-digest", "digest", "repr-digest");

    private final CacheStore store;

    /** What was made of which, to be used again after the source was validated; lost with the process, which costs one more coding. */
    private final Cache<Made, CacheEntry> made =
            Caffeine.newBuilder().maximumSize(65_536).weakValues().build();

    private record Made(EntryId source, ContentCoding coding) {}

    /**
     * A coded entry.
     *
     * @param fill what makes it, to be started when it has a reader; null when it is there or being made
     */
    record Encoded(CacheEntry entry, @Nullable Fill fill) {}

    EncodedVariants(CacheStore store) {
        this.store = store;
    }

    /** The request with the coding its client wants, if its distribution compresses; the origin is then asked for no coding. */
    static CacheRequest mark(Distribution distribution, CacheRequest request) {
        if (distribution.delivery() == null
                || !distribution.delivery().compression()
                || !(request.isGet() || request.isHead())) {
            return request;
        }
        ContentCoding coding = AcceptEncoding.preferred(request.fields().combined("accept-encoding"));
        HeaderFields.Builder fields = request.fields().toBuilder().set("accept-encoding", "identity");
        if (coding != null) {
            fields.add(StoredResponse.CODING, coding.token());
        }
        return with(request, fields.build());
    }

    /** The same request from a client that knows no coding. */
    static CacheRequest unmarked(CacheRequest request) {
        return request.fields().contains(StoredResponse.CODING)
                ? with(request, request.fields().without(StoredResponse.CODING::equals))
                : request;
    }

    private static CacheRequest with(CacheRequest request, HeaderFields fields) {
        return new CacheRequest(request.method(), request.scheme(), request.authority(), request.target(), fields);
    }

    /** Whether a request is better answered by a coded form of this entry. */
    boolean isWanted(CacheRequest request, CacheEntry entry, long nowMillis) {
        StoredResponse response = entry.response();
        long length = entry.length();
        return request.fields().contains(StoredResponse.CODING)
                && request.isGet()
                && response.status() == 200
                && !response.isEncodedHere()
                && (length == CacheEntry.UNKNOWN_LENGTH || isWorthIt(length))
                && Compressible.is(response.fields())
                && ResponseForm.of(request, response, length, nowMillis) instanceof ResponseForm.Whole;
    }

    /** The coded form of an entry that {@link #isWanted}; null when the entry was purged meanwhile, or there is no room. */
    @Nullable
    Encoded of(Exchange exchange, CacheEntry source, RangeFetch missing) {
        ContentCoding coding =
                AcceptEncoding.preferred(exchange.request().fields().first(StoredResponse.CODING));
        if (coding == null || !store.hasRoom()) {
            return null;
        }
        // before the source is looked at: a purge from now on is noticed by one of the two
        Admission admission = store.admit(exchange.key());
        try {
            if (!store.isCurrent(source) || source.lookup().validationRequired()) {
                return null;
            }
            StoredResponse response = encode(source.response(), coding);
            Made key = new Made(source.id(), coding);
            CacheEntry before = made.getIfPresent(key);
            if (before != null && before.isListed() && store.isCurrent(before)) {
                admission.whileValid(() -> before.freshen(response, admission));
                return new Encoded(before, null);
            }
            CacheEntry entry = store.create(exchange.key(), response, CacheEntry.UNKNOWN_LENGTH);
            Fill fill = new Fill(
                    new CodedContent(source.read(0, Long.MAX_VALUE, missing), coding),
                    entry.claimAll(false),
                    Fill.UNKNOWN_END);
            if (store.list(entry, admission)) {
                made.put(key, entry);
            }
            CacheMetrics.encoded(coding);
            return new Encoded(entry, fill);
        } finally {
            store.end(admission);
        }
    }

    /**
     * The coding in which a response that is not stored is sent on to the one who asked; null for as it is.
     *
     * @param length of its content, or negative when it does not say
     */
    static @Nullable ContentCoding forOne(CacheRequest request, UpstreamResponse response, long length) {
        String wanted = request.fields().first(StoredResponse.CODING);
        return wanted != null
                        && request.isGet()
                        && response.status() == 200
                        && (length < 0 || isWorthIt(length))
                        && Compressible.is(response.fields())
                ? AcceptEncoding.preferred(wanted)
                : null;
    }

    private static boolean isWorthIt(long length) {
        return length >= LEAST_LENGTH && length <= MOST_LENGTH;
    }

    private static StoredResponse encode(StoredResponse source, ContentCoding coding) {
        List<String> names = new ArrayList<>(List.of(StoredResponse.CODING));
        List<String> values = new ArrayList<>(List.of(coding.token()));
        names.addAll(source.variant().names());
        values.addAll(source.variant().values());
        return StoredResponse.of(
                source.status(),
                describe(source.fields(), coding),
                new Variant(names, values),
                source.requestTimeMillis(),
                source.responseTimeMillis());
    }

    /** The fields of a response as they are of its coded form. */
    static HeaderFields describe(HeaderFields source, ContentCoding coding) {
        HeaderFields.Builder fields = source.without(OF_THE_OCTETS).toBuilder();
        fields.set("content-encoding", coding.token());
        if (!ResponseRules.variesOn("accept-encoding", source)) {
            fields.add("vary", "accept-encoding");
        }
        EntityTag tag = EntityTag.parse(source.first("etag"));
        if (tag != null && !tag.weak()) {
            // another encoder, or the same of another day, may make other octets of the same content (RFC 9110 section
            // 8.8.1)
            fields.set("etag", "W/" + tag);
        }
        return fields.build();
    }
}
