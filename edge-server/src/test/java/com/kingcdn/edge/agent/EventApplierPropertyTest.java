package com.kingcdn.edge.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.kingcdn.control.ControlEvent;
import com.kingcdn.control.PurgeMode;
import com.kingcdn.control.PurgeReceipt;
import com.kingcdn.control.PurgeRequest;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;
import org.jspecify.annotations.NullMarked;
import org.springframework.util.FileSystemUtils;

/** The applier against a model of the redirector's log, with cuts and crashes anywhere. */
@NullMarked
class EventApplierPropertyTest {

    private static final long T = 1_700_000_000_000L;
    private static final int CALLS = 60;

    private enum Step {
        ACCEPT,
        DELIVER,
        HEARTBEAT,
        COMMIT,
        CUT,
        CRASH
    }

    private final List<String> purgedByAll = new ArrayList<>();
    private final List<PurgeReceipt> receipts = new ArrayList<>();
    private Path directory = Path.of("");
    private FakeEdge edge = new FakeEdge();
    private ReportOutbox outbox = new ReportOutbox();

    @SuppressWarnings("NullAway.Init")
    private EventApplier applier;

    private long nowMillis;
    private long accepted;
    private long delivered;

    /** One instance serves all tries. */
    @BeforeTry
    void begin() throws IOException {
        purgedByAll.clear();
        receipts.clear();
        directory = Files.createTempDirectory("applier");
        nowMillis = T;
        accepted = 0;
        delivered = 0;
        applier = restarted();
    }

    @AfterTry
    void delete() throws IOException {
        FileSystemUtils.deleteRecursively(directory);
    }

    @Property(tries = 60)
    void noPurgeIsLost_noneIsAcknowledgedBeforeItIsRemembered_andNoneAppliedTwiceButAfterACrash(
            @ForAll List<Step> steps) {
        connect();
        heartbeat();
        applier.commit();
        boolean crashed = false;
        for (Step step : steps.subList(0, Math.min(CALLS, steps.size()))) {
            crashed |= step == Step.CRASH;
            run(step);
            assertThat(edge.caughtUp.isProven(nowMillis) && delivered < accepted && step == Step.HEARTBEAT)
                    .as("proven by a heartbeat that it has not caught up with")
                    .isFalse();
        }
        while (delivered < accepted) {
            run(Step.DELIVER);
        }
        run(Step.HEARTBEAT);
        run(Step.COMMIT);

        List<String> all =
                LongStream.rangeClosed(1, accepted).mapToObj(i -> "/" + i).toList();
        assertThat(purgedByAll).containsAll(all);
        assertThat(applier.acknowledgedSequence()).isEqualTo(accepted);
        assertThat(edge.caughtUp.isProven(nowMillis)).isTrue();
        if (!crashed) {
            assertThat(purgedByAll).isEqualTo(all);
            assertThat(receipts.stream()
                            .flatMapToLong(receipt -> LongStream.rangeClosed(receipt.first(), receipt.sequence()))
                            .mapToObj(sequence -> "/" + sequence)
                            .toList())
                    .isEqualTo(all);
            assertThat(receipts).allMatch(receipt -> receipt.id().equals("p" + receipt.sequence()));
        }
    }

    @Example
    void anEdgeThatJoins_takesTheFirstHeartbeatsNumber_andTrustsNothingOlder() {
        accepted = 7;
        nowMillis = T + 5;
        assertThat(applier.lastEventId()).isEqualTo(OptionalLong.empty());
        nowMillis = T + 10;
        applier.onEvent(new ControlEvent.Heartbeat(7));
        assertThat(applier.lastEventId()).isEqualTo(OptionalLong.of(7));
        assertThat(edge.caughtUp.covers(T + 4, nowMillis)).isFalse();
        assertThat(edge.caughtUp.covers(T + 5, nowMillis)).isTrue();
    }

    @Example
    void aLogThatIsAheadWithoutEventsIsAskedForAgain() {
        connect();
        applier.onEvent(new ControlEvent.Heartbeat(1));
        applier.onEvent(new ControlEvent.Heartbeat(3));
        applier.onEvent(new ControlEvent.Heartbeat(3));
        assertThatThrownBy(() -> applier.onEvent(new ControlEvent.Heartbeat(3)))
                .hasMessageContaining("the log is at 3, yet nothing came after event 1");
        assertThat(applier.lastEventId()).isEqualTo(OptionalLong.of(1));
    }

    @Example
    void aLogThatWasReplacedIsAReset() {
        connect();
        applier.onEvent(new ControlEvent.Heartbeat(50));
        nowMillis = T + 100;
        for (int i = 0; i < 3; i++) {
            applier.onEvent(new ControlEvent.Heartbeat(2));
        }
        assertThat(applier.lastEventId()).isEqualTo(OptionalLong.of(2));
        assertThat(edge.caughtUp.covers(T + 99, T + 100)).isFalse();
        applier.onEvent(purge(3));
        assertThat(edge.purged).containsExactly("/3");
    }

