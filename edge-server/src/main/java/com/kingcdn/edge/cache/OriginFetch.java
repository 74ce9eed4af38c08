package com.kingcdn.edge.cache;

import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.policy.CachePolicy;
import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.edge.policy.NoStoreReason;
import com.kingcdn.edge.policy.Revalidation;
import com.kingcdn.edge.policy.Storability;
import com.kingcdn.edge.policy.StoreDecision;
import com.kingcdn.edge.policy.StoredResponse;
import com.kingcdn.edge.policy.Variant;
import com.kingcdn.edge.store.Admission;
import com.kingcdn.edge.store.Blocks;
import com.kingcdn.edge.store.CacheEntry;
import com.kingcdn.edge.store.CacheStore;
import com.kingcdn.edge.store.EntryWriter;
import com.kingcdn.edge.upstream.Upstream;
import com.kingcdn.edge.upstream.UpstreamException;
import com.kingcdn.edge.upstream.UpstreamResponse;
import com.kingcdn.http.ByteRange;
import com.kingcdn.http.ContentRange;
import com.kingcdn.http.FieldNames;
import com.kingcdn.http.HeaderFields;
import io.netty.buffer.ByteBuf;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.publisher.SignalType;

/**
 * Asks upstream for a response that may be stored, and makes an entry of it: by a plain request, by one for the blocks that hold the
 * client's range, or by a conditional one.
 */
final class OriginFetch {

    private static final FieldNames OF_THE_PART = FieldNames.of("content-length", "content-range");

    private final CacheStore store;
    private final Upstream upstream;
    private final PurgeState purgeState;
    private final InstantSource clock;

    OriginFetch(CacheStore store, Upstream upstream, PurgeState purgeState, InstantSource clock) {
        this.store = store;
        this.upstream = upstream;
        this.purgeState = purgeState;
        this.clock = clock;
    }

    /** Who wants to know what comes of a fetch. One of the last two is called, once, unless the fetch is disposed of before. */
    interface Landing {

        /** A request is on its way, and can be given up by this; again when another one has to follow. */
        void begun(Disposable request);

        void landed(FetchOutcome outcome);

        void failed(Throwable failure);
    }

    /** Fetches, since nothing usable is stored. */
    void fetch(Exchange exchange, Landing landing) {
        AlignedRange range =
                exchange.request().isGet() ? AlignedRange.of(exchange.request().fields()) : null;
        HeaderFields fields = range == null ? HeaderFields.EMPTY : HeaderFields.of("range", range.field());
        send(new Attempt(exchange, landing, null, range, false, true), fields);
    }

    /** Validates a stale entry (RFC 9111 section 4.3), or fetches anew when it has no validators. */
    void validate(Exchange exchange, CacheEntry stale, Landing landing) {
        HeaderFields conditions = Revalidation.conditions(stale.response());
        send(new Attempt(exchange, landing, stale, null, conditions.size() > 0, true), conditions);
    }

    /**
     * One request to upstream.
     *
     * @param landing who wants to know what comes of it
     * @param stale what is validated, or may stand in; null for nothing
     * @param range that is asked for; null for everything
     * @param conditional whether upstream is asked if the stale one still holds
     * @param rangesWork whether upstream has not yet shown that it gets ranges wrong
     */
    private record Attempt(
            Exchange exchange,
            Landing landing,
            @Nullable CacheEntry stale,
            @Nullable AlignedRange range,
            boolean conditional,
            boolean rangesWork) {

        /** The same, but for everything, and unconditionally. */
        Attempt plain(boolean rangesStillWork) {
            return new Attempt(exchange, landing, stale, null, false, rangesStillWork);
        }

        CacheRequest request() {
            return exchange.request();
        }
    }

    private void send(Attempt attempt, HeaderFields conditions) {
        Sending sending = new Sending(attempt, store.admit(attempt.exchange().key()), clock.millis());
        try {
            upstream.fetch(attempt.exchange().toStore(conditions)).subscribe(sending);
        } catch (RuntimeException e) {
            sending.onError(e);
        }
    }

