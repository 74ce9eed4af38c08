package com.kingcdn.edge.cache;

import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.edge.policy.ResponseForm;
import com.kingcdn.edge.store.BlockSource;
import com.kingcdn.edge.store.Blocks;
import com.kingcdn.edge.store.CacheEntry;
import com.kingcdn.edge.store.EntryReader;
import com.kingcdn.edge.store.EntryWriter;
import com.kingcdn.http.ByteRange;
import com.kingcdn.http.ContentRange;
import com.kingcdn.http.FieldNames;
import com.kingcdn.http.HeaderFields;
import io.netty.buffer.ByteBuf;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The answer that an entry gives to a request: what of it is needed, and how it is sent. */
final class StoredReply {

    /** RFC 9110 section 15.4.5, with what else guides caches; and what says who may see it. */
    private static final FieldNames IN_NOT_MODIFIED = FieldNames.of(
            "access-control-allow-credentials",
            "access-control-allow-origin",
            "access-control-expose-headers",
            "cache-control",
            "cache-groups",
            "cdn-cache-control",
            "content-location",
            "date",
            "etag",
            "expires",
            "no-vary-search",
            "vary",
            "last-modified");

    private final CacheRequest request;
    private final Exchange exchange;
    private final CacheEntry entry;
    private final ResponseForm form;
    private boolean filled;

    /** Of an entry as it is now. */
    StoredReply(Exchange exchange, CacheEntry entry, long nowMillis) {
        this.request = exchange.request();
        this.exchange = exchange;
        this.entry = entry;
        this.form = ResponseForm.of(request, entry.response(), entry.length(), nowMillis);
    }

    /** The same, of an entry that is filled for this very request: that it is read is no sign that it will be again. */
    StoredReply ofFill() {
        filled = true;
        return this;
    }

    /** Offset of the first octet of content that is needed; -1 for none. */
    private long start() {
        if (form instanceof ResponseForm.Partial partial) {
            return partial.ranges().get(0).first();
        }
        return form instanceof ResponseForm.Whole && request.isGet() && entry.length() != 0 ? 0 : -1;
    }

    /** The first block that it needs and that is missing; -1 for none. */
    int firstMissing() {
        if (form instanceof ResponseForm.Partial partial) {
            for (ByteRange range : partial.ranges()) {
                int missing = entry.firstMissing(range.first(), range.last() + 1);
                if (missing >= 0) {
                    return missing;
                }
            }
            return -1;
        }
        return start() < 0 ? -1 : entry.firstMissing(0, Long.MAX_VALUE);
    }

    /** The block after those that will be wanted from this one on. */
    int wantedEnd(int block) {
        if (form instanceof ResponseForm.Partial partial) {
            for (ByteRange range : partial.ranges()) {
                if (Blocks.at(range.last()) >= block && Blocks.at(range.first()) <= block) {
                    return Blocks.at(range.last()) + 1;
                }
            }
        }
        return entry.length() == CacheEntry.UNKNOWN_LENGTH ? Integer.MAX_VALUE : Blocks.count(entry.length());
    }

    /** Whether this block, if it is any, holds the first octet needed. */
    boolean startsIn(int block) {
        return block >= 0 && start() >= 0 && Blocks.at(start()) == block;
    }

    /** Who brings the first octet and does not know yet whether upstream has it; null for nobody. */
    @Nullable
    EntryWriter unopenedWriter() {
        if (!entry.isBusy() || start() < 0) {
            return null;
        }
        EntryWriter writer = entry.writerOf(Blocks.at(start()));
        return writer == null || writer.opened().isDone() ? null : writer;
    }

    /** Who can begin to bring blocks. */
    interface Bringer {

        /** Brings blocks from one to before another; null when somebody else brings the first one, or it is there. */
        @Nullable
        EntryWriter begin(int first, int end);
    }

