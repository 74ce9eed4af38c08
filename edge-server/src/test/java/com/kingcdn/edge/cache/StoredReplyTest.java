package com.kingcdn.edge.cache;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.edge.policy.StoredResponse;
import com.kingcdn.edge.policy.Variant;
import com.kingcdn.edge.store.Admission;
import com.kingcdn.edge.store.CacheEntry;
import com.kingcdn.edge.store.CacheStore;
import com.kingcdn.edge.store.DiskTierSettings;
import com.kingcdn.edge.store.EntryWriter;
import com.kingcdn.edge.upstream.Downstream;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.OriginEndpoint;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

/** Who brings the first octets of an answer that is not all there. */
class StoredReplyTest {

    private static final int LENGTH = 1000;

    private static final Distribution DISTRIBUTION =
            new Distribution("a1105", null, List.of(new OriginEndpoint(URI.create("http://127.0.0.1"))), null);

    private final CacheStore store =
            CacheStore.open(DataSize.ofMegabytes(16), DiskTierSettings.of(null, DataSize.ofMegabytes(16)));
    private final Exchange exchange = Exchange.of(
            new CacheRequest("GET", "http", "video.netcinema.example", "/title", HeaderFields.EMPTY),
            DISTRIBUTION,
            Downstream.NONE,
            store);
    private final CacheEntry entry = entry();
    private final List<@Nullable EntryWriter> begun = new ArrayList<>();

    @AfterEach
    void close() {
        store.close();
    }

    private CacheEntry entry() {
        HeaderFields fields = HeaderFields.of("etag", "\"one\"", "cache-control", "max-age=60");
        Admission admission = store.admit(exchange.key());
        CacheEntry made = store.create(exchange.key(), StoredResponse.of(200, fields, Variant.NONE, 0, 0), LENGTH);
        assertThat(store.list(made, admission)).isTrue();
        store.end(admission);
        return made;
    }

    private StoredReply reply() {
        return new StoredReply(exchange, entry, 0);
    }

    private @Nullable EntryWriter claim(int first, int end) {
        EntryWriter writer = entry.claim(first, end);
        begun.add(writer);
        return writer;
    }

    @Test
    void whatNobodyBringsIsBegun() {
        EntryWriter writer = reply().bringStart(this::claim);
        assertThat(writer).isNotNull();
        assertThat(begun).containsExactly(writer);
    }

    /** Else the head would go out, and the answer break off when upstream refuses. */
    @Test
    void whatSomebodyElseClaimedAndFailedToBringIsBegunAgain() {
        EntryWriter writer = reply().bringStart((first, end) -> {
            if (begun.isEmpty()) {
                EntryWriter other = claim(first, end);
                assertThat(other).isNotNull();
                assertThat(entry.claim(first, end)).isNull();
                other.fail(new FillException(FillException.Kind.REFUSED, "upstream is down"));
                return null;
            }
            return claim(first, end);
        });
        assertThat(writer).isNotNull();
        assertThat(begun).hasSize(2).last().isEqualTo(writer);
        assertThat(writer.opened()).isNotDone();
    }

    @Test
    void whatSomebodyElseIsAboutToBringIsWaitedFor() {
        List<EntryWriter> others = new ArrayList<>();
        EntryWriter writer = reply().bringStart((first, end) -> {
            others.add(entry.claim(first, end));
            return null;
        });
        assertThat(others).containsExactly(writer);
    }

    @Test
    void whatSomebodyElseHasBroughtMeanwhileIsThere() {
        EntryWriter writer = reply().bringStart((first, end) -> {
            EntryWriter other = claim(first, end);
            assertThat(other).isNotNull();
            ByteBuf content = Unpooled.wrappedBuffer(new byte[LENGTH]);
            other.write(content);
            other.complete();
            content.release();
            return null;
        });
        assertThat(writer).isNull();
        assertThat(reply().firstMissing()).isNegative();
    }
}
