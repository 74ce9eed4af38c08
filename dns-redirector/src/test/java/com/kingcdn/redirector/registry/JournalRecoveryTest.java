package com.kingcdn.redirector.registry;

import static com.kingcdn.redirector.registry.ControlStoreContract.change;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.kingcdn.redirector.registry.ControlStoreContract.Recorded;
import io.prometheus.client.CollectorRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The journal while its disk takes no writes, and after that: a change is durable and applied, or neither. */
@Timeout(60)
final class JournalRecoveryTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration RETRY = Duration.ofMillis(50);

    @TempDir
    Path directory;

    private final FaultyDisk disk = new FaultyDisk();
    private @Nullable ControlStore opened;

    private Recorded open(long compactAtBytes) {
        Recorded state = new Recorded();
        ControlStore next = new JournalControlStore(directory, compactAtBytes, RETRY, disk);
        next.open(state);
        opened = next;
        return state;
    }

    private Recorded open() {
        return open(Long.MAX_VALUE);
    }

    private ControlStore store() {
        return Objects.requireNonNull(opened);
    }

    @AfterEach
    void close() {
        store().close();
    }

    private Recorded reopen() {
        store().close();
        disk.heal();
        return open();
    }

    private void append(int... numbers) throws Exception {
        for (int number : numbers) {
            store().append(change(number)).get(10, TimeUnit.SECONDS);
        }
    }

    private void assertRefused(int number) {
        assertThatThrownBy(() -> append(number)).hasMessageContaining("try again when its disk takes writes");
    }

    private static double writable() {
        return CollectorRegistry.defaultRegistry.getSampleValue("kingcdn_redirector_journal_writable");
    }

    @Test
    void takesChangesAgainWhenAFullDiskHasRoom() throws Exception {
        Recorded state = open();
        append(0, 1);
        disk.fill();
        assertRefused(2);
        await("metric").atMost(PATIENCE).until(() -> writable() == 0);
        assertRefused(3);
        disk.heal();
        await("metric").atMost(PATIENCE).until(() -> writable() == 1);
        append(4);
        assertThat(state.applied).containsExactly(change(0), change(1), change(4));
        assertThat(reopen().applied).containsExactly(change(0), change(1), change(4));
    }

    @Test
    void takesChangesAgainAfterSyncsThatFailed() throws Exception {
        Recorded state = open();
        append(0, 1);
        disk.breakDown();
        assertRefused(2);
        disk.heal();
        await("metric").atMost(PATIENCE).until(() -> writable() == 1);
        append(3);
        assertThat(state.applied).containsExactly(change(0), change(1), change(3));
        assertThat(reopen().applied).containsExactly(change(0), change(1), change(3));
    }

    /** The record is whole in the file when its sync fails. */
    @Test
    void aRestartMeanwhileFindsNothingOfWhatWasRefused() throws Exception {
        open();
        append(0, 1);
        disk.breakDown();
        assertRefused(2);
        await("metric").atMost(PATIENCE).until(() -> writable() == 0);
        assertThat(reopen().applied).containsExactly(change(0), change(1));
        disk.fill();
        assertRefused(3);
        assertThat(reopen().applied).containsExactly(change(0), change(1));
    }

    /** Each would hold a descriptor, and the room of its content. */
    @Test
    void leavesNoFileOpenThatCouldNotBeGivenItsName() throws Exception {
        open();
        append(0);
        Path next = directory.resolve("control-0000000002.journal");
        Path inTheWay = Files.createDirectories(next.resolve("in-the-way"));
        disk.breakDown();
        assertRefused(1);
        disk.heal();
        int before = disk.opened();
        await("attempts").atMost(PATIENCE).until(() -> disk.opened() > before + 3);
        Files.delete(inTheWay);
        Files.delete(next);
        await("metric").atMost(PATIENCE).until(() -> writable() == 1);
        assertThat(disk.stillOpen()).isOne();
        append(2);
        assertThat(reopen().applied).containsExactly(change(0), change(2));
    }

    @Test
    void leavesNothingOfAFileThatCouldNotBeBegun() throws Exception {
        open();
        append(0);
        disk.fill();
        assertRefused(1);
        int before = disk.opened();
        await("attempts").atMost(PATIENCE).until(() -> disk.opened() > before + 1);
        store().close();
        assertThat(directory.resolve("control-0000000002.journal.new")).doesNotExist();
    }

    /** Nobody tries again to write what is refused at the very end. */
    @Test
    void aRestartFindsNothingOfWhatWasRefusedWhileClosing() throws Exception {
        CountDownLatch applying = new CountDownLatch(1);
        CountDownLatch applied = new CountDownLatch(1);
        ControlStore closing = new JournalControlStore(directory, Long.MAX_VALUE, RETRY, disk);
        closing.open(new ControlState() {
            @Override
            public void apply(ControlChange change) {
                applying.countDown();
                try {
                    applied.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }

            @Override
            public List<ControlChange> changes() {
                return List.of();
            }
        });
        opened = closing;
        CompletableFuture<Void> kept = closing.append(change(0));
        assertThat(applying.await(20, TimeUnit.SECONDS)).isTrue();
        CompletableFuture<Void> refused = closing.append(change(1));
        Thread end = new Thread(closing::close);
        end.start();
        await("the end stands in line behind it")
                .atMost(PATIENCE)
                .until(() -> end.getState() == Thread.State.TIMED_WAITING);
        disk.breakDown();
        applied.countDown();
        end.join();
        assertThat(kept).isCompleted();
        assertThat(refused).isCompletedExceptionally();
        assertThat(reopen().applied).containsExactly(change(0));
    }

    @Test
    void acceptsChangesWhileThereIsNoRoomForACompaction() throws Exception {
        Recorded state = open(300);
        disk.fillForNewFiles();
        append(IntStream.range(0, 100).toArray());
        assertThat(writable()).isOne();
        disk.heal();
        append(IntStream.range(100, 200).toArray());
        assertThat(state.applied).hasSize(200);
        assertThat(directory.resolve("control-0000000001.journal"))
                .as("compacted after all")
                .doesNotExist();
        assertThat(reopen().applied).isEqualTo(state.applied);
    }
}
