package com.kingcdn.edge.store;

import static com.kingcdn.edge.store.StoredContent.key;
import static com.kingcdn.edge.store.StoredContent.language;
import static com.kingcdn.edge.store.StoredContent.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.policy.StoredResponse;
import com.kingcdn.edge.policy.Variant;
import com.kingcdn.http.HeaderFields;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

/** The index: variants, purges, pins, and what it forgets. */
class CacheStoreTest {

    private static final DiskTierSettings NO_DISK = DiskTierSettings.of(null, DataSize.ofMegabytes(16));

    @TempDir
    Path directory;

    private static CacheEntry add(CacheStore store, String target, Variant variant, byte[] content) {
        HeaderFields fields = HeaderFields.of("etag", "\"one\"", "cache-control", "max-age=60");
        StoredResponse response = StoredResponse.of(200, fields, variant, 0, 0);
        CacheEntry entry = store.create(key(target), response, content.length);
        assertThat(store.list(entry, store.admit(key(target)))).isTrue();
        EntryWriter writer = entry.claimAll(true);
        ByteBuf octets = Unpooled.wrappedBuffer(content);
        writer.write(octets);
        octets.release();
        writer.complete();
        return entry;
    }

    @Test
    void aRequestSelectsItsVariant() {
        try (CacheStore store = CacheStore.open(DataSize.ofMegabytes(8), NO_DISK)) {
            Variant german = language("de");
            Variant french = language("fr");
            CacheEntry one = add(store, "/page", german, new byte[10]);
            CacheEntry two = add(store, "/page", french, new byte[10]);

            assertThat(store.find(key("/page"), request("/page", "accept-language", "de")))
                    .isSameAs(one);
            assertThat(store.find(key("/page"), request("/page", "accept-language", "fr")))
                    .isSameAs(two);
            assertThat(store.find(key("/page"), request("/page", "accept-language", "en")))
                    .isNull();
            assertThat(store.contains(key("/page"))).isTrue();
            assertThat(store.remove(key("/page"))).isEqualTo(2);
            assertThat(store.memoryBytes()).isZero();
        }
    }

    @Test
    void anAdmissionFromBeforeAPurgeStoresNothing() {
        try (CacheStore store = CacheStore.open(DataSize.ofMegabytes(8), NO_DISK)) {
            Admission early = store.admit(key("/title"));
            store.remove(key("/title"));
            StoredResponse response = StoredResponse.of(200, HeaderFields.EMPTY, Variant.NONE, 0, 0);

            assertThat(store.list(store.create(key("/title"), response, 0), early))
                    .isFalse();
            assertThat(store.size()).isZero();
        }
    }

    /** As when what has no length breaks off in the moment in which its head is taken: a request must not look for it for ever. */
    @Test
    void anEntryThatIsGivenUpWhileItIsListedIsNotFound() throws Exception {
        try (CacheStore store = CacheStore.open(DataSize.ofMegabytes(8), NO_DISK)) {
            StoredResponse response = StoredResponse.of(200, HeaderFields.EMPTY, Variant.NONE, 0, 0);
            CacheEntry entry = store.create(key("/live"), response, CacheEntry.UNKNOWN_LENGTH);
            EntryWriter writer = entry.claimAll(false);
            Admission admission = store.admit(key("/live"));
            Thread lister = new Thread(() -> store.list(entry, admission), "lister");
            synchronized (admission) {
                lister.start();
                await().until(() -> lister.getState() == Thread.State.BLOCKED);
                writer.fail(new IOException("broken off"));
            }
            lister.join();
            assertThat(entry.isDiscarded()).isTrue();

            assertTimeoutPreemptively(
                    Duration.ofSeconds(10),
                    () -> assertThat(store.find(key("/live"), request("/live"))).isNull());
            assertThat(store.contains(key("/live"))).isFalse();
            assertThat(store.size()).isZero();
        }
    }

    private static CacheEntry bring(CacheStore store, String target, byte[] content) {
        ByteBuf octets = Unpooled.wrappedBuffer(content);
        HeaderFields fields = HeaderFields.of("etag", "\"one\"", "cache-control", "max-age=60");
        CacheEntry entry = store.create(key(target), StoredResponse.of(200, fields, Variant.NONE, 0, 0), octets);
        octets.release();
        return entry;
    }

    private static byte[] content(CacheEntry entry) {
        ByteBuf octets = Objects.requireNonNull(entry.fromMemory(0, entry.length()));
        byte[] content = ByteBufUtil.getBytes(octets);
        octets.release();
        return content;
    }

    @Test
    void anEntryWithAllOfItsContentIsCompleteWhenItIsFound() {
        try (CacheStore store = CacheStore.open(DataSize.ofMegabytes(8), NO_DISK)) {
            CacheEntry entry = bring(store, "/title", new byte[] {1, 2, 3});
            assertThat(store.list(entry, store.admit(key("/title")))).isTrue();
            entry.expectNoMore();

            CacheEntry found = Objects.requireNonNull(store.find(key("/title"), request("/title")));
            assertThat(found.isBusy()).isFalse();
            assertThat(content(found)).containsExactly(1, 2, 3);
        }
    }