    /** A request on its way. */
    private final class Sending implements CoreSubscriber<UpstreamResponse>, Disposable {

        private final Attempt attempt;
        private final Admission admission;
        private final long sentAt;
        private volatile @Nullable Subscription asked;

        Sending(Attempt attempt, Admission admission, long sentAt) {
            this.attempt = attempt;
            this.admission = admission;
            this.sentAt = sentAt;
        }

        @Override
        public void onSubscribe(Subscription given) {
            asked = given;
            attempt.landing().begun(this);
            given.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(UpstreamResponse response) {
            FetchOutcome outcome;
            try {
                outcome = received(attempt, response, admission, sentAt);
            } catch (RuntimeException e) {
                onError(e);
                return;
            }
            if (outcome != null) {
                attempt.landing().landed(outcome);
            }
            store.end(admission);
        }

        @Override
        public void onError(Throwable failure) {
            if (failure instanceof UpstreamException known) {
                attempt.landing().landed(OriginFetch.this.failed(attempt, known));
            } else {
                attempt.landing().failed(failure);
            }
            store.end(admission);
        }

        @Override
        public void onComplete() {
            // after the response
        }

        @Override
        public void dispose() {
            Subscription given = asked;
            if (given != null) {
                given.cancel();
            }
            store.end(admission);
        }
    }

    private FetchOutcome failed(Attempt attempt, UpstreamException failure) {
        CacheEntry stale = attempt.stale();
        return stale != null && mayStandIn(attempt.exchange(), stale, CachePolicy.NO_RESPONSE)
                ? new FetchOutcome.StandIn(stale, 0, failure.kind().token())
                : new FetchOutcome.Failed(failure, stale);
    }

    boolean mayStandIn(Exchange exchange, CacheEntry stale, int status) {
        long now = clock.millis();
        return store.isCurrent(stale)
                && CachePolicy.mayServeOnError(
                        purgeState.lookup(stale, exchange.sequence(), now), status, exchange.rules(), now)
                // what is missing would have to come from where nothing comes from
                && new StoredReply(exchange, stale, now).firstMissing() < 0;
    }

    /** What a response comes to; null when another request has to follow, and is on its way. */
    private @Nullable FetchOutcome received(
            Attempt attempt, UpstreamResponse response, Admission admission, long sentAt) {
        CacheEntry stale = attempt.stale();
        long now = clock.millis();
        if (response.status() == 304) {
            PassThrough.readEmpty(response);
            return stale != null && attempt.conditional()
                    ? validated(attempt, stale, response.fields(), admission, sentAt)
                    : failed(attempt, protocolError(attempt, "a 304 came although nothing was asked about"));
        }
        if (stale != null && mayStandIn(attempt.exchange(), stale, response.status())) {
            response.discard();
            return new FetchOutcome.StandIn(stale, response.status(), Detail.STALE_IF_ERROR.token());
        }
        if (response.status() == 206) {
            return receivedPart(attempt, response, admission, sentAt);
        }
        if (response.status() == 416
                && attempt.range() != null
                && !AlignedRange.isAllOf(attempt.request().fields())) {
            // this one range cannot be had, but that is not all the client asks for
            response.discard();
            send(attempt.plain(true), HeaderFields.EMPTY);
            return null;
        }
        StoreDecision decision = Storability.decide(
                attempt.request(),
                response.status(),
                response.fields(),
                attempt.exchange().rules(),
                sentAt,
                now);
        if (!(decision instanceof StoreDecision.Store accepted)) {
            return new FetchOutcome.Passed(response, reason(decision));
        }
        // a 204 has no content and does not say so (RFC 9110 section 8.6)
        long length = response.status() == 204 ? 0 : contentLength(response.fields());
        if (!store.hasRoom() || length > Blocks.MAX_LENGTH) {
            return new FetchOutcome.Passed(response, CacheMetrics.unstored(NoStoreReason.NO_ROOM));
        }
        if (attempt.rangesWork() && attempt.range() == null) {
            ByteBuf content = response.takeWhole(Blocks.SIZE);
            if (content != null) {
                return arrived(attempt, accepted, content, admission);
            }
        }
        CacheEntry entry = store.create(attempt.exchange().key(), accepted.response(), length);
        // a whole in answer to a range says that parts are not to be had
        boolean resumable = entry.isRefillable() && attempt.rangesWork() && attempt.range() == null;
        EntryWriter writer = entry.claimAll(resumable);
        NoStoreReason unlisted = list(attempt.exchange(), entry, admission);
        Fill fill = new Fill(response.body(), writer, length < 0 ? Fill.UNKNOWN_END : length);
        return FetchOutcome.Stored.arriving(entry, response.status(), fill, unstored(unlisted), accepted.withheld());
    }

