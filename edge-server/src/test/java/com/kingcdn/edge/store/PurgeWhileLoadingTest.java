package com.kingcdn.edge.store;

import static com.kingcdn.edge.store.StoredContent.add;
import static com.kingcdn.edge.store.StoredContent.awaitLoaded;
import static com.kingcdn.edge.store.StoredContent.etag;
import static com.kingcdn.edge.store.StoredContent.find;
import static com.kingcdn.edge.store.StoredContent.isStale;
import static com.kingcdn.edge.store.StoredContent.key;
import static com.kingcdn.edge.store.StoredContent.sync;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

/** A purge while a store reads what it had stored before: it is about that, too. */
@NullMarked
@Timeout(60)
class PurgeWhileLoadingTest {

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
    void aPurgeIsAboutWhatIsLoadedLater() {
        try (CacheStore store = stores.openLoaded()) {
            for (String path : new String[] {"/url", "/soft-url", "/a/prefix", "/tag", "/soft-tag", "/kept"}) {
                add(store, path, 1, "cache-tag", path.substring(1));
            }
            sync(store);
        }
        try (CacheStore store = stores.openHalted()) {
            store.remove(key("/url"));
            store.markStale(key("/soft-url"));
            store.remove(PurgeScope.prefix("a1105", null, "/a/"));
            store.remove(PurgeScope.tag(null, "tag"));
            store.markStale(PurgeScope.tag("a1105", "soft-tag"));
            CompletableFuture<?> durable = store.sync().toCompletableFuture();
            stores.release(store);
            assertThat(durable).succeedsWithin(Duration.ofSeconds(20));
            assertPurged(store);
        }
        try (CacheStore store = stores.openLoaded()) {
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
        try (CacheStore store = stores.openLoaded()) {
            add(store, "/url", 1);
            sync(store);
        }
        Path killed = directory.resolveSibling(directory.getFileName() + "-killed");
        try (CacheStore store = stores.openHalted()) {
            store.remove(key("/url"));
            CompletableFuture<?> durable = store.sync().toCompletableFuture();
            assertThat(durable).isNotDone();
            stores.release(store);
            assertThat(durable).succeedsWithin(Duration.ofSeconds(20));
            FileSystemUtils.copyRecursively(directory, killed);
            Files.delete(killed.resolve("lock"));
        }
        try (CacheStore store = stores.open(killed)) {
            awaitLoaded(store);
            assertThat(find(store, "/url")).isNull();
        } finally {
            FileSystemUtils.deleteRecursively(killed);
        }
    }

    @Test
    void aStoreThatIsClosedWhileItLoadsRemembersPurges() {
        try (CacheStore store = stores.openLoaded()) {
            add(store, "/url", 1);
            add(store, "/kept", 1);
            sync(store);
        }
        try (CacheStore store = stores.openHalted()) {
            store.remove(key("/url"));
            stores.halted().release(1 << 20);
        }
        stores.goOn();
        try (CacheStore store = stores.openLoaded()) {
            assertThat(find(store, "/url")).isNull();
            assertThat(find(store, "/kept")).isNotNull();
        }
    }

    /** The number of a purge made meanwhile is lower than that of what is loaded, when the record of earlier purges is gone. */
    @Test
    void aPurgeHoldsAlsoWhenTheRecordOfEarlierOnesIsLost() throws IOException {
        try (CacheStore store = stores.openLoaded()) {
            for (int i = 0; i < 50; i++) {
                store.remove(PurgeScope.tag(null, "tag-" + i));
            }
            add(store, "/purged", 1, "cache-tag", "purged");
            add(store, "/kept", 1);
            sync(store);
        }
        Files.delete(directory.resolve("purges"));
        try (CacheStore store = stores.openHalted()) {
            for (int i = 0; i < 60; i++) {
                store.remove(PurgeScope.tag(null, "tag-" + i));
            }
            store.remove(PurgeScope.tag(null, "purged"));
            stores.release(store);
            assertThat(find(store, "/purged")).isNull();
            assertThat(isStale(store, "/kept"))
                    .as("something may have been purged that nobody knows of")
                    .isTrue();
        }
    }

    /** A purge names a URL, and what is stored stands for all that mean the same by its No-Vary-Search. */
    @Test
    void aPurgeMeetsWhatIsStoredUnderAKeyThatOnlyTheDiskTells() {
        try (CacheStore store = stores.openLoaded()) {
            add(store, "/title?id=1", 1, "no-vary-search", "params=(\"utm\")");
            assertThat(etag(store, "/title?id=1&utm=2")).isEqualTo("\"1\"");
            sync(store);
        }
        try (CacheStore store = stores.openHalted()) {
            store.remove(key("/title?id=1&utm=3"));
            stores.release(store);
            assertThat(find(store, "/title?id=1&utm=2")).isNull();
            assertThat(find(store, "/title?id=1")).isNull();
        }
    }
}