    /** Its content is there for those who waited, whatever the tiers and purges do meanwhile, and for nobody else. */
    @Test
    void contentThatIsBroughtStaysUntilNobodyIsExpected() {
        try (CacheStore store = CacheStore.open(DataSize.ofMegabytes(8), NO_DISK)) {
            Admission early = store.admit(key("/purged"));
            CacheEntry evicted = bring(store, "/evicted", new byte[] {1, 2, 3});
            CacheEntry purged = bring(store, "/purged", new byte[] {4, 5, 6});
            assertThat(store.list(evicted, store.admit(key("/evicted")))).isTrue();
            store.remove(key("/purged"));
            assertThat(store.list(purged, early)).isFalse();
            store.memory().evictAll();

            assertThat(content(evicted)).containsExactly(1, 2, 3);
            assertThat(content(purged)).containsExactly(4, 5, 6);
            evicted.expectNoMore();
            purged.expectNoMore();
            assertThat(store.memoryBytes()).isZero();
            assertThat(store.size()).isZero();
        }
    }

    @Test
    void anEntryWithAllOfItsContentIsReadBackFromDisk() {
        DiskTierSettings disk = DiskTierSettings.of(directory, DataSize.ofMegabytes(64));
        try (CacheStore store = CacheStore.open(DataSize.ofMegabytes(8), disk)) {
            store.loaded().toCompletableFuture().join();
            CacheEntry entry = bring(store, "/title", new byte[] {1, 2, 3});
            assertThat(store.list(entry, store.admit(key("/title")))).isTrue();
            entry.expectNoMore();
        }
        try (CacheStore store = CacheStore.open(DataSize.ofMegabytes(8), disk)) {
            store.loaded().toCompletableFuture().join();
            Objects.requireNonNull(store.load(key("/title")))
                    .toCompletableFuture()
                    .join();
            CacheEntry found = Objects.requireNonNull(store.find(key("/title"), request("/title")));
            assertThat(found.firstMissing(0, 3)).isEqualTo(-1);
            CompletionStage<@Nullable ByteBuf> reading = store.disk().readBlock(found.id(), 0);
            ByteBuf read = Objects.requireNonNull(reading.toCompletableFuture().join());
            assertThat(ByteBufUtil.getBytes(read)).containsExactly(1, 2, 3);
            read.release();
        }
    }

    @Test
    void metadataTakesHalfOfTheMemoryAtMost() {
        DataSize memory = DataSize.ofMegabytes(2);
        try (CacheStore store = CacheStore.open(memory, NO_DISK)) {
            for (int i = 0; i < 5000; i++) {
                add(store, "/" + i, Variant.NONE, new byte[0]);
            }

            assertThat(store.metadataBytes()).isBetween(memory.toBytes() / 4, memory.toBytes() / 2);
            assertThat(store.size()).isBetween(200, 2000);
        }
    }

    /** What a client or an origin can make long must not take more of the heap than is counted. */
    @Test
    void longStringsWeighWhatTheyTake() {
        String text = "x".repeat(8000);
        CacheKey key = new CacheKey("d", null, "/");
        Variant selectedByIt = new Variant(List.of("cookie"), List.of(text));
        try (CacheStore store = CacheStore.open(DataSize.ofMegabytes(8), NO_DISK)) {
            int plain = weight(store, key, Variant.NONE);

            assertThat(weight(store, key, selectedByIt)).isGreaterThan(plain + 8000);
            assertThat(weight(store, new CacheKey("d", text, "/"), Variant.NONE))
                    .isGreaterThanOrEqualTo(plain + 8000);
            assertThat(weight(store, new CacheKey("d", null, text), Variant.NONE))
                    .as("its key, and that of what it has replaced")
                    .isGreaterThanOrEqualTo(plain + 16000 - 1);
            assertThat(weight(store, key, Variant.NONE, "a", text))
                    .as("the value, and the line as it is written")
                    .isGreaterThan(plain + 16000);
            assertThat(weight(store, key, Variant.NONE, text, "a")).isGreaterThan(plain + 16000);
        }
    }

    @Test
    void whatAConfirmationBringsIsCounted() {
        try (CacheStore store = CacheStore.open(DataSize.ofMegabytes(8), NO_DISK)) {
            CacheEntry entry = add(store, "/title", Variant.NONE, new byte[10]);
            long before = store.metadataBytes();

            HeaderFields more = HeaderFields.of("etag", "\"one\"", "a", "x".repeat(8000));
            entry.freshen(StoredResponse.of(200, more, Variant.NONE, 0, 0));

            assertThat(store.metadataBytes()).isGreaterThan(before + 8000);
            store.remove(key("/title"));
            assertThat(store.metadataBytes()).isZero();
        }
    }