    /** What has come with its head, as most small responses do: an entry that is complete before anybody can find it. */
    private FetchOutcome arrived(Attempt attempt, StoreDecision.Store accepted, ByteBuf content, Admission admission) {
        CacheEntry entry;
        try {
            entry = store.create(attempt.exchange().key(), accepted.response(), content);
        } finally {
            content.release();
        }
        NoStoreReason unlisted = list(attempt.exchange(), entry, admission);
        CacheMetrics.fillEnded(SignalType.ON_COMPLETE);
        return FetchOutcome.Stored.arrived(
                entry, accepted.response().status(), unstored(unlisted), accepted.withheld());
    }

    private static @Nullable String unstored(@Nullable NoStoreReason reason) {
        return reason == null ? null : CacheMetrics.unstored(reason);
    }

    /** Has requests find an entry. Returns why not, or null. */
    private @Nullable NoStoreReason list(Exchange exchange, CacheEntry entry, Admission admission) {
        if (!isKeyed(exchange, entry.response())) {
            return NoStoreReason.NO_VARY_SEARCH;
        }
        return store.list(entry, admission) ? null : NoStoreReason.PURGED;
    }

    /** Whether the key that was looked for is the one that this response would be looked for by from now on. */
    private boolean isKeyed(Exchange exchange, StoredResponse response) {
        CacheKey exact = exchange.exact();
        store.learn(exact, response);
        return store.canonical(exact).equals(exchange.key());
    }

    private static String reason(StoreDecision decision) {
        return decision instanceof StoreDecision.Refuse refused ? CacheMetrics.unstored(refused.reason()) : "";
    }

    private @Nullable FetchOutcome validated(
            Attempt attempt, CacheEntry stale, HeaderFields fields, Admission admission, long sentAt) {
        StoredResponse updated = Revalidation.freshen(
                stale.response(), attempt.request(), fields, attempt.exchange().rules(), sentAt, clock.millis());
        if (!store.isCurrent(stale)) {
            fetch(attempt.exchange(), attempt.landing()); // was purged meanwhile
            return null;
        }
        if (updated != null && !isKeyed(attempt.exchange(), updated)) {
            store.discard(stale); // it is no longer for all of those targets
            fetch(attempt.exchange(), attempt.landing());
            return null;
        }
        if (updated == null) {
            // about another version: what is stored stays until that has come
            send(attempt.plain(true), HeaderFields.EMPTY);
            return null;
        }
        // a soft purge that came meanwhile still holds: this answer may be from before it
        admission.whileValid(() -> stale.freshen(updated, admission));
        boolean purged = !store.isCurrent(stale) || stale.lookup().validationRequired();
        return FetchOutcome.Stored.confirmed(
                stale,
                purged ? CacheMetrics.unstored(NoStoreReason.PURGED) : null,
                Revalidation.withheld(fields, attempt.exchange().rules()));
    }

