package com.kingcdn.edge.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class DiskWriteQueueTest {

    private static final long LONG = TimeUnit.MINUTES.toNanos(5);

    private final DiskWriteQueue queue = new DiskWriteQueue(4 << 20);

    private static DiskWrite data(int octets) {
        return new DiskWrite.Metadata(new DiskEntry(EntryId.next()), DiskTierFixture.encoded(new byte[octets]));
    }

    private static DiskWrite sync() {
        return new DiskWrite.Sync(new CompletableFuture<>());
    }

    @Test
    void whatIsOfferedIsTakenOnceAndInOrder() throws InterruptedException {
        DiskWrite first = data(10);
        DiskWrite second = sync();
        assertThat(queue.offer(first)).isTrue();
        assertThat(queue.offer(second)).isTrue();
        assertThat(queue.take(LONG)).containsExactly(first, second);
        assertThat(queue.take(1)).isEmpty();
    }

    /** A caller waits for it, or a purge must be on disk soon. */
    @Test
    void whatHoldsNoDataIsTakenWithAllBeforeIt() throws Exception {
        CompletableFuture<List<DiskWrite>> taken = new CompletableFuture<>();
        Thread writer = new Thread(() -> {
            try {
                List<DiskWrite> batch = queue.take(LONG);
                taken.complete(batch);
            } catch (InterruptedException e) {
                taken.completeExceptionally(e);
            }
        });
        writer.start();
        DiskWrite sync = sync();
        queue.offer(sync);
        assertThat(taken.get(20, TimeUnit.SECONDS)).containsExactly(sync);
        writer.join();
    }

    @Test
    void aLittleDataIsTakenWithoutMore() throws InterruptedException {
        DiskWrite little = data(1);
        queue.offer(little);
        assertThat(queue.take(LONG)).containsExactly(little);
    }

    @Test
    void dataCountsUntilItIsWritten() throws InterruptedException {
        assertThat(queue.offer(data(3 << 20))).isTrue();
        assertThat(queue.offer(data(2 << 20))).isFalse();
        assertThat(queue.take(LONG)).hasSize(1);
        assertThat(queue.offer(data(2 << 20))).isFalse();
        queue.finished(3 << 20);
        assertThat(queue.bytes()).isZero();
        assertThat(queue.offer(data(2 << 20))).isTrue();
    }

    @Test
    void aClosedQueueGivesOutTheRestAtOnceAndTakesNothing() throws InterruptedException {
        queue.offer(data(1));
        queue.close();
        assertThat(queue.offer(data(1))).isFalse();
        assertThat(queue.take(LONG)).hasSize(1);
        assertThat(queue.take(LONG)).isEmpty();
    }
}
