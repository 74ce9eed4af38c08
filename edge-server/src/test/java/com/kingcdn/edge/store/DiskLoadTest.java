package com.kingcdn.edge.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.edge.policy.StoredResponse;
import com.kingcdn.edge.policy.Variant;
import com.kingcdn.http.HeaderFields;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;
import org.springframework.util.unit.DataSize;

/** A store that serves while it reads what it had stored before: what happens meanwhile is newer than all that comes from disk. */
@NullMarked
@Timeout(60)
class DiskLoadTest {

    private static final int SIZE = 100;

    @TempDir
    Path directory;

    private final FailingDisk disk = new FailingDisk();

    @AfterEach
    void goOn() {
        disk.reads = null;
    }

    /** Reading what is stored comes to a halt, until {@link #release}. */
    private CacheStore openHalted() {
        disk.reads = new Semaphore(0);
        return open();
    }

    private CacheStore open() {
        return open(directory);
    }

    private CacheStore open(Path place) {
        return CacheStore.open(
                DataSize.ofMegabytes(64),
                DiskTierSettings.of(place, DataSize.ofMegabytes(64)),
                disk,
                Purges.MOST_SCOPES);
    }

    private CacheStore openLoaded() {
        CacheStore store = open();
        awaitLoaded(store);
        return store;
    }

    private void release(CacheStore store) {
        Semaphore halted = Objects.requireNonNull(disk.reads);
        disk.reads = null;
        halted.release(1 << 20);
        awaitLoaded(store);
    }

    private static void awaitLoaded(CacheStore store) {
        assertThat(store.loaded().toCompletableFuture()).succeedsWithin(Duration.ofSeconds(20));
    }

    private static CacheKey key(String target) {
        return new CacheKey("a1105", null, target);
    }

    private static void add(CacheStore store, String target, int version, String... fields) {
        add(store, target, Variant.NONE, version, SIZE, fields);
    }

    private static void add(CacheStore store, String target, Variant variant, int version, int size, String... fields) {
        CacheKey key = key(target);
        HeaderFields all = HeaderFields.of("etag", "\"" + version + "\"", "cache-control", "max-age=60")
                .plus(HeaderFields.of(fields));
        StoredResponse response = StoredResponse.of(200, all, variant, 1_000L - version, 1_000L - version);
        Admission admission = store.admit(key);
        store.learn(key, response);
        CacheEntry entry = store.create(key, response, size);
        EntryWriter writer = entry.claimAll(true);
        assertThat(store.list(entry, admission)).isTrue();
        store.end(admission);
        ByteBuf octets = Unpooled.buffer(size).writerIndex(size).setInt(0, version);
        writer.write(octets);
        octets.release();
        writer.complete();
    }

    private static @Nullable CacheEntry find(CacheStore store, String target, String... fields) {
        CacheKey key = store.canonical(key(target));
        CompletionStage<?> loading = store.load(key);
        if (loading != null) {
            loading.toCompletableFuture().join();
        }
        return store.find(
                key, new CacheRequest("GET", "http", "video.netcinema.example", target, HeaderFields.of(fields)));
    }

    private static @Nullable String etag(CacheStore store, String target, String... fields) {
        CacheEntry entry = find(store, target, fields);
        return entry == null ? null : entry.response().fields().first("etag");
    }

    private static boolean isStale(CacheStore store, String target) {
        CacheEntry entry = find(store, target);
        return entry != null && entry.lookup().validationRequired();
    }

    private static void sync(CacheStore store) {
        assertThat(store.sync().toCompletableFuture()).succeedsWithin(Duration.ofSeconds(20));
    }

    private static double metric(String name) {
        Double value = CollectorRegistry.defaultRegistry.getSampleValue(name);
        return value == null ? -1 : value;
    }

