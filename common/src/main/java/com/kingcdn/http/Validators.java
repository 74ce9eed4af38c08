package com.kingcdn.http;

import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What identifies one version of a representation (RFC 9110 section 8.8).
 *
 * @param entityTag of the representation, or null
 * @param lastModified its Last-Modified in Unix milliseconds, whole seconds; empty when unknown
 * @param lastModifiedStrong whether that date tells two versions apart: it is a second or more before the Date of its response
 *     (section 8.8.2.2)
 */
public record Validators(@Nullable EntityTag entityTag, OptionalLong lastModified, boolean lastModifiedStrong) {

    /** A representation without validators. */
    public static final Validators NONE = new Validators(null, OptionalLong.empty(), false);

    /**
     * Those of a response's fields.
     *
     * @param nowMillis the Date, when the fields have none
     */
    public static Validators of(HeaderFields fields, long nowMillis) {
        EntityTag entityTag = EntityTag.parse(fields.first("etag"));
        OptionalLong modified = HttpDate.parse(fields.first("last-modified"), nowMillis);
        if (entityTag == null && modified.isEmpty()) {
            return NONE;
        }
        long date = HttpDate.parse(fields.first("date"), nowMillis).orElse(nowMillis);
        return new Validators(entityTag, modified, modified.isPresent() && modified.getAsLong() + 1000 <= date);
    }

    /** Whether nothing identifies the version. */
    public boolean isEmpty() {
        return entityTag == null && lastModified.isEmpty();
    }

    /** Whether both name the same bytes for certain, so that parts of the two may be put together (RFC 9110 section 15.3.7.3). */
    public boolean matchesStrongly(Validators other) {
        if (entityTag != null || other.entityTag != null) {
            return entityTag != null && other.entityTag != null && entityTag.matchesStrongly(other.entityTag);
        }
        return lastModifiedStrong && other.lastModifiedStrong && lastModified.equals(other.lastModified);
    }
}
