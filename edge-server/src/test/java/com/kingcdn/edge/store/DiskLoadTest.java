package com.kingcdn.edge.store;

import static com.kingcdn.edge.store.StoredContent.add;
import static com.kingcdn.edge.store.StoredContent.awaitLoaded;
import static com.kingcdn.edge.store.StoredContent.etag;
import static com.kingcdn.edge.store.StoredContent.find;
import static com.kingcdn.edge.store.StoredContent.isStale;
import static com.kingcdn.edge.store.StoredContent.key;
import static com.kingcdn.edge.store.StoredContent.language;
import static com.kingcdn.edge.store.StoredContent.sync;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.kingcdn.edge.policy.Variant;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

/** A store that serves while it reads what it had stored before: what happens meanwhile is newer than all that comes from disk. */
@NullMarked
@Timeout(60)
class DiskLoadTest {

    private static final int SIZE = 100;

    @TempDir
    Path directory;

    private LoadingStores stores;

    @BeforeEach
    void prepare() {
        stores = new LoadingStores(directory);
    }

    @AfterEach
    void goOn() {
        stores.goOn();
    }

    @Test
    void whatWasStoredIsAMissWhileItLoadsAndAHitAfterwards() {
        try (CacheStore store = stores.openLoaded()) {
            add(store, "/old", 1);
            sync(store);
        }
        try (CacheStore store = stores.openHalted()) {
            assertThat(store.load(key("/old"))).as("nothing to wait for").isNull();
            assertThat(store.contains(key("/old"))).isFalse();
            assertThat(metric("kingcdn_edge_disk_loading")).isOne();
            assertThat(metric("kingcdn_edge_disk_up")).isOne();
            assertThat(store.loaded().toCompletableFuture()).isNotDone();

            add(store, "/new", 1);
            assertThat(etag(store, "/new")).isEqualTo("\"1\"");

            stores.release(store);
            assertThat(metric("kingcdn_edge_disk_loading")).isZero();
            assertThat(metric("kingcdn_edge_disk_unread_segments")).isZero();
            assertThat(etag(store, "/old")).isEqualTo("\"1\"");
            assertThat(etag(store, "/new")).isEqualTo("\"1\"");
            assertThat(store.size()).isEqualTo(2);
        }
    }

    /** Whatever the clock said: the new response below bears the earlier time. */
    @Test
    void whatIsStoredMeanwhileIsNewerThanWhatIsLoaded() {
        Variant german = language("de");
        Variant french = language("fr");
        try (CacheStore store = stores.openLoaded()) {
            add(store, "/one", 1);
            add(store, "/two", german, 1, SIZE);
            add(store, "/two", french, 1, SIZE);
            sync(store);
        }
        try (CacheStore store = stores.openHalted()) {
            add(store, "/one", 2);
            add(store, "/two", german, 2, SIZE);
            stores.release(store);
            await().until(() -> store.size() == 3);
            assertNewest(store);
            sync(store);
        }
        try (CacheStore store = stores.openLoaded()) {
            assertThat(store.size()).isEqualTo(3);
            assertNewest(store);
        }
    }

    private static void assertNewest(CacheStore store) {
        assertThat(etag(store, "/one")).isEqualTo("\"2\"");
        assertThat(etag(store, "/two", "accept-language", "de")).isEqualTo("\"2\"");
        assertThat(etag(store, "/two", "accept-language", "fr")).isEqualTo("\"1\"");
    }

    @Test
    void whatIsPinnedStaysSoAndSoDoesWhatHasReplacedItMeanwhile() {
        try (CacheStore store = stores.openLoaded()) {
            add(store, "/pinned", 1);
            add(store, "/replaced", 1);
            sync(store);
            assertThat(store.pin(key("/pinned"))).isEqualTo(PinOutcome.PINNED);
            assertThat(store.pin(key("/replaced"))).isEqualTo(PinOutcome.PINNED);
        }
        try (CacheStore store = stores.openHalted()) {
            add(store, "/replaced", 2);
            stores.release(store);
            assertThat(etag(store, "/replaced")).isEqualTo("\"2\"");
            assertThat(isPinned(store, "/replaced")).isTrue();
            assertThat(isPinned(store, "/pinned")).isTrue();
        }
        try (CacheStore store = stores.openLoaded()) {
            assertThat(etag(store, "/replaced")).isEqualTo("\"2\"");
            assertThat(isPinned(store, "/replaced")).isTrue();
            assertThat(isPinned(store, "/pinned")).isTrue();
        }
    }

    /** Two starts that were cut short leave an old version, which is pinned, and a new one, which is not. */
    @Test
    void theLatestOfTwoVersionsIsFoundAlsoWhenTheOlderIsPinned() {
        try (CacheStore store = stores.openLoaded()) {
            add(store, "/title", 5);
            sync(store);
            assertThat(store.pin(key("/title"))).isEqualTo(PinOutcome.PINNED);
        }
        try (CacheStore store = stores.openHalted()) {
            Semaphore halted = stores.halted();
            // before that, a failing read is one of the whole disk
            await().until(halted::hasQueuedThreads);
            // of the later date
            add(store, "/title", 3);
            stores.disk().readsFail = true;
            halted.release(1 << 20);
        }
        stores.disk().readsFail = false;
        stores.goOn();
        try (CacheStore store = stores.openLoaded()) {
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
        try (CacheStore store = stores.openLoaded()) {
            for (int number = 0; number < 60; number++) {
                add(store, "/" + number, Variant.NONE, 1, 200_000);
            }
            sync(store);
        }
        Path killed = directory.resolveSibling(directory.getFileName() + "-killed");
        try (CacheStore store = stores.openHalted()) {
            add(store, "/during", 1);
            CompletableFuture<?> written = store.sync().toCompletableFuture();
            await().until(() -> {
                stores.halted().release();
                return written.isDone();
            });
            assertThat(written).isCompleted();
            assertThat(store.loaded().toCompletableFuture())
                    .as("written before all was read")
                    .isNotDone();
            FileSystemUtils.copyRecursively(directory, killed);
            Files.delete(killed.resolve("lock"));
            stores.release(store);
        }
        try (CacheStore store = stores.open(killed)) {
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
        try (CacheStore store = stores.openLoaded()) {
            for (int number = 0; number < 30; number++) {
                add(store, "/" + number, Variant.NONE, 1, 200_000);
            }
            sync(store);
        }
        try (CacheStore store = stores.openHalted()) {
            Semaphore halted = stores.halted();
            // the last segment, which is written on, is read first; then one of the others fails
            await().until(() -> {
                halted.release();
                return metric("kingcdn_edge_disk_unread_segments") > 2;
            });
            double unread = metric("kingcdn_edge_disk_unread_segments");
            stores.disk().readsFail = true;
            await().until(() -> {
                halted.release();
                return metric("kingcdn_edge_disk_unread_segments") < unread;
            });
            stores.disk().readsFail = false;
            stores.release(store);
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

    private static double metric(String name) {
        Double value = CollectorRegistry.defaultRegistry.getSampleValue(name);
        return value == null ? -1 : value;
    }
}
