package com.kingcdn.redirector.dnssec;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * When a key does what, as BIND's key files say it; null is never.
 *
 * @param publish from when on it is in the DNSKEY set
 * @param activate from when on it signs the zone's data
 * @param inactive from when on it no longer does
 * @param delete from when on it is no longer in the DNSKEY set
 * @param syncPublish from when on CDS and CDNSKEY ask the parent for it (RFC 7344)
 * @param syncDelete from when on they no longer do
 */
record KeyTimings(
        @Nullable Instant publish,
        @Nullable Instant activate,
        @Nullable Instant inactive,
        @Nullable Instant delete,
        @Nullable Instant syncPublish,
        @Nullable Instant syncDelete) {

    boolean isPublished(Instant now) {
        return within(publish, delete, now);
    }

    boolean isActive(Instant now) {
        return isPublished(now) && within(activate, inactive, now);
    }

    boolean isAskedFor(Instant now) {
        return isPublished(now) && within(syncPublish, syncDelete, now);
    }

    private static boolean within(@Nullable Instant from, @Nullable Instant to, Instant now) {
        return from != null && !now.isBefore(from) && (to == null || now.isBefore(to));
    }

    KeyTimings retired(Instant inactiveFrom, @Nullable Instant deleteFrom) {
        return new KeyTimings(publish, activate, inactiveFrom, deleteFrom, syncPublish, syncDelete);
    }

    KeyTimings deleted(Instant deleteFrom) {
        return new KeyTimings(publish, activate, inactive, deleteFrom, syncPublish, syncDelete);
    }

    KeyTimings unasked(Instant syncDeleteFrom) {
        return new KeyTimings(publish, activate, inactive, delete, syncPublish, syncDeleteFrom);
    }
}
