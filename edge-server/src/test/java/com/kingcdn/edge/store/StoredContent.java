package com.kingcdn.edge.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.edge.policy.StoredResponse;
import com.kingcdn.edge.policy.Variant;
import com.kingcdn.http.HeaderFields;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/** Responses of one distribution that tests put into a store, and find there again. */
@NullMarked
final class StoredContent {

    private static final Duration DEADLINE = Duration.ofSeconds(20);

    private StoredContent() {}

    static CacheKey key(String target) {
        return new CacheKey("a1105", null, target);
    }

    static CacheRequest request(String target, String... fields) {
        return new CacheRequest("GET", "http", "video.netcinema.example", target, HeaderFields.of(fields));
    }

    /** What a response is selected by that was negotiated by that language. */
    static Variant language(String language) {
        HeaderFields request = HeaderFields.of("accept-language", language);
        return Objects.requireNonNull(Variant.of(HeaderFields.of("vary", "accept-language"), request));
    }

    /** Stores all of a response, whose content is of that size and begins with that number. */
    static void put(CacheStore store, CacheKey key, StoredResponse response, int size, int number) {
        assertThat(put(store, store.admit(key), key, response, size, number)).isTrue();
    }

    /** Stores it as it was admitted. @return whether it was listed */
    static boolean put(
            CacheStore store, Admission admission, CacheKey key, StoredResponse response, int size, int number) {
        CacheEntry entry = store.create(key, response, size);
        EntryWriter writer = entry.claimAll(true);
        boolean listed = store.list(entry, admission);
        store.end(admission);
        ByteBuf octets = Unpooled.buffer(size).writerIndex(size).setInt(0, number);
        writer.write(octets);
        octets.release();
        writer.complete();
        return listed;
    }

    /** Stores a version of what is at that path; later versions bear earlier dates. */
    static void add(CacheStore store, String target, int version, String... fields) {
        add(store, target, Variant.NONE, version, 100, fields);
    }

    static void add(CacheStore store, String target, Variant variant, int version, int size, String... fields) {
        CacheKey key = key(target);
        HeaderFields all = HeaderFields.of("etag", "\"" + version + "\"", "cache-control", "max-age=60")
                .plus(HeaderFields.of(fields));
        StoredResponse response = StoredResponse.of(200, all, variant, 1_000L - version, 1_000L - version);
        Admission admission = store.admit(key);
        store.learn(key, response);
        assertThat(put(store, admission, key, response, size, version)).isTrue();
    }

    /** The version that a request selects, null for none. */
    static @Nullable String etag(CacheStore store, String target, String... fields) {
        CacheEntry entry = find(store, target, fields);
        return entry == null ? null : entry.response().fields().first("etag");
    }

    /** Whether something is there that has to be validated first. */
    static boolean isStale(CacheStore store, String target) {
        CacheEntry entry = find(store, target);
        return entry != null && entry.lookup().validationRequired();
    }

    /** What a request selects, read from disk first if it is there. */
    static @Nullable CacheEntry find(CacheStore store, String target, String... fields) {
        CacheKey key = store.canonical(key(target));
        CompletionStage<?> loading = store.load(key);
        if (loading != null) {
            loading.toCompletableFuture().join();
        }
        return store.find(key, request(target, fields));
    }

    static void sync(CacheStore store) {
        assertThat(store.sync().toCompletableFuture()).succeedsWithin(DEADLINE);
    }

    static void awaitLoaded(CacheStore store) {
        assertThat(store.loaded().toCompletableFuture()).succeedsWithin(DEADLINE);
    }
}