    @Test
    void whatWasStoredIsAMissWhileItLoadsAndAHitAfterwards() {
        try (CacheStore store = openLoaded()) {
            add(store, "/old", 1);
            sync(store);
        }
        try (CacheStore store = openHalted()) {
            assertThat(store.load(key("/old"))).as("nothing to wait for").isNull();
            assertThat(store.contains(key("/old"))).isFalse();
            assertThat(metric("kingcdn_edge_disk_loading")).isOne();
            assertThat(metric("kingcdn_edge_disk_up")).isOne();
            assertThat(store.loaded().toCompletableFuture()).isNotDone();

            add(store, "/new", 1);
            assertThat(etag(store, "/new")).isEqualTo("\"1\"");

            release(store);
            assertThat(metric("kingcdn_edge_disk_loading")).isZero();
            assertThat(metric("kingcdn_edge_disk_unread_segments")).isZero();
            assertThat(etag(store, "/old")).isEqualTo("\"1\"");
            assertThat(etag(store, "/new")).isEqualTo("\"1\"");
            assertThat(store.size()).isEqualTo(2);
        }
    }

    @Test
    void aPurgeIsAboutWhatIsLoadedLater() {
        try (CacheStore store = openLoaded()) {
            for (String path : new String[] {"/url", "/soft-url", "/a/prefix", "/tag", "/soft-tag", "/kept"}) {
                add(store, path, 1, "cache-tag", path.substring(1));
            }
            sync(store);
        }
        try (CacheStore store = openHalted()) {
            store.remove(key("/url"));
            store.markStale(key("/soft-url"));
            store.remove(PurgeScope.prefix("a1105", null, "/a/"));
            store.remove(PurgeScope.tag(null, "tag"));
            store.markStale(PurgeScope.tag("a1105", "soft-tag"));
            CompletableFuture<?> durable = store.sync().toCompletableFuture();
            release(store);
            assertThat(durable).succeedsWithin(Duration.ofSeconds(20));
            assertPurged(store);
        }
        try (CacheStore store = openLoaded()) {
            assertPurged(store);
        }
    }

    private static void assertPurged(CacheStore store) {
        assertThat(find(store, "/url")).isNull();
        assertThat(find(store, "/a/prefix")).isNull();
        assertThat(find(store, "/tag")).isNull();
        assertThat(isStale(store, "/soft-url")).isTrue();
        assertThat(isStale(store, "/soft-tag")).isTrue();
        assertThat(find(store, "/kept")).isNotNull();
        assertThat(isStale(store, "/kept")).isFalse();
    }

    /** Otherwise a control plane would take for done what a kill undoes. */
    @Test
    void aPurgeOfAUrlIsNotDurableBeforeItHasMetWhatIsLoaded() throws Exception {
        try (CacheStore store = openLoaded()) {
            add(store, "/url", 1);
            sync(store);
        }
        Path killed = directory.resolveSibling(directory.getFileName() + "-killed");
        try (CacheStore store = openHalted()) {
            store.remove(key("/url"));
            CompletableFuture<?> durable = store.sync().toCompletableFuture();
            assertThat(durable).isNotDone();
            release(store);
            assertThat(durable).succeedsWithin(Duration.ofSeconds(20));
            FileSystemUtils.copyRecursively(directory, killed);
            Files.delete(killed.resolve("lock"));
        }
        try (CacheStore store = open(killed)) {
            awaitLoaded(store);
            assertThat(find(store, "/url")).isNull();
        } finally {
            FileSystemUtils.deleteRecursively(killed);
        }
    }

    @Test
    void aStoreThatIsClosedWhileItLoadsRemembersPurges() {
        try (CacheStore store = openLoaded()) {
            add(store, "/url", 1);
            add(store, "/kept", 1);
            sync(store);
        }
        try (CacheStore store = openHalted()) {
            store.remove(key("/url"));
            Objects.requireNonNull(disk.reads).release(1 << 20);
        }
        disk.reads = null;
        try (CacheStore store = openLoaded()) {
            assertThat(find(store, "/url")).isNull();
            assertThat(find(store, "/kept")).isNotNull();
        }
    }

