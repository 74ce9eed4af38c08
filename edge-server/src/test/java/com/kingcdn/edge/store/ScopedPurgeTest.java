package com.kingcdn.edge.store;

import static com.kingcdn.edge.store.StoredContent.find;
import static com.kingcdn.edge.store.StoredContent.key;
import static com.kingcdn.edge.store.StoredContent.sync;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.kingcdn.edge.policy.StoredResponse;
import com.kingcdn.edge.policy.Variant;
import com.kingcdn.http.HeaderFields;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

/** Purges of prefixes, hosts, tags and distributions, in memory and over restarts. */
@NullMarked
class ScopedPurgeTest {

    private static final int MOST_SCOPES = 20;

    @TempDir
    Path directory;

    private CacheStore open() {
        CacheStore store = CacheStore.open(
                DataSize.ofMegabytes(8),
                DiskTierSettings.of(directory, DataSize.ofMegabytes(16)),
                FileChannel::open,
                MOST_SCOPES);
        store.loaded().toCompletableFuture().join();
        return store;
    }

    private static void add(CacheStore store, String target, String tags) {
        add(store, store.admit(key(target)), target, tags);
    }

    private static boolean add(CacheStore store, Admission admission, String target, String tags) {
        HeaderFields fields = HeaderFields.of("etag", "\"one\"", "cache-control", "max-age=60", "surrogate-key", tags);
        StoredResponse response = StoredResponse.of(200, fields, Variant.NONE, 0, 0);
        return StoredContent.put(store, admission, key(target), response, 4, 0);
    }

    private static boolean isUsable(CacheStore store, String target) {
        CacheEntry entry = find(store, target);
        return entry != null && !entry.lookup().validationRequired();
    }

    @Test
    void aPurgeIsTrueAtOnceForWhatItNames() {
        try (CacheStore store = open()) {
            add(store, "/a/1", "x y");
            add(store, "/a/2", "y");
            add(store, "/b/1", "x");
            add(store, "/ab", "z");

            store.remove(PurgeScope.tag("a1105", "x"));
            assertThat(find(store, "/a/1")).isNull();
            assertThat(find(store, "/b/1")).isNull();
            assertThat(isUsable(store, "/a/2")).isTrue();

            store.markStale(PurgeScope.prefix("a1105", null, "/a/"));
            assertThat(isUsable(store, "/a/2")).isFalse();
            assertThat(find(store, "/a/2")).isNotNull();
            assertThat(isUsable(store, "/ab")).isTrue();

            store.remove(PurgeScope.distribution("a1105"));
            assertThat(find(store, "/ab")).isNull();
            assertThat(find(store, "/a/2")).isNull();
            assertThat(store.size()).isZero();

            add(store, "/a/1", "x");
            assertThat(isUsable(store, "/a/1")).as("what came after").isTrue();
        }
        assertThat(directory.resolve("purges")).isNotEmptyFile();
    }

    @Test
    void whatWasAskedForBeforeAPurgeIsNotStoredAfterIt() {
        try (CacheStore store = open()) {
            Admission early = store.admit(key("/a"));
            store.remove(PurgeScope.tag(null, "x"));
            assertThat(add(store, early, "/a", "x")).isFalse();
            assertThat(find(store, "/a")).isNull();
            Admission other = store.admit(key("/b"));
            store.remove(PurgeScope.tag(null, "x"));
            assertThat(add(store, other, "/b", "y")).isTrue();
            assertThat(isUsable(store, "/b")).isTrue();
        }
    }

    /** A validation sent before a soft purge says nothing about what came after. */
    @Test
    void aValidationLiftsEarlierSoftPurgesOnly() {
        try (CacheStore store = open()) {
            add(store, "/a", "x");
            CacheEntry entry = Objects.requireNonNull(find(store, "/a"));
            Admission before = store.admit(key("/a"));
            store.markStale(PurgeScope.tag(null, "x"));
            assertThat(isUsable(store, "/a")).isFalse();

            entry.freshen(entry.response(), before);
            assertThat(isUsable(store, "/a")).isFalse();

            Admission after = store.admit(key("/a"));
            entry.freshen(entry.response(), after);
            assertThat(isUsable(store, "/a")).isTrue();
            store.markStale(PurgeScope.tag(null, "other"));
            assertThat(isUsable(store, "/a")).isTrue();
        }
    }

    @Test
    void purgesOutliveTheProcess() throws Exception {
        try (CacheStore store = open()) {
            add(store, "/gone", "x");
            add(store, "/stale", "y");
            add(store, "/kept", "z");
            sync(store);
            store.remove(PurgeScope.tag(null, "x"));
            store.markStale(PurgeScope.tag(null, "y"));
            sync(store);
        }
        try (CacheStore store = open()) {
            assertThat(find(store, "/gone")).isNull();
            assertThat(find(store, "/stale")).isNotNull();
            assertThat(isUsable(store, "/stale")).isFalse();
            assertThat(isUsable(store, "/kept")).isTrue();
            add(store, "/gone", "x");
            assertThat(isUsable(store, "/gone")).isTrue();
            sync(store);
        }
        try (CacheStore store = open()) {
            assertThat(isUsable(store, "/gone")).as("stored anew").isTrue();
        }
    }

