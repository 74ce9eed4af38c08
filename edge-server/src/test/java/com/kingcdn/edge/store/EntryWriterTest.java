package com.kingcdn.edge.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.policy.StoredResponse;
import com.kingcdn.edge.policy.Variant;
import com.kingcdn.http.HeaderFields;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
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
}
