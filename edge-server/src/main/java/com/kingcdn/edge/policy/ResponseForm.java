package com.kingcdn.edge.policy;

import com.kingcdn.http.ByteRange;
import com.kingcdn.http.ByteRanges;
import com.kingcdn.http.FieldNames;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.http.HttpDate;
import com.kingcdn.http.Preconditions;
import com.kingcdn.http.Validators;
import java.util.List;
import java.util.OptionalLong;

/** In what form a stored response answers a request: whole, in parts, or as the news that there is nothing new. */
public sealed interface ResponseForm {

    /** Its status and all of its content. */
    record Whole() implements ResponseForm {}

    /** 304 (RFC 9110 section 15.4.5). */
    record NotModified() implements ResponseForm {}

    /**
     * 206 with one range, or several as multipart/byteranges (RFC 9110 section 15.3.7).
     *
     * @param ranges in the order to send them
     */
    record Partial(List<ByteRange> ranges) implements ResponseForm {}

    /** 416 with the complete length (RFC 9110 section 15.5.17). */
    record RangeNotSatisfiable() implements ResponseForm {}

    /** The complete length of content of which nobody has said how long it is. */
    long LENGTH_UNKNOWN = -1;

    /** Fields that may ask for another form than the whole. */
    FieldNames ASKING = FieldNames.of("if-modified-since", "if-none-match", "range");

    ResponseForm WHOLE = new Whole();
    ResponseForm NOT_MODIFIED = new NotModified();
    ResponseForm RANGE_NOT_SATISFIABLE = new RangeNotSatisfiable();

    /**
     * The form for a request that this response may answer.
     *
     * @param completeLength of the content in bytes, or {@link #LENGTH_UNKNOWN}: then a Range is ignored
     */
    static ResponseForm of(CacheRequest request, StoredResponse stored, long completeLength, long nowMillis) {
        HeaderFields fields = request.fields();
        if (stored.status() != 200 || !fields.containsAny(ASKING)) {
            return WHOLE; // conditions and ranges apply to successes only (RFC 9110 sections 13.2.1 and 14.2)
        }
        if (isNotModified(fields, stored, nowMillis)) {
            return NOT_MODIFIED;
        }
        if (!request.isGet() || completeLength == LENGTH_UNKNOWN || !fields.contains("range")) {
            return WHOLE;
        }
        if (!Preconditions.rangeApplies(fields, stored.validators(), nowMillis) || mayBeOfAnotherForm(fields, stored)) {
            return WHOLE;
        }
        ByteRanges.Selection selection =
                ByteRanges.parse(fields.combined("range")).select(completeLength);
        if (selection instanceof ByteRanges.Parts parts) {
            return new Partial(parts.ranges());
        }
        return selection instanceof ByteRanges.NotSatisfiable ? RANGE_NOT_SATISFIABLE : WHOLE;
    }

    /** Whether If-Range is a date, which the coded form and the plain one have both, from a client that may have a part of either. */
    private static boolean mayBeOfAnotherForm(HeaderFields fields, StoredResponse stored) {
        String ifRange = fields.first("if-range");
        return ifRange != null
                && !ifRange.endsWith("\"")
                && fields.contains(StoredResponse.CODING)
                && (stored.isEncodedHere() || Compressible.is(stored.fields()));
    }

    /** Date stands in for a missing Last-Modified (RFC 9111 section 4.3.2). */
    private static boolean isNotModified(HeaderFields fields, StoredResponse stored, long nowMillis) {
        Validators held = stored.validators();
        if (held.lastModified().isEmpty() && fields.contains("if-modified-since")) {
            OptionalLong date = HttpDate.parse(stored.fields().first("date"), nowMillis);
            held = new Validators(held.entityTag(), date, false);
        }
        return Preconditions.isNotModified(fields, held, nowMillis);
    }
}
