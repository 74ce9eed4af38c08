package com.kingcdn.edge.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.cache.CacheStatus;
import com.kingcdn.edge.policy.ForwardReason;
import org.junit.jupiter.api.Test;

/** RFC 9211 section 2, RFC 9651. */
class CacheStatusHeaderTest {

    private final CacheStatusHeader header = new CacheStatusHeader("nyc-1");

    @Test
    void saysHit() {
        assertThat(header.value(CacheStatus.hit(30))).isEqualTo("nyc-1; hit; ttl=30");
        assertThat(header.value(CacheStatus.hit(-5, "stale-if-error")))
                .isEqualTo("nyc-1; hit; ttl=-5; detail=stale-if-error");
        assertThat(header.value(CacheStatus.generated("only-if-cached"))).isEqualTo("nyc-1; detail=only-if-cached");
        assertThat(header.value(CacheStatus.hit(CacheStatus.NO_TTL))).isEqualTo("nyc-1; hit");
    }

    @Test
    void saysWhyItWentUpstreamAndWhatCameOfIt() {
        assertThat(header.value(new CacheStatus(ForwardReason.URI_MISS, 200, 600, true, true, null)))
                .isEqualTo("nyc-1; fwd=uri-miss; fwd-status=200; stored; collapsed; ttl=600");
        assertThat(header.value(CacheStatus.forwarded(ForwardReason.METHOD, 0, null)))
                .isEqualTo("nyc-1; fwd=method");
    }

    @Test
    void quotesWhatIsNoToken() {
        assertThat(new CacheStatusHeader("1-nyc").value(CacheStatus.forwarded(ForwardReason.MISS, 0, "a \"b\"")))
                .isEqualTo("\"1-nyc\"; fwd=miss; detail=\"a \\\"b\\\"\"");
    }
}
