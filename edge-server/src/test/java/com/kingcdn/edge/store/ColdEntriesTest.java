package com.kingcdn.edge.store;

import static com.kingcdn.edge.store.StoredContent.language;
import static com.kingcdn.edge.store.StoredContent.sync;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.edge.policy.StoredResponse;
import com.kingcdn.edge.policy.Variant;
import com.kingcdn.http.HeaderFields;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

/** Stored responses whose metadata is on disk only: after a restart, and when it does not fit on the heap. */
@NullMarked
@Timeout(60)
class ColdEntriesTest {

    private static final int SIZE = 100;

    @TempDir
    Path directory;

    private CacheStore open() {
        return open(Purges.MOST_SCOPES);
    }

    private CacheStore open(int mostPurgeScopes) {
        return open(mostPurgeScopes, FileChannel::open);
    }

    private CacheStore open(int mostPurgeScopes, SegmentFiles.ChannelOpener opener) {
        CacheStore store = CacheStore.open(
                DataSize.ofMegabytes(8),
                DiskTierSettings.of(directory, DataSize.ofMegabytes(64)),
                opener,
                mostPurgeScopes);
        store.loaded().toCompletableFuture().join();
        return store;
    }

    private static CacheKey key(int number) {
        return StoredContent.key("/" + number);
    }

    private static void add(CacheStore store, int number, Variant variant, String tag) {
        HeaderFields fields = HeaderFields.of("etag", "\"one\"", "cache-control", "max-age=60", "cache-tag", tag);
        StoredContent.put(store, key(number), StoredResponse.of(200, fields, variant, number, number), SIZE, number);
    }

    private static void add(CacheStore store, int number) {
        add(store, number, Variant.NONE, "tag" + number);
    }

    private static CacheRequest request(int number, String... fields) {
        return StoredContent.request("/" + number, fields);
    }

    private static @Nullable CacheEntry find(CacheStore store, int number, String... fields) {
        return StoredContent.find(store, "/" + number, fields);
    }

    @Test
    void allIsFoundAfterARestartAndNothingIsReadBefore() {
        try (CacheStore store = open()) {
            for (int number = 0; number < 100; number++) {
                add(store, number);
            }
            sync(store);
        }
        try (CacheStore store = open()) {
            assertThat(store.size()).isEqualTo(100);
            assertThat(store.metadataBytes()).isZero();
            assertThat(store.find(key(7), request(7))).isNull();
            for (int number = 0; number < 100; number++) {
                CacheEntry entry = find(store, number);
                assertThat(entry).isNotNull();
                assertThat(entry.firstMissing(0, SIZE)).isEqualTo(-1);
            }
            assertThat(store.size()).isEqualTo(100);
            assertThat(store.load(key(7))).as("read already").isNull();
            assertThat(find(store, 100)).isNull();
        }
    }

    @Test
    void variantsOfAKeyComeTogether() {
        try (CacheStore store = open()) {
            add(store, 1, language("de"), "x");
            add(store, 1, language("fr"), "x");
            sync(store);
        }
        try (CacheStore store = open()) {
            assertThat(find(store, 1, "accept-language", "de")).isNotNull();
            assertThat(find(store, 1, "accept-language", "fr")).isNotNull();
            assertThat(find(store, 1, "accept-language", "en")).isNull();
        }
    }

    @Test
    void whatIsPurgedBeforeItIsReadIsGoneForGood() {
        try (CacheStore store = open()) {
            add(store, 1);
            add(store, 2);
            add(store, 3);
            sync(store);
        }
        try (CacheStore store = open()) {
            assertThat(store.remove(key(1))).isEqualTo(1);
            assertThat(store.markStale(key(2))).isEqualTo(1);
            assertThat(find(store, 1)).isNull();
            sync(store);
        }
        try (CacheStore store = open()) {
            assertThat(find(store, 1)).isNull();
            CacheEntry stale = find(store, 2);
            assertThat(stale).isNotNull();
            assertThat(stale.lookup().validationRequired()).isTrue();
            CacheEntry kept = find(store, 3);
            assertThat(kept).isNotNull();
            assertThat(kept.lookup().validationRequired()).isFalse();
            stale.freshen(stale.response(), store.admit(key(2)));
            sync(store);
        }
        try (CacheStore store = open()) {
            CacheEntry fresh = find(store, 2);
            assertThat(fresh).isNotNull();
            assertThat(fresh.lookup().validationRequired()).isFalse();
        }
    }

