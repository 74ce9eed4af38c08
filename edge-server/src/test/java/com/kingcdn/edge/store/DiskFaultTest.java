package com.kingcdn.edge.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.policy.StoredResponse;
import com.kingcdn.edge.policy.Variant;
import com.kingcdn.http.HeaderFields;
import io.netty.buffer.ByteBuf;
import io.prometheus.client.CollectorRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.springframework.util.unit.DataSize;

/** A store whose disk is full, read-only or slow goes on from memory, and says so: by a metric, and once in the log. */
@NullMarked
class DiskFaultTest {

    private static final int SIZE = 100_000;

    @TempDir
    Path directory;

    private final FailingDisk disk = new FailingDisk();
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();

    @BeforeEach
    void listen() {
        logged.start();
        logger().addAppender(logged);
    }

    @AfterEach
    void stopListening() {
        logger().detachAppender(logged);
    }

    private static Logger logger() {
        return (Logger) LoggerFactory.getLogger("com.kingcdn.edge.store");
    }

    private CacheStore open() {
        DiskTierSettings settings = new DiskTierSettings(
                directory, DataSize.ofMegabytes(64), DataSize.ofMegabytes(1), 2, Duration.ofMillis(50));
        CacheStore store = CacheStore.open(DataSize.ofMegabytes(32), settings, disk, Purges.MOST_SCOPES);
        store.loaded().toCompletableFuture().join();
        return store;
    }

    private static void add(CacheStore store, int number) {
        HeaderFields fields = HeaderFields.of("etag", "\"one\"", "cache-control", "max-age=60");
        StoredContent.put(
                store,
                StoredContent.key("/" + number),
                StoredResponse.of(200, fields, Variant.NONE, 0, 0),
                SIZE,
                number);
    }

    private static boolean isHit(CacheStore store, int number) {
        CacheEntry entry = store.find(StoredContent.key("/" + number), StoredContent.request("/" + number));
        ByteBuf content = entry == null ? null : entry.fromMemory(0, SIZE);
        if (content == null) {
            return false;
        }
        boolean right = content.getInt(0) == number;
        content.release();
        return right;
    }

    private static double metric(String name, String... labelAndValue) {
        String[] labels = labelAndValue.length == 0 ? labelAndValue : new String[] {labelAndValue[0]};
        String[] values = labelAndValue.length == 0 ? labelAndValue : new String[] {labelAndValue[1]};
        Double value = CollectorRegistry.defaultRegistry.getSampleValue(name, labels, values);
        return value == null ? 0 : value;
    }

    private List<String> warnings() {
        return logged.list.stream()
                .filter(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    @Test
    void fullOrReadOnly() {
        try (CacheStore store = open()) {
            add(store, 0);
            await().until(() -> metric("kingcdn_edge_disk_write_queue_bytes") == 0);
            assertThat(metric("kingcdn_edge_disk_up")).isOne();

            disk.writesFail = true;
            for (int number = 1; number < 100; number++) {
                add(store, number);
                assertThat(isHit(store, number)).isTrue();
            }
            await().until(() -> metric("kingcdn_edge_disk_up") == 0);
            assertThat(isHit(store, 0)).isTrue();
            assertThat(metric("kingcdn_edge_disk_dropped_writes_total", "reason", "unavailable"))
                    .isPositive();

            // through some tries
            await().pollDelay(Duration.ofMillis(300)).until(() -> true);
            assertThat(warnings())
                    .as("once, though many writes have failed")
                    .hasSize(1)
                    .allSatisfy(line -> assertThat(line).contains("going on without it", directory.toString()));

            disk.writesFail = false;
            await().until(() -> metric("kingcdn_edge_disk_up") == 1);
            add(store, 100);
            assertThat(store.sync().toCompletableFuture()).succeedsWithin(Duration.ofSeconds(20));
        }
        try (CacheStore store = open()) {
            assertThat(store.contains(new CacheKey("a1105", null, "/0"))).isTrue();
            assertThat(store.contains(new CacheKey("a1105", null, "/100"))).isTrue();
        }
    }

    @Test
    void slow() {
        try (CacheStore store = open()) {
            double dropped = metric("kingcdn_edge_disk_dropped_writes_total", "reason", "queue_full");
            disk.writesTakeMillis = 500;
            for (int number = 0; number < 100; number++) {
                add(store, number);
                assertThat(isHit(store, number)).isTrue();
            }
            assertThat(metric("kingcdn_edge_disk_dropped_writes_total", "reason", "queue_full"))
                    .as("ten megabytes do not wait for a disk that takes none: the queue has one")
                    .isGreaterThan(dropped);
            assertThat(metric("kingcdn_edge_disk_write_queue_bytes")).isLessThanOrEqualTo(1 << 20);
            assertThat(isHit(store, 0)).isTrue();
            disk.writesTakeMillis = 0;
            await().until(() -> metric("kingcdn_edge_disk_write_queue_bytes") == 0);
        }
    }
}