    /** The number of a purge made meanwhile is lower than that of what is loaded, when the record of earlier purges is gone. */
    @Test
    void aPurgeHoldsAlsoWhenTheRecordOfEarlierOnesIsLost() throws IOException {
        try (CacheStore store = openLoaded()) {
            for (int i = 0; i < 50; i++) {
                store.remove(PurgeScope.tag(null, "tag-" + i));
            }
            add(store, "/purged", 1, "cache-tag", "purged");
            add(store, "/kept", 1);
            sync(store);
        }
        Files.delete(directory.resolve("purges"));
        try (CacheStore store = openHalted()) {
            for (int i = 0; i < 60; i++) {
                store.remove(PurgeScope.tag(null, "tag-" + i));
            }
            store.remove(PurgeScope.tag(null, "purged"));
            release(store);
            assertThat(find(store, "/purged")).isNull();
            assertThat(isStale(store, "/kept"))
                    .as("something may have been purged that nobody knows of")
                    .isTrue();
        }
    }

    /** A purge names a URL, and what is stored stands for all that mean the same by its No-Vary-Search. */
    @Test
    void aPurgeMeetsWhatIsStoredUnderAKeyThatOnlyTheDiskTells() {
        try (CacheStore store = openLoaded()) {
            add(store, "/title?id=1", 1, "no-vary-search", "params=(\"utm\")");
            assertThat(etag(store, "/title?id=1&utm=2")).isEqualTo("\"1\"");
            sync(store);
        }
        try (CacheStore store = openHalted()) {
            store.remove(key("/title?id=1&utm=3"));
            release(store);
            assertThat(find(store, "/title?id=1&utm=2")).isNull();
            assertThat(find(store, "/title?id=1")).isNull();
        }
    }

    /** Whatever the clock said: the new response below bears the earlier time. */
    @Test
    void whatIsStoredMeanwhileIsNewerThanWhatIsLoaded() {
        Variant german = language("de");
        Variant french = language("fr");
        try (CacheStore store = openLoaded()) {
            add(store, "/one", 1);
            add(store, "/two", german, 1, SIZE);
            add(store, "/two", french, 1, SIZE);
            sync(store);
        }
        try (CacheStore store = openHalted()) {
            add(store, "/one", 2);
            add(store, "/two", german, 2, SIZE);
            release(store);
            await().until(() -> store.size() == 3);
            assertNewest(store);
            sync(store);
        }
        try (CacheStore store = openLoaded()) {
            assertThat(store.size()).isEqualTo(3);
            assertNewest(store);
        }
    }

    private static void assertNewest(CacheStore store) {
        assertThat(etag(store, "/one")).isEqualTo("\"2\"");
        assertThat(etag(store, "/two", "accept-language", "de")).isEqualTo("\"2\"");
        assertThat(etag(store, "/two", "accept-language", "fr")).isEqualTo("\"1\"");
    }

    private static Variant language(String language) {
        return Objects.requireNonNull(
                Variant.of(HeaderFields.of("vary", "accept-language"), HeaderFields.of("accept-language", language)));
    }

    @Test
    void whatIsPinnedStaysSoAndSoDoesWhatHasReplacedItMeanwhile() {
        try (CacheStore store = openLoaded()) {
            add(store, "/pinned", 1);
            add(store, "/replaced", 1);
            sync(store);
            assertThat(store.pin(key("/pinned"))).isEqualTo(PinOutcome.PINNED);
            assertThat(store.pin(key("/replaced"))).isEqualTo(PinOutcome.PINNED);
        }
        try (CacheStore store = openHalted()) {
            add(store, "/replaced", 2);
            release(store);
            assertThat(etag(store, "/replaced")).isEqualTo("\"2\"");
            assertThat(isPinned(store, "/replaced")).isTrue();
            assertThat(isPinned(store, "/pinned")).isTrue();
        }
        try (CacheStore store = openLoaded()) {
            assertThat(etag(store, "/replaced")).isEqualTo("\"2\"");
            assertThat(isPinned(store, "/replaced")).isTrue();
            assertThat(isPinned(store, "/pinned")).isTrue();
        }
    }

