package com.kingcdn.edge.cache;

import com.kingcdn.edge.policy.Revalidation;
import com.kingcdn.edge.store.BlockSource;
import com.kingcdn.edge.store.Blocks;
import com.kingcdn.edge.store.CacheEntry;
import com.kingcdn.edge.store.CacheStore;
import com.kingcdn.edge.store.EntryWriter;
import com.kingcdn.edge.upstream.Upstream;
import com.kingcdn.edge.upstream.UpstreamResponse;
import com.kingcdn.http.ByteRange;
import com.kingcdn.http.ContentRange;
import com.kingcdn.http.EntityTag;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.http.Validators;
import java.time.InstantSource;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Fetches missing blocks of an entry that has others, on behalf of one request. Only octets of the very same version are taken (RFC
 * 9110 section 15.3.7.3); when upstream has another one, or none any more, the entry is given up.
 */
final class RangeFetch implements BlockSource {

    private final CacheStore store;
    private final Upstream upstream;
    private final InstantSource clock;
    private final Exchange exchange;

    RangeFetch(CacheStore store, Upstream upstream, InstantSource clock, Exchange exchange) {
        this.store = store;
        this.upstream = upstream;
        this.clock = clock;
        this.exchange = exchange;
    }

    @Override
    public void bring(CacheEntry entry, int first, int end) {
        begin(entry, first, end);
    }

    /**
     * Begins to bring blocks that are missing.
     *
     * @return null when somebody else brings the first one
     * @throws FillException when nothing that came could be known to be of this version
     */
    @Nullable
    EntryWriter begin(CacheEntry entry, int first, int end) {
        if (!entry.isVerifiable()) {
            throw new FillException(FillException.Kind.LOST, "blocks of " + entry.key() + " were lost");
        }
        EntryWriter writer = entry.claim(first, Math.max(end, first + 1));
        if (writer != null) {
            long last = writer.end() - 1;
            HeaderFields fields = HeaderFields.of(
                    "range", "bytes=" + Blocks.start(first) + "-" + last, "if-range", strongValidator(entry));
            upstream.fetch(exchange.toStore(fields))
                    .subscribe(response -> received(response, writer, last), writer::fail);
        }
        return writer;
    }

    private static String strongValidator(CacheEntry entry) {
        EntityTag tag = entry.response().validators().entityTag();
        return tag != null
                ? tag.toString()
                : Objects.requireNonNull(entry.response().fields().first("last-modified"));
    }

    private void received(UpstreamResponse response, EntryWriter writer, long last) {
        CacheEntry entry = writer.entry();
        if (response.status() == 206) {
            ContentRange part = ContentRange.parse(response.fields().first("content-range"));
            ByteRange range = part == null ? null : part.range();
            long said = OriginFetch.contentLength(response.fields());
            if (range != null
                    && range.first() == writer.position()
                    && range.last() <= last
                    && (said < 0 || said == range.length())
                    && Revalidation.mayCombine(entry.response(), response.fields(), entry.length(), clock.millis())) {
                new Fill(response.body(), writer, range.last() + 1).start();
                return;
            }
        } else if (response.status() == 200 && isSameVersion(response, entry)) {
            // upstream does not do ranges: all of it comes, and what is there already is skipped
            EntryWriter all = entry.claimAll(false);
            writer.stop();
            new Fill(response.body(), all, entry.length()).start();
            return;
        }
        response.discard();
        if (response.status() >= 500) {
            writer.fail(new FillException(
                    FillException.Kind.REFUSED, "upstream answered " + response.status() + " for " + entry.key()));
            return;
        }
        if (!isOfTheResource(response.status())) {
            // else one client without a right to it could take it from all others
            writer.fail(new FillException(
                    FillException.Kind.DECLINED, "upstream answered " + response.status() + " for " + entry.key()));
            return;
        }
        store.discard(entry);
        writer.fail(new FillException(
                FillException.Kind.CHANGED, entry.key() + " has another version upstream than the one stored"));
    }

    /** Whether an answer without the octets that were asked for tells what has become of them, whoever asks. */
    private static boolean isOfTheResource(int status) {
        return status / 100 == 2 || status == 404 || status == 410 || status == 416;
    }

    private boolean isSameVersion(UpstreamResponse response, CacheEntry entry) {
        Validators theirs = Validators.of(response.fields(), clock.millis());
        return entry.response().validators().matchesStrongly(theirs)
                && OriginFetch.contentLength(response.fields()) == entry.length();
    }
}