    private static int weight(CacheStore store, CacheKey key, Variant variant, String... fields) {
        StoredResponse response = StoredResponse.of(200, HeaderFields.of(fields), variant, 0, 0);
        return store.create(key, response, 0).weight();
    }

    @Test
    void anEntryWhoseContentWasEvictedIsForgotten() {
        try (CacheStore store = CacheStore.open(DataSize.ofMegabytes(8), NO_DISK)) {
            add(store, "/title", Variant.NONE, new byte[1000]);

            store.memory().evictAll();
            store.evictions().sweep();

            assertThat(store.size()).isZero();
        }
    }

    /** More would push out of the disk all that comes by demand. */
    @Test
    void whatIsPinnedTakesHalfOfTheDiskAtMost() {
        DiskTierSettings disk = DiskTierSettings.of(directory, DataSize.ofMegabytes(64));
        try (CacheStore store = CacheStore.open(DataSize.ofMegabytes(64), disk)) {
            byte[] content = new byte[12 << 20];
            for (String path : new String[] {"/1", "/2", "/3"}) {
                add(store, path, Variant.NONE, content);
                store.sync().toCompletableFuture().join();
            }
            assertThat(store.pin(key("/1"))).isEqualTo(PinOutcome.PINNED);
            assertThat(store.pin(key("/2"))).isEqualTo(PinOutcome.PINNED);
            assertThat(store.pin(key("/3"))).as("36 of 64 MB").isEqualTo(PinOutcome.NO_ROOM);
            assertThat(store.pin(key("/2"))).as("is pinned already").isEqualTo(PinOutcome.PINNED);
            store.unpin(key("/1"));
            assertThat(store.pin(key("/3"))).isEqualTo(PinOutcome.PINNED);
        }
    }

    @Test
    void aPinOutlivesARestartAndAReplacement() {
        DiskTierSettings disk = DiskTierSettings.of(directory, DataSize.ofMegabytes(64));
        try (CacheStore store = CacheStore.open(DataSize.ofMegabytes(8), disk)) {
            assertThat(store.pin(key("/title"))).isEqualTo(PinOutcome.NOT_STORED);
            add(store, "/title", Variant.NONE, new byte[1000]);
            assertThat(store.pin(key("/title"))).isEqualTo(PinOutcome.PINNED);
            add(store, "/title", Variant.NONE, new byte[2000]);
            store.sync().toCompletableFuture().join();
        }
        try (CacheStore store = CacheStore.open(DataSize.ofMegabytes(8), disk)) {
            store.loaded().toCompletableFuture().join();
            assertThat(store.contains(key("/title"))).isTrue();
            assertThat(store.load(key("/title"))).as("known from the start").isNull();
            CacheEntry entry = store.find(key("/title"), request("/title"));
            assertThat(entry).isNotNull();
            assertThat(entry.length()).isEqualTo(2000);
            await().atMost(Duration.ofSeconds(10)).until(() -> entry.firstMissing(0, 2000) < 0);
            store.unpin(key("/title"));
            assertThat(store.remove(key("/title"))).isEqualTo(1);
        }
    }

    @Test
    void metadataSurvivesItsDiskForm() {
        Variant variant = new Variant(List.of("accept-encoding"), List.of("gzip"));
        HeaderFields fields = HeaderFields.of("etag", "\"ü\"", "x-empty", "", "x-twice", "1", "x-twice", "2");
        StoredResponse response = StoredResponse.of(404, fields, variant, 12, 34);
        Metadata metadata =
                new Metadata(new CacheKey("a1105", "video.netcinema.example", "/a?b"), response, 99, 7, true);

        byte[] octets = MetadataCodec.encode(metadata);
        Metadata decoded = MetadataCodec.decode(octets);

        assertThat(decoded).isNotNull();
        assertThat(decoded.key()).isEqualTo(metadata.key());
        assertThat(decoded.generation()).isEqualTo(7);
        assertThat(decoded.length()).isEqualTo(99);
        assertThat(decoded.validationRequired()).isTrue();
        assertThat(decoded.response().status()).isEqualTo(404);
        assertThat(decoded.response().fields()).isEqualTo(fields);
        assertThat(decoded.response().variant()).isEqualTo(variant);
        assertThat(decoded.response().requestTimeMillis()).isEqualTo(12);
        assertThat(decoded.response().responseTimeMillis()).isEqualTo(34);
        for (int cut = 0; cut < octets.length; cut++) {
            assertThat(MetadataCodec.decode(Arrays.copyOf(octets, cut))).isNull();
        }
    }

    /** Metadata is on the heap: what of it is kept must leave the collector room, however much memory blocks may take. */
    @Test
    void metadataIsBoundedByTheHeapToo() {
        assertThat(HeapEntries.mostMetadata(64 << 20, 1L << 30)).isEqualTo(32 << 20);
        assertThat(HeapEntries.mostMetadata(8L << 30, 256L << 20)).isLessThan(128L << 20);
    }
}
