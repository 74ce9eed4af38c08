package com.kingcdn.edge.cache;

import com.kingcdn.edge.store.BlockSource;
import com.kingcdn.edge.store.CacheEntry;
import com.kingcdn.edge.store.EntryReader;
import com.kingcdn.http.ByteRange;
import com.kingcdn.http.ContentRange;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/** Several ranges of an entry as one multipart/byteranges body (RFC 9110 section 14.6). */
final class MultipartRanges {

    private final CacheEntry entry;
    private final BlockSource source;
    private final List<ByteRange> ranges;
    private final List<byte[]> heads = new ArrayList<>();
    private final String boundary =
            "%016x".formatted(ThreadLocalRandom.current().nextLong());
    private final byte[] tail;

    MultipartRanges(CacheEntry entry, List<ByteRange> ranges, BlockSource source) {
        this.entry = entry;
        this.ranges = ranges;
        this.source = source;
        String type = entry.fieldsToSend().first("content-type");
        for (ByteRange range : ranges) {
            heads.add(head(type, ContentRange.of(range, entry.length())));
        }
        tail = octets("\r\n--" + boundary + "--\r\n");
    }

    private byte[] head(@Nullable String type, ContentRange range) {
        String typeLine = type == null ? "" : "Content-Type: " + type + "\r\n";
        return octets("\r\n--" + boundary + "\r\n" + typeLine + "Content-Range: " + range + "\r\n\r\n");
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    String contentType() {
        return "multipart/byteranges; boundary=" + boundary;
    }

    /** Of the whole body, in octets. */
    long length() {
        long length = tail.length;
        for (int i = 0; i < heads.size(); i++) {
            length += heads.get(i).length + ranges.get(i).length();
        }
        return length;
    }

    EdgeResponse.Streamed body() {
        // what has a reader is brought and kept: of a part whose turn comes later only what could not be brought then
        List<EntryReader> begun = new ArrayList<>();
        begun.add(read(ranges.get(0)));
        for (ByteRange range : entry.isRefillable() ? List.<ByteRange>of() : ranges.subList(1, ranges.size())) {
            begun.add(entry.readLater(range.first(), range.last() + 1, source));
        }
        Runnable close = () -> begun.forEach(EntryReader::close);
        Flux<ByteBuf> parts =
                Flux.range(0, ranges.size()).concatMap(i -> part(i, i < begun.size() ? begun.get(i) : null), 0);
        Flux<ByteBuf> end = Flux.just(tail).map(Unpooled::wrappedBuffer);
        return new EdgeResponse.Streamed(parts.concatWith(end).doFinally(how -> close.run()), close);
    }

    private Flux<ByteBuf> part(int index, @Nullable EntryReader begun) {
        Flux<ByteBuf> head = Flux.just(heads.get(index)).map(Unpooled::wrappedBuffer);
        return head.concatWith(begun != null ? begun : Flux.defer(() -> read(ranges.get(index))));
    }

    private EntryReader read(ByteRange range) {
        return entry.read(range.first(), range.last() + 1, source);
    }
}