    @Test
    void aPurgeMeetsWhatIsBeingRead() {
        int count = 300;
        try (CacheStore store = open()) {
            for (int number = 0; number < count; number++) {
                add(store, number);
            }
            sync(store);
        }
        try (CacheStore store = open()) {
            for (int number = 0; number < count; number++) {
                CompletionStage<?> loading = store.load(key(number));
                int met = number % 2 == 0 ? store.remove(key(number)) : store.markStale(key(number));
                assertThat(met).isEqualTo(1);
                assertThat(loading).isNotNull();
                loading.toCompletableFuture().join();
                CacheEntry entry = find(store, number);
                if (number % 2 == 0) {
                    assertThat(entry).isNull();
                } else {
                    assertThat(entry).isNotNull();
                    assertThat(entry.lookup().validationRequired()).isTrue();
                }
            }
        }
    }

    @Test
    void whatDoesNotFitOnTheHeapIsFoundOnDisk() {
        int count = 6000;
        try (CacheStore store = open()) {
            for (int number = 0; number < count; number++) {
                add(store, number);
                if (number % 500 == 0) {
                    sync(store);
                }
            }
            sync(store);
            assertThat(store.metadataBytes())
                    .as("two thousand or so")
                    .isLessThan(HeapEntries.mostMetadata(8 << 20, Long.MAX_VALUE) + 100_000);
            assertThat(store.size()).isEqualTo(count);
            for (int number = 0; number < count; number++) {
                CacheEntry entry = find(store, number);
                assertThat(entry).as("entry %d", number).isNotNull();
                assertThat(entry.firstMissing(0, SIZE)).isEqualTo(-1);
            }
            assertThat(store.remove(key(0))).isEqualTo(1);
            assertThat(find(store, 0)).isNull();
        }
    }

    @Test
    void aNewResponseReplacesOneThatWasNotRead() {
        try (CacheStore store = open()) {
            add(store, 1);
            sync(store);
        }
        try (CacheStore store = open()) {
            add(store, 1);
            CacheEntry latest = store.find(key(1), request(1));
            await().until(() -> store.size() == 1);
            assertThat(find(store, 1)).isSameAs(latest);
            sync(store);
        }
        try (CacheStore store = open()) {
            assertThat(store.size()).isEqualTo(1);
        }
    }

    @Test
    void purgesAreForgottenOnlyAfterTheyWereComparedWithWhatIsOnDisk() {
        try (CacheStore store = open()) {
            add(store, 1, Variant.NONE, "early");
            add(store, 2, Variant.NONE, "soft");
            add(store, 3, Variant.NONE, "kept");
            sync(store);
        }
        int most = 100;
        try (CacheStore store = open(most)) {
            store.remove(PurgeScope.tag(null, "early"));
            store.markStale(PurgeScope.tag(null, "soft"));
            for (int i = 0; i < most + most / 2; i++) {
                store.remove(PurgeScope.tag(null, "tag-" + i));
            }
            await().untilAsserted(() -> {
                store.remove(PurgeScope.tag(null, "one-more"));
                assertThat(store.purgeScopes()).isLessThanOrEqualTo(most);
            });
            assertThat(find(store, 1)).isNull();
            CacheEntry stale = find(store, 2);
            assertThat(stale).isNotNull();
            assertThat(stale.lookup().validationRequired()).isTrue();
        }
    }

    /** It could be read again when the purge that named it is forgotten. */
    @Test
    void whatCannotBeReadWhenPurgesAreComparedIsGone() {
        try (CacheStore store = open()) {
            add(store, 1, Variant.NONE, "early");
            sync(store);
        }
        int most = 100;
        FailingDisk disk = new FailingDisk();
        try (CacheStore store = open(most, disk)) {
            store.remove(PurgeScope.tag(null, "early"));
            disk.readsFail = true;
            for (int i = 0; i < most + most / 2; i++) {
                store.remove(PurgeScope.tag(null, "tag-" + i));
            }
            await().untilAsserted(() -> {
                store.remove(PurgeScope.tag(null, "one-more"));
                assertThat(store.purgeScopes()).isLessThanOrEqualTo(most);
            });
            disk.readsFail = false;
            assertThat(find(store, 1)).isNull();
        }
    }

    /** Nobody would know of it, and no purge name it, before the next start finds it. */
    @Test
    void whatCannotBeReadForWantOfMemoryIsStillThereToBePurged() {
        try (CacheStore store = open()) {
            add(store, 1);
            add(store, 2);
            sync(store);
        }
        FailingDisk disk = new FailingDisk();
        try (CacheStore store = open(Purges.MOST_SCOPES, disk)) {
            disk.readsRunOutOfMemory = true;
            assertThat(find(store, 1)).isNull();
            assertThat(find(store, 2)).isNull();
            disk.readsRunOutOfMemory = false;
            assertThat(store.remove(key(1))).isEqualTo(1);
            assertThat(find(store, 2)).as("tried again").isNotNull();
            sync(store);
        }
        try (CacheStore store = open()) {
            assertThat(find(store, 1)).isNull();
        }
    }
}