    /** A 206 becomes an entry with a part of its blocks; listed only if the others can be fetched later without mixing versions. */
    private @Nullable FetchOutcome receivedPart(
            Attempt attempt, UpstreamResponse response, Admission admission, long sentAt) {
        AlignedRange asked = attempt.range();
        ContentRange part = ContentRange.parse(response.fields().first("content-range"));
        ByteRange range = part == null ? null : part.range();
        long said = contentLength(response.fields());
        if (asked == null
                || part == null
                || range == null
                || !asked.isAnsweredBy(part)
                || (said >= 0 && said != range.length())) {
            return withoutRange(attempt, response);
        }
        long now = clock.millis();
        StoreDecision decision = Storability.decide(
                attempt.request(), 206, response.fields(), attempt.exchange().rules(), sentAt, now);
        StoredResponse head = decision instanceof StoreDecision.Store accepted
                ? accepted.response()
                : privately(response, sentAt, now);
        CacheEntry entry = store.create(attempt.exchange().key(), head, part.completeLength());
        int first = Blocks.count(range.first());
        boolean toTheEnd = range.last() == part.completeLength() - 1;
        int end = toTheEnd ? Blocks.count(part.completeLength()) : Blocks.at(range.last() + 1);
        EntryWriter writer = first < end ? entry.claim(first, end) : null;
        if (writer == null) {
            return withoutRange(attempt, response);
        }
        writer.startAt(range.first());
        if (!entry.isRefillable() && new StoredReply(attempt.exchange(), entry, now).firstMissing() >= 0) {
            // more than this is wanted, of which nobody could tell that it is of the same version
            writer.stop();
            return withoutRange(attempt, response);
        }
        boolean whole = first == 0 && toTheEnd;
        NoStoreReason unstored = decision instanceof StoreDecision.Refuse refused ? refused.reason() : null;
        if (unstored == null && !whole && !entry.isRefillable()) {
            unstored = NoStoreReason.PARTIAL;
        }
        if (unstored == null) {
            unstored = store.hasRoom() ? list(attempt.exchange(), entry, admission) : NoStoreReason.NO_ROOM;
        }
        Fill fill = new Fill(response.body(), writer, range.last() + 1);
        HeaderFields withheld =
                decision instanceof StoreDecision.Store accepted ? accepted.withheld() : HeaderFields.EMPTY;
        return FetchOutcome.Stored.arriving(entry, 206, fill, unstored(unstored), withheld);
    }

    /** The head of the whole, for an entry that nobody but this client will see. */
    private static StoredResponse privately(UpstreamResponse response, long sentAt, long now) {
        HeaderFields fields = response.fields().without(OF_THE_PART);
        return StoredResponse.of(200, fields, Variant.NONE, sentAt, now);
    }

    /** Upstream's part is not what was asked for: ask for the whole, unless it is what the client wants all the same. */
    private @Nullable FetchOutcome withoutRange(Attempt attempt, UpstreamResponse response) {
        HeaderFields wanted = attempt.request().fields();
        boolean clientTakesParts =
                attempt.request().isGet() && wanted.contains("range") && !wanted.contains("if-range");
        if (clientTakesParts && (attempt.range() == null || AlignedRange.covers(response.fields(), wanted))) {
            // it says itself which part it is, so the client is not misled; nobody else gets to see it
            return new FetchOutcome.Passed(response, CacheMetrics.unstored(NoStoreReason.PARTIAL));
        }
        response.discard();
        if (attempt.range() == null) {
            // a 206 that nobody asked for is not understood (RFC 9110 section 15.3.7)
            return failed(attempt, protocolError(attempt, "a part came when the whole was asked for"));
        }
        send(attempt.plain(false), HeaderFields.EMPTY);
        return null;
    }

    private static UpstreamException protocolError(Attempt attempt, String what) {
        return new UpstreamException(
                UpstreamException.Kind.PROTOCOL,
                false,
                what + ": " + attempt.exchange().key());
    }

    /** As announced, or {@link CacheEntry#UNKNOWN_LENGTH}. */
    static long contentLength(HeaderFields fields) {
        return number(fields.first("content-length"));
    }

    /** Of decimal digits; -1 for anything else. */
    static long number(@Nullable String text) {
        if (text == null || text.isEmpty() || text.length() > 18) {
            return -1;
        }
        long number = 0;
        for (int i = 0; i < text.length(); i++) {
            char digit = text.charAt(i);
            if (digit < '0' || digit > '9') {
                return -1;
            }
            number = number * 10 + digit - '0';
        }
        return number;
    }
}