    @Test
    void theTableStaysBoundedAndForgetsNothingThatCounts() throws Exception {
        try (CacheStore store = open()) {
            add(store, "/early", "early");
            add(store, "/kept", "kept");
            for (int i = 0; i < 20 * MOST_SCOPES; i++) {
                store.remove(PurgeScope.tag(null, i == 3 ? "early" : "tag-" + i));
            }
            await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
                store.remove(PurgeScope.tag(null, "one-more"));
                assertThat(store.purgeScopes()).isLessThanOrEqualTo(MOST_SCOPES);
            });
            assertThat(find(store, "/early")).isNull();
            sync(store);
        }
        try (CacheStore store = open()) {
            assertThat(find(store, "/early")).isNull();
        }
    }

    @Test
    void aLostOrDamagedRecordOfPurgesHasEverythingValidated() throws Exception {
        Path file = directory.resolve("purges");
        try (CacheStore store = open()) {
            store.remove(PurgeScope.tag(null, "x"));
            store.remove(PurgeScope.tag(null, "y"));
            add(store, "/a", "z");
            sync(store);
        }
        byte[] whole = Files.readAllBytes(file);
        assertAfter(whole, true);
        byte[] damaged = whole.clone();
        damaged[whole.length / 2] ^= 1;
        for (byte[] content : List.of(damaged, new byte[0], new byte[40], new byte[] {1, 2, 3})) {
            assertAfter(content, false);
        }
    }

    /** The numbers of lost purges are given again; what was stored between them is not taken for later than they were. */
    @Test
    void anEntryBetweenLostPurgesIsValidated() throws Exception {
        try (CacheStore store = open()) {
            store.remove(PurgeScope.tag(null, "x"));
            sync(store);
        }
        byte[] early = Files.readAllBytes(directory.resolve("purges"));
        try (CacheStore store = open()) {
            store.remove(PurgeScope.tag(null, "y"));
            add(store, "/a", "z");
            store.remove(PurgeScope.tag(null, "z"));
            sync(store);
        }
        byte[] torn = Arrays.copyOf(early, early.length + 12);
        Arrays.fill(torn, early.length, torn.length, (byte) 7);
        Files.write(directory.resolve("purges"), torn);
        try (CacheStore store = open()) {
            assertThat(isUsable(store, "/a")).isFalse();
        }
    }

    /** Each time with the same entry, which a validation then frees again. */
    private void assertAfter(byte[] purges, boolean usable) throws Exception {
        Files.write(directory.resolve("purges"), purges);
        try (CacheStore store = open()) {
            assertThat(isUsable(store, "/a")).isEqualTo(usable);
            CacheEntry entry = Objects.requireNonNull(find(store, "/a"));
            entry.freshen(entry.response(), store.admit(key("/a")));
            assertThat(isUsable(store, "/a")).isTrue();
            sync(store);
        }
    }

    /** A record that was being written when the process died was not acknowledged, and is sent again. */
    @Test
    void aTornRecordAtTheEndCostsNothing() throws Exception {
        Path file = directory.resolve("purges");
        long before;
        try (CacheStore store = open()) {
            store.remove(PurgeScope.tag(null, "x"));
            add(store, "/a", "z");
            sync(store);
            before = Files.size(file);
            store.remove(PurgeScope.tag(null, "not-acknowledged"));
            sync(store);
        }
        byte[] whole = Files.readAllBytes(file);
        for (long end = before; end < whole.length; end += 7) {
            Files.write(file, Arrays.copyOf(whole, (int) end));
            try (CacheStore store = open()) {
                assertThat(isUsable(store, "/a")).isTrue();
            }
        }
    }

    @Test
    void aDirectoryThatCannotBeWrittenIsSaidToWhoeverWaits() throws IOException {
        try (CacheStore store = open()) {
            Files.createDirectory(directory.resolve(".purges.tmp"));
            Files.createFile(directory.resolve(".purges.tmp").resolve("in-the-way"));
            store.remove(PurgeScope.tag(null, "x"));
            assertThat(store.sync().toCompletableFuture()).failsWithin(Duration.ofSeconds(20));
            Files.delete(directory.resolve(".purges.tmp").resolve("in-the-way"));
            Files.delete(directory.resolve(".purges.tmp"));
            assertThat(store.sync().toCompletableFuture()).succeedsWithin(Duration.ofSeconds(20));
        }
        assertThat(directory.resolve("purges")).isNotEmptyFile();
    }
}