    /**
     * Has the first octet brought if it is missing, as long as nobody else does.
     *
     * @return who brings it and does not know yet whether upstream has it; null when it is there, or on its way for certain
     */
    @Nullable
    EntryWriter bringStart(Bringer bringer) {
        int missing = firstMissing();
        while (startsIn(missing)) {
            EntryWriter begun = bringer.begin(missing, wantedEnd(missing));
            EntryWriter writer = begun != null ? begun : unopenedWriter();
            if (writer != null) {
                return writer;
            }
            // somebody else was about to, and has brought it by now or has failed
            missing = firstMissing();
        }
        return null;
    }

    /**
     * The response.
     *
     * @param ageSeconds for the Age field, or {@link EdgeResponse#NO_AGE}
     * @param source of blocks that are not there when their turn comes
     */
    EdgeResponse build(long ageSeconds, CacheStatus status, BlockSource source) {
        if (form instanceof ResponseForm.NotModified) {
            return EdgeResponse.head(304, notModifiedFields(), ageSeconds, EdgeResponse.UNKNOWN_LENGTH, status);
        }
        if (form instanceof ResponseForm.RangeNotSatisfiable) {
            HeaderFields fields = HeaderFields.of(
                    "content-range", ContentRange.unsatisfied(entry.length()).toString());
            return EdgeResponse.problem(416, fields, "no range asked for lies within the content", status);
        }
        if (form instanceof ResponseForm.Partial partial) {
            return partial(partial.ranges(), ageSeconds, status, source);
        }
        return whole(ageSeconds, status, source);
    }

    /** Another edge of this CDN has to know the tags, and applies the distribution's rules itself. */
    private HeaderFields fieldsToSend() {
        return exchange.isForPeer() ? entry.fieldsForTheCdn() : entry.fieldsToSend(exchange.distribution());
    }

    private HeaderFields notModifiedFields() {
        HeaderFields all = fieldsToSend();
        // another edge updates what it has by all that may have changed: directives for it, tags, groups
        return exchange.isForPeer() ? all : all.without(name -> !IN_NOT_MODIFIED.contains(name));
    }

    private EdgeResponse whole(long ageSeconds, CacheStatus status, BlockSource source) {
        int code = entry.response().status();
        long length = entry.length();
        if (request.isHead() || code == 204 || code == 304) {
            long said = code == 204 || code == 304 ? EdgeResponse.UNKNOWN_LENGTH : length;
            return EdgeResponse.head(code, fieldsToSend(), ageSeconds, said, status);
        }
        ByteBuf content = length == CacheEntry.UNKNOWN_LENGTH ? null : fromMemory(0, length);
        EdgeResponse.Body body =
                content == null ? streamed(0, Long.MAX_VALUE, source) : new EdgeResponse.Whole(content);
        return new EdgeResponse(code, fieldsToSend(), ageSeconds, length, body, status);
    }

    private @Nullable ByteBuf fromMemory(long from, long end) {
        return filled ? entry.filled(from, end) : entry.fromMemory(from, end);
    }

    private EdgeResponse.Body streamed(long from, long end, BlockSource source) {
        EntryReader reader = entry.read(from, end, source);
        return new EdgeResponse.Streamed(reader, reader::close);
    }

    private EdgeResponse partial(List<ByteRange> ranges, long ageSeconds, CacheStatus status, BlockSource source) {
        if (ranges.size() > 1) {
            MultipartRanges parts = new MultipartRanges(entry, ranges, source);
            HeaderFields fields = fieldsToSend().with("content-type", parts.contentType());
            return new EdgeResponse(206, fields, ageSeconds, parts.length(), parts.body(), status);
        }
        ByteRange range = ranges.get(0);
        HeaderFields fields = fieldsToSend()
                .with("content-range", ContentRange.of(range, entry.length()).toString());
        ByteBuf content = fromMemory(range.first(), range.last() + 1);
        EdgeResponse.Body body =
                content == null ? streamed(range.first(), range.last() + 1, source) : new EdgeResponse.Whole(content);
        return new EdgeResponse(206, fields, ageSeconds, range.length(), body, status);
    }
}
