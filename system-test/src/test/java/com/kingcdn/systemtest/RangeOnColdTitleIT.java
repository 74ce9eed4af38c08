package com.kingcdn.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A range of a title nobody has asked for costs the origin little more than the range. */
@ExtendWith(LocalCdnExtension.class)
class RangeOnColdTitleIT {

    private static final int TITLE_BYTES = 20_000_000;
    private static final int MOST_FROM_ORIGIN = 3_000_000;

    private final LocalCdn cdn;

    RangeOnColdTitleIT(LocalCdn cdn) {
        this.cdn = cdn;
    }

    @Test
    void theOriginSendsOnlyTheBlocksTheRangeNeeds() throws Exception {
        byte[] content = ServeTitleIT.bytes(TITLE_BYTES);
        cdn.store("/cold", content);
        double before = cdn.originSentBytes();

        Curl.Response range = Curl.get(cdn.content("nyc", "/cold", "-r", "5000000-5999999"));
        assertThat(range.status()).as(range.error()).isEqualTo(206);
        assertThat(range.field("content-range")).isEqualTo("bytes 5000000-5999999/" + TITLE_BYTES);
        assertThat(range.body()).isEqualTo(Arrays.copyOfRange(content, 5_000_000, 6_000_000));
        assertThat(cdn.originSentBytes() - before).isBetween(1_000_000.0, (double) MOST_FROM_ORIGIN);

        double requests = cdn.originRequests();
        Curl.Response within = Curl.get(cdn.content("nyc", "/cold", "-r", "5100000-5200000"));
        assertThat(within.body()).isEqualTo(Arrays.copyOfRange(content, 5_100_000, 5_200_001));
        assertThat(within.field("cache-status")).contains("hit");
        assertThat(cdn.originRequests()).isEqualTo(requests);

        // the whole then comes in one piece from what is here and what is missing
        Curl.Response whole = Curl.get(cdn.content("nyc", "/cold"));
        assertThat(whole.status()).isEqualTo(200);
        assertThat(whole.body()).isEqualTo(content);
    }
}
