package com.kingcdn.origin.ingest;

import com.kingcdn.origin.content.CatalogEntry;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * A catalogue entry as the API shows it.
 *
 * @param size in bytes
 * @param sha256 64 hexadecimal digits; the entity tag is the same in quotes
 * @param modified to the second
 */
record ListedContent(String path, long size, String type, String sha256, Instant modified) {

    static ListedContent of(CatalogEntry entry) {
        return new ListedContent(
                entry.path(),
                entry.size(),
                entry.type(),
                entry.sha256(),
                Instant.ofEpochMilli(entry.modifiedMillis()).truncatedTo(ChronoUnit.SECONDS));
    }
}
