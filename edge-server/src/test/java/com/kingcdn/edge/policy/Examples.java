package com.kingcdn.edge.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.http.HeaderFields;
import com.kingcdn.http.HttpDate;
import java.time.Instant;

/** Requests and responses that the tests of this package start from. */
final class Examples {

    /** When everything in these tests arrives. */
    static final long NOW = Instant.parse("2026-11-22T06:00:00Z").toEpochMilli();

    static final String TARGET = "/6Y7B23V?part=1";

    private Examples() {}

    static CacheRequest get(String... fields) {
        return request("GET", fields);
    }

    static CacheRequest request(String method, String... fields) {
        return new CacheRequest(method, "http", "video.netcinema.example:8080", TARGET, HeaderFields.of(fields));
    }

    /** What is stored of a 200 with these fields that arrived now. */
    static StoredResponse stored(String... fields) {
        return stored(get(), 200, fields);
    }

    static StoredResponse stored(CacheRequest request, int status, String... fields) {
        StoreDecision decision =
                Storability.decide(request, status, HeaderFields.of(fields), CacheRules.STANDARD, NOW, NOW);
        assertThat(decision).isInstanceOf(StoreDecision.Store.class);
        return ((StoreDecision.Store) decision).response();
    }

    /** A date so many seconds from now. */
    static String date(long seconds) {
        return HttpDate.format(NOW + seconds * 1000);
    }

    /** The time so many seconds from now. */
    static long in(double seconds) {
        return NOW + Math.round(seconds * 1000);
    }
}
