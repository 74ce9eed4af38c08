package com.kingcdn.edge.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.policy.StoredResponse;
import com.kingcdn.edge.policy.Variant;
import com.kingcdn.http.HeaderFields;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;
import reactor.core.publisher.BaseSubscriber;

/** For how long a writer is wanted. */
class EntryWriterTest {

    private static final BlockSource NONE = (entry, first, end) -> {
        throw new IllegalStateException("block " + first + " was lost");
    };

    private final CacheStore store =
            CacheStore.open(DataSize.ofMegabytes(64), DiskTierSettings.of(null, DataSize.ofMegabytes(16)));

    @AfterEach
    void close() {
        store.close();
    }

    private EntryWriter writer(long length, boolean resumable) {
        HeaderFields fields = HeaderFields.of("etag", "\"one\"", "cache-control", "max-age=60");
        CacheKey key = new CacheKey("a1105", null, "/title");
        CacheEntry entry = store.create(key, StoredResponse.of(200, fields, Variant.NONE, 0, 0), length);
        assertThat(store.list(entry, store.admit(key))).isTrue();
        return entry.claimAll(resumable);
    }

    private static void write(EntryWriter writer, int octets) {
        ByteBuf content = Unpooled.wrappedBuffer(new byte[octets]);
        writer.write(content);
        content.release();
    }

    /** Takes what there is, at once. */
    private static final class Client extends BaseSubscriber<ByteBuf> {

        private long received;

        @Override
        protected void hookOnNext(ByteBuf buffer) {
            received += buffer.readableBytes();
            buffer.release();
        }
    }

    @Test
    void theRestOfABlockIsWantedAsLongAsSomebodyReadsWhatIsThereOfIt() {
        EntryWriter writer = writer(4L * Blocks.SIZE, false);
        EntryReader slow = writer.entry().read(0, 1000, NONE);
        EntryReader fast = writer.entry().read(0, 1000, NONE);
        write(writer, 2000);
        fast.subscribe(new Client());

        assertThat(writer.isWanted()).as("the slow one has not read it").isTrue();
        Client client = new Client();
        slow.subscribe(client);
        assertThat(client.received).isEqualTo(1000);
        assertThat(writer.isWanted()).isFalse();
        writer.stop();
    }

    @Test
    void whatCannotBeHadOtherwiseIsWantedByReadersFarBehind() {
        EntryWriter all = writer(64L * Blocks.SIZE, false);
        EntryReader slow = all.entry().read(0, 64L * Blocks.SIZE, NONE);
        for (int i = 0; i < 40; i++) {
            write(all, Blocks.SIZE);
        }

        assertThat(all.isWanted()).isTrue();
        slow.close();
        assertThat(all.isWanted()).isFalse();
        all.stop();
    }

    /** As of a response in chunks whose key was purged while it came. */
    @Test
    void contentWithoutALengthThatIsNotListedGoesWithItsLastReader() {
        CacheKey key = new CacheKey("a1105", null, "/title");
        StoredResponse response = StoredResponse.of(200, HeaderFields.EMPTY, Variant.NONE, 0, 0);
        CacheEntry entry = store.create(key, response, CacheEntry.UNKNOWN_LENGTH);
        EntryWriter writer = entry.claimAll(false);
        Client client = new Client();
        entry.read(0, Long.MAX_VALUE, NONE).subscribe(client);
        write(writer, 10);
        writer.complete();

        assertThat(client.received).isEqualTo(10);
        assertThat(store.memoryBytes()).isZero();
    }

    /** What cannot be fetched again must not be asked for while it is written, however the two threads meet. */
    @Test
    void aReaderAtTheHeelsOfItsWriterMissesNothing() throws Exception {
        CacheKey key = new CacheKey("a1105", null, "/title");
        StoredResponse response = StoredResponse.of(200, HeaderFields.EMPTY, Variant.NONE, 0, 0);
        AtomicReference<@Nullable EntryWriter> next = new AtomicReference<>();
        AtomicBoolean over = new AtomicBoolean();
        Thread upstream = new Thread(() -> {
            while (!over.get()) {
                EntryWriter writer = next.getAndSet(null);
                if (writer != null) {
                    for (int i = 0; i < 4; i++) {
                        write(writer, 1);
                    }
                    writer.complete();
                }
            }
        });
        upstream.start();
        try {
            for (int round = 0; round < 5_000; round++) {
                long length = round % 2 == 0 ? 4 : CacheEntry.UNKNOWN_LENGTH;
                CacheEntry entry = store.create(key, response, length);
                EntryWriter writer = entry.claimAll(false);
                EntryReader reader = entry.read(0, Long.MAX_VALUE, NONE);
                CompletableFuture<Long> octets = new CompletableFuture<>();
                next.set(writer);
                reader.doOnNext(ByteBuf::release).count().subscribe(octets::complete, octets::completeExceptionally);
                octets.get(10, TimeUnit.SECONDS);
            }
        } finally {
            over.set(true);
            upstream.join();
        }
    }
}