    @Example
    void aDamagedPositionMakesTheEdgeJoinAnew_andDistrustItsDisk() throws IOException {
        connect();
        applier.onEvent(new ControlEvent.Heartbeat(5));
        applier.commit();
        Files.writeString(directory.resolve("position.json"), "{}");
        nowMillis = T + 1000;
        applier = restarted();
        assertThat(applier.lastEventId()).isEqualTo(OptionalLong.empty());
        assertThat(edge.caughtUp.covers(T + 999, nowMillis)).isFalse();
    }

    @Example
    void purgesAtOnceShareAReceipt_unlessALongTimeOrAnotherEffectIsBetween() {
        connect();
        heartbeat();
        for (int sequence = 1; sequence <= 3; sequence++) {
            nowMillis += 10;
            applier.onEvent(purge(sequence));
        }
        nowMillis += 30;
        applier.onEvent(purge(4));
        applier.onEvent(new ControlEvent.FillCancelled("f", 5));
        applier.onEvent(purge(6));
        // whose entries are not counted
        applier.onEvent(new ControlEvent.Purge(
                "p7", 7, T, new PurgeRequest(null, null, List.of("tag"), null, null, PurgeMode.HARD)));
        assertThat(applier.commit()).isTrue();
        assertThat(outbox.next().receipts())
                .containsExactly(
                        new PurgeReceipt("p3", 3, T + 30, 1, 1L),
                        new PurgeReceipt("p4", 4, T + 60, 1),
                        new PurgeReceipt("p6", 6, T + 60, 1),
                        new PurgeReceipt("p7", 7, T + 60, 0));
    }

    /** A disk that fails for days is no reason to run out of memory. */
    @Example
    void receiptsThatWaitForTheDiskAreBounded() throws IOException {
        connect();
        heartbeat();
        applier.commit();
        FileSystemUtils.deleteRecursively(directory);
        Files.writeString(directory, "not a directory");
        double before = dropped();
        int purges = ReportOutbox.MAX_RECEIPTS + 500;
        for (int sequence = 1; sequence <= purges; sequence++) {
            nowMillis += 100;
            applier.onEvent(purge(sequence));
        }
        assertThat(applier.commit()).isFalse();
        assertThat(dropped() - before).isEqualTo(500);

        Files.delete(directory);
        assertThat(applier.commit()).isTrue();
        assertThat(applier.acknowledgedSequence()).isEqualTo(purges);
        assertThat(outbox.next().receipts().get(0).sequence()).isEqualTo(501);
    }

    private static double dropped() {
        return CollectorRegistry.defaultRegistry.getSampleValue("kingcdn_edge_receipts_dropped_total");
    }

    private void run(Step step) {
        nowMillis += 20;
        switch (step) {
            case ACCEPT -> accepted++;
            case DELIVER -> {
                if (delivered < accepted) {
                    applier.onEvent(purge(++delivered));
                    purgedByAll.add(edge.purged.get(edge.purged.size() - 1));
                }
            }
            case HEARTBEAT -> {
                // in the log's order: behind all events up to its number
                while (delivered < accepted) {
                    run(Step.DELIVER);
                }
                heartbeat();
            }
            case COMMIT -> {
                assertThat(applier.commit()).isTrue();
                ReportOutbox.Batch batch = outbox.next();
                receipts.addAll(batch.receipts());
                outbox.accepted(batch);
            }
            case CUT -> connect();
            case CRASH -> {
                applier = restarted();
                connect();
            }
        }
    }

    private void connect() {
        delivered = applier.lastEventId().orElse(accepted);
        applier.onEvent(new ControlEvent.Config(FakeEdge.config(1, "video.netcinema.example")));
    }

    private void heartbeat() {
        applier.onEvent(new ControlEvent.Heartbeat(accepted));
    }

    private EventApplier restarted() {
        edge = new FakeEdge();
        outbox = new ReportOutbox();
        EventApplier fresh = new EventApplier(
                new EdgeIdentity("nyc-1", "nyc"),
                edge.targets(),
                new AgentState(directory),
                outbox,
                new NoSignals(),
                new Clock() {
                    @Override
                    public Instant instant() {
                        return Instant.ofEpochMilli(nowMillis);
                    }

                    @Override
                    public ZoneOffset getZone() {
                        return ZoneOffset.UTC;
                    }

                    @Override
                    public Clock withZone(java.time.ZoneId zone) {
                        return this;
                    }
                });
        fresh.restore();
        return fresh;
    }

    private static ControlEvent purge(long sequence) {
        PurgeRequest request =
                PurgeRequest.ofUrls(PurgeMode.HARD, List.of("http://video.netcinema.example/" + sequence));
        return new ControlEvent.Purge("p" + sequence, sequence, T, request);
    }

    private static final class NoSignals implements AgentSignals {

        @Override
        public void changed() {}

        @Override
        public void reportable() {}

        @Override
        public void run(Runnable action) {
            action.run();
        }
    }
}
