package com.kingcdn.edge.cache;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.policy.StoredResponse;
import com.kingcdn.edge.policy.Variant;
import com.kingcdn.edge.store.Admission;
import com.kingcdn.edge.store.CacheEntry;
import com.kingcdn.edge.store.CacheStore;
import com.kingcdn.edge.store.DiskTierSettings;
import com.kingcdn.edge.store.EntryWriter;
import com.kingcdn.http.ByteRange;
import com.kingcdn.http.HeaderFields;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

class MultipartRangesTest {

    private static final CacheKey KEY = new CacheKey("a1105", null, "/title");
    private static final long FAR = 40L << 20;

    /** Else the origin would be read as fast as it can to the last range, for a client that is slow at the first. */
    @Test
    void aRangeWhoseTurnComesLaterHurriesNobody() {
        try (CacheStore store =
                CacheStore.open(DataSize.ofMegabytes(16), DiskTierSettings.of(null, DataSize.ofMegabytes(16)))) {
            HeaderFields fields = HeaderFields.of("etag", "W/\"one\"", "cache-control", "max-age=60");
            CacheEntry entry = store.create(KEY, StoredResponse.of(200, fields, Variant.NONE, 0, 0), FAR + 100);
            Admission admission = store.admit(KEY);
            assertThat(store.list(entry, admission)).isTrue();
            store.end(admission);
            EntryWriter writer = entry.claimAll(false);
            MultipartRanges parts = new MultipartRanges(
                    entry, List.of(new ByteRange(0, 9), new ByteRange(FAR, FAR + 9)), (lost, first, end) -> {
                        throw new IllegalStateException("there is somebody who brings all");
                    });

            EdgeResponse.Streamed body = parts.body();
            assertThat(writer.limit()).isEqualTo(CacheEntry.READ_AHEAD);
            assertThat(writer.isWanted()).isTrue();

            body.abandon().run();
            assertThat(writer.isWanted()).isFalse();
            writer.stop();
        }
    }
}
