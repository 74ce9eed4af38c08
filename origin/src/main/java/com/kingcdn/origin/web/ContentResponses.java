package com.kingcdn.origin.web;

import com.kingcdn.http.ByteRange;
import com.kingcdn.http.ByteRanges;
import com.kingcdn.http.ContentRange;
import com.kingcdn.http.EntityTag;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.http.HttpDate;
import com.kingcdn.http.Preconditions;
import com.kingcdn.http.Validators;
import com.kingcdn.origin.content.Catalog;
import com.kingcdn.origin.content.CatalogEntry;
import com.kingcdn.origin.content.ContentPath;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;

/** The decision what to answer to a request for content: RFC 9110, without I/O. */
final class ContentResponses {

    private final Catalog catalog;
    private final List<CacheControlRule> rules;

    ContentResponses(Catalog catalog, List<CacheControlRule> rules) {
        this.catalog = catalog;
        this.rules = List.copyOf(rules);
    }

    /**
     * @param method as in the request line
     * @param rawPath of the request target, percent-encoded and without the query
     * @param nowMillis Unix time in milliseconds
     */
    ContentResponse respond(String method, String rawPath, HeaderFields request, long nowMillis) {
        ContentResponse response = choose(method, rawPath, request, nowMillis);
        // refusals have one too (section 6.6.1)
        return response.fields().contains("date")
                ? response
                : new ContentResponse(
                        response.status(), response.fields().with("date", HttpDate.format(nowMillis)), response.body());
    }

    private ContentResponse choose(String method, String rawPath, HeaderFields request, long nowMillis) {
        boolean get = method.equals("GET");
        if (!get && !method.equals("HEAD")) {
            return problem(405, "content can be read with GET and HEAD only", HeaderFields.of("allow", "GET, HEAD"));
        }
        if (rawPath.equals("/")) {
            return notFound();
        }
        ContentPath path;
        try {
            path = ContentPath.parse(rawPath);
        } catch (IllegalArgumentException e) {
            return problem(400, String.valueOf(e.getMessage()), HeaderFields.EMPTY);
        }
        CatalogEntry entry = catalog.find(path);
        return entry == null ? notFound() : select(entry, get, request, nowMillis);
    }

    static ContentResponse notFound() {
        return problem(404, "there is no content of this path", HeaderFields.EMPTY);
    }

    static ContentResponse problem(int status, String detail, HeaderFields fields) {
        HeaderFields all = fields.toBuilder()
                .set("content-type", Problem.MEDIA_TYPE)
                .set("cache-control", "no-store")
                .build();
        return new ContentResponse(status, all, new ContentResponse.Words(new Problem(status, detail).json()));
    }

    private ContentResponse select(CatalogEntry entry, boolean get, HeaderFields request, long nowMillis) {
        long modified = entry.modifiedMillis() / 1000 * 1000;
        Validators validators =
                new Validators(tagOf(entry), OptionalLong.of(modified), nowMillis / 1000 * 1000 > modified);
        HeaderFields fields = fieldsOf(entry, nowMillis);
        return switch (Preconditions.evaluate(get ? "GET" : "HEAD", request, validators, nowMillis)) {
            case NOT_MODIFIED -> new ContentResponse(304, fields, new ContentResponse.Empty());
            case PRECONDITION_FAILED ->
                problem(412, "the content is another version than expected", HeaderFields.EMPTY);
            case PROCEED -> {
                // a Range means something to GET only (section 14.2)
                boolean ranged = get && Preconditions.rangeApplies(request, validators, nowMillis);
                yield proceed(entry, fields, ByteRanges.parse(ranged ? request.combined("range") : null));
            }
        };
    }

    private static ContentResponse proceed(CatalogEntry entry, HeaderFields fields, ByteRanges ranges) {
        HeaderFields described = fields.toBuilder()
                .add("content-type", entry.type())
                .add("repr-digest", "sha-256=:" + Base64.getEncoder().encodeToString(digestOf(entry)) + ":")
                .build();
        ByteRanges.Selection selection = ranges.select(entry.size());
        if (selection instanceof ByteRanges.Parts parts) {
            return partial(entry, described, parts.ranges());
        }
        if (selection instanceof ByteRanges.NotSatisfiable) {
            return problem(
                    416,
                    ranges.isTooMany()
                            ? "the range has more parts than are served"
                            : "no part of the range lies within the content, or it has too many parts",
                    HeaderFields.of(
                            "content-range",
                            ContentRange.unsatisfied(entry.size()).toString()));
        }
        return new ContentResponse(200, described, new ContentResponse.Content(entry, 0, entry.size()));
    }

    private static ContentResponse partial(CatalogEntry entry, HeaderFields fields, List<ByteRange> ranges) {
        if (ranges.size() == 1) {
            ByteRange range = ranges.get(0);
            return new ContentResponse(
                    206,
                    fields.with(
                            "content-range",
                            ContentRange.of(range, entry.size()).toString()),
                    new ContentResponse.Content(entry, range.first(), range.length()));
        }
        // 122 random bits: nobody can have put them into the content before
        ThreadLocalRandom random = ThreadLocalRandom.current();
        String boundary = Long.toHexString(random.nextLong()) + Long.toHexString(random.nextLong());
        MultipartByteRanges parts = new MultipartByteRanges(ranges, boundary, entry.type(), entry.size());
        return new ContentResponse(
                206, fields.with("content-type", parts.contentType()), new ContentResponse.Multipart(entry, parts));
    }

    /** The fields that 200, 206 and 304 share (section 15.4.5). */
    private HeaderFields fieldsOf(CatalogEntry entry, long nowMillis) {
        return HeaderFields.of(
                "date", HttpDate.format(nowMillis),
                "etag", tagOf(entry).toString(),
                "last-modified", HttpDate.format(Math.min(entry.modifiedMillis(), nowMillis)),
                "cache-control", CacheControlRule.valueFor(entry.path(), rules),
                "accept-ranges", "bytes");
    }

    private static EntityTag tagOf(CatalogEntry entry) {
        return new EntityTag(entry.sha256(), false);
    }

    private static byte[] digestOf(CatalogEntry entry) {
        return HexFormat.of().parseHex(entry.sha256());
    }
}