    /** Two starts that were cut short leave an old version, which is pinned, and a new one, which is not. */
    @Test
    void theLatestOfTwoVersionsIsFoundAlsoWhenTheOlderIsPinned() {
        try (CacheStore store = openLoaded()) {
            add(store, "/title", 5);
            sync(store);
            assertThat(store.pin(key("/title"))).isEqualTo(PinOutcome.PINNED);
        }
        try (CacheStore store = openHalted()) {
            Semaphore halted = Objects.requireNonNull(disk.reads);
            // before that, a failing read is one of the whole disk
            await().until(halted::hasQueuedThreads);
            // of the later date
            add(store, "/title", 3);
            disk.readsFail = true;
            halted.release(1 << 20);
        }
        disk.readsFail = false;
        disk.reads = null;
        try (CacheStore store = openLoaded()) {
            assertThat(etag(store, "/title")).isEqualTo("\"3\"");
            assertThat(isPinned(store, "/title")).isTrue();
        }
    }

    private static boolean isPinned(CacheStore store, String target) {
        CacheEntry found = Objects.requireNonNull(find(store, target));
        boolean[] pinned = {false};
        store.disk().forEachEntry((entry, metadata) -> pinned[0] |= entry.is(found.id()) && entry.pinned());
        return pinned[0];
    }

    /** What a kill leaves is what is in the files: they are copied, as a kill does not let the process do anything more. */
    @Test
    void theDiskIsWrittenWhileItLoadsAndAKillLosesNothing() throws IOException {
        try (CacheStore store = openLoaded()) {
            for (int number = 0; number < 60; number++) {
                add(store, "/" + number, Variant.NONE, 1, 200_000);
            }
            sync(store);
        }
        Path killed = directory.resolveSibling(directory.getFileName() + "-killed");
        try (CacheStore store = openHalted()) {
            add(store, "/during", 1);
            CompletableFuture<?> written = store.sync().toCompletableFuture();
            await().until(() -> {
                Objects.requireNonNull(disk.reads).release();
                return written.isDone();
            });
            assertThat(written).isCompleted();
            assertThat(store.loaded().toCompletableFuture())
                    .as("written before all was read")
                    .isNotDone();
            FileSystemUtils.copyRecursively(directory, killed);
            Files.delete(killed.resolve("lock"));
            release(store);
        }
        try (CacheStore store = open(killed)) {
            awaitLoaded(store);
            assertThat(etag(store, "/during")).isEqualTo("\"1\"");
            for (int number = 0; number < 60; number++) {
                CacheEntry entry = find(store, "/" + number);
                assertThat(entry).as("object %d", number).isNotNull();
                assertThat(entry.firstMissing(0, 200_000)).isEqualTo(-1);
            }
        } finally {
            FileSystemUtils.deleteRecursively(killed);
        }
    }

    /** What cannot be read may have held removals. */
    @Test
    void aSegmentThatCannotBeReadCostsWhatItHoldsAndAValidationOfTheRest() {
        try (CacheStore store = openLoaded()) {
            for (int number = 0; number < 30; number++) {
                add(store, "/" + number, Variant.NONE, 1, 200_000);
            }
            sync(store);
        }
        try (CacheStore store = openHalted()) {
            Semaphore halted = Objects.requireNonNull(disk.reads);
            // the last segment, which is written on, is read first; then one of the others fails
            await().until(() -> {
                halted.release();
                return metric("kingcdn_edge_disk_unread_segments") > 2;
            });
            double unread = metric("kingcdn_edge_disk_unread_segments");
            disk.readsFail = true;
            await().until(() -> {
                halted.release();
                return metric("kingcdn_edge_disk_unread_segments") < unread;
            });
            disk.readsFail = false;
            release(store);
            int found = 0;
            for (int number = 0; number < 30; number++) {
                found += isStale(store, "/" + number) ? 1 : 0;
            }
            assertThat(found).isBetween(1, 29);
            assertThat(store.size()).isEqualTo(found);
            add(store, "/after", 1);
            assertThat(isStale(store, "/after")).isFalse();
        }
    }
}
