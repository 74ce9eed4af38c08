package com.kingcdn.edge.cache;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Responses that end with their head. */
class NoContentIT {

    private final CacheSetup setup = new CacheSetup();

    @AfterEach
    void close() {
        setup.close();
    }

    /** RFC 9110 section 15.3.5: it may be stored like a 200. */
    @Test
    void a204IsStored() {
        setup.origin.on("/none", (request, response) -> response.status(204)
                .header("cache-control", "max-age=60")
                .send());

        Received miss = setup.get("/none");
        Received hit = setup.get("/none");

        assertThat(miss.cacheStatus().stored()).isTrue();
        assertThat(hit.status()).isEqualTo(204);
        assertThat(hit.cacheStatus().isHit()).isTrue();
        assertThat(hit.contentLength()).isEqualTo(EdgeResponse.UNKNOWN_LENGTH);
        assertThat(setup.origin.requests()).containsExactly("GET /none");
    }
}
