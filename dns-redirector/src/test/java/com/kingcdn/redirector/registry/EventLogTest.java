package com.kingcdn.redirector.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.kingcdn.control.ControlEvent;
import com.kingcdn.control.FillPlan;
import com.kingcdn.control.FillProgress;
import com.kingcdn.control.PurgeMode;
import com.kingcdn.control.PurgeReceipt;
import com.kingcdn.control.PurgeRequest;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class EventLogTest {

    private static final long DAY = EventLog.MAX_AGE_MILLIS;

    private Registries registries = opened();

    private static Registries opened() {
        ControlStore store = new MemoryControlStore();
        Registries made = new Registries(store, Clock.systemUTC());
        store.open(made);
        return made;
    }

    /** What a store would make of these registries' shortest list of changes. */
    private static Registries replayed(Registries from) {
        Registries made = opened();
        from.changes().forEach(made::apply);
        return made;
    }

    @BeforeEach
    void begin() {
        registries = opened();
    }

    private ControlEvent.Purge purge(String url, long atMillis) {
        return registries
                .purges()
                .accept(PurgeRequest.ofUrls(PurgeMode.HARD, List.of(url)), atMillis)
                .join();
    }

    private ControlEvent.Fill fill(long atMillis, @Nullable Instant notAfter) {
        return registries
                .fills()
                .accept(new FillPlan("a1105", List.of("/x"), null, null, notAfter, 0), atMillis)
                .join();
    }

    @Test
    void numbersBeginAtOneAndHaveNoGap() {
        assertThat(registries.events().lastSequence()).isZero();

        ControlEvent first = purge("http://a/1", 0);
        ControlEvent second = fill(0, null);
        registries.fills().cancel(((ControlEvent.Fill) second).id(), 0).join();

        assertThat(registries.events().lastSequence()).isEqualTo(3);
        assertThat(registries.events().after(0, 10))
                .containsExactly(first, second, new ControlEvent.FillCancelled(((ControlEvent.Fill) second).id(), 3));
        assertThat(registries.events().after(1, 1)).containsExactly(second);
    }

    /** As on a disk that is full for a while: whoever reads on misses nothing by that. */
    @Test
    void numbersGoOnAfterOneThatCouldNotBeKept() {
        SlowControlStore full = new SlowControlStore();
        registries = new Registries(full, Clock.systemUTC());
        full.open(registries);
        purge("http://a/1", 0);
        full.refuse(change -> true);
        assertThatThrownBy(() -> purge("http://a/2", 0)).hasCauseInstanceOf(ControlStoreException.class);
        full.refuse(change -> false);

        ControlEvent.Purge next = purge("http://a/3", 0);
        assertThat(next.sequence()).isEqualTo(3);
        assertThat(registries.events().lastSequence()).isEqualTo(3);
        assertThat(registries.events().after(1, 10)).containsExactly(next);
    }

    @Test
    void numbersGoOnAfterARestart() {
        purge("http://a/1", 0);
        purge("http://a/2", 0);
        registries = replayed(registries);

        assertThat(purge("http://a/3", 0).sequence()).isEqualTo(3);
    }

    /** One that were would be taken for an edge of another log, and sent away. */
    @Test
    void noReaderIsEverAheadOfTheLog() throws InterruptedException {
        int count = 20_000;
        Thread purging = new Thread(() -> {
            for (int i = 0; i < count; i++) {
                purge("http://a/1", 0);
            }
        });
        purging.start();
        EventLog events = registries.events();
        long cursor = 0;
        while (cursor < count) {
            cursor = Math.max(cursor, events.oldestReachable());
            List<ControlEvent> found = events.after(cursor, 64);
            if (!found.isEmpty() && events.reachesBackTo(cursor)) {
                cursor = ((ControlEvent.Purge) found.get(found.size() - 1)).sequence();
            }
            assertThat(cursor).isLessThanOrEqualTo(events.lastSequence());
        }
        purging.join();
    }

    @Test
    void theOldestGoWhenThereAreTooMany() {
        ControlEvent.Purge first = purge("http://a/first", 0);
        for (int i = 0; i < EventLog.MAX_EVENTS; i++) {
            purge("http://a/" + i, 0);
        }

        assertThat(registries.events().reachesBackTo(0)).isFalse();
        assertThat(registries.events().reachesBackTo(1)).isTrue();
        assertThat(registries.events().oldestReachable()).isEqualTo(1);
        assertThat(registries.events().after(0, 1)).hasSize(1).doesNotContain(first);
        assertThat(registries.purges().find(first.id())).isEmpty();
    }

    @Test
    void whatIsOlderThanADayGoes() {
        purge("http://a/1", 0);
        purge("http://a/2", 1);
        purge("http://a/3", DAY + 1);

        assertThat(registries.events().oldestReachable()).isEqualTo(1);
        assertThat(registries.events().reachesBackTo(1)).isTrue();
    }

    @Test
    void doesNotReachToNumbersOfAnotherLog() {
        purge("http://a/1", 0);

        assertThat(registries.events().reachesBackTo(2)).isFalse();
    }

    @Test
    void listenersHearOfEachEventUntilTheyLeave() {
        AtomicInteger heard = new AtomicInteger();
        Runnable listener = heard::incrementAndGet;
        registries.events().subscribe(listener);
        purge("http://a/1", 0);
        registries.events().unsubscribe(listener);
        purge("http://a/2", 0);

        assertThat(heard).hasValue(1);
    }

    @Test
    void receiptsAndProgressSurviveARestart() {
        ControlEvent.Purge purge = purge("http://a/1", 0);
        ControlEvent.Fill fill = fill(0, null);
        PurgeReceipt receipt = new PurgeReceipt(purge.id(), purge.sequence(), 5, 2);
        FillProgress done = new FillProgress(fill.id(), FillProgress.State.DONE, 1, 0, 1, 10, null);
        registries.purges().report("fra-1", "fra", List.of(receipt)).join();
        registries.fills().report("fra-1", "fra", List.of(done)).join();

        Registries after = replayed(registries);

        assertThat(after.purges().find(purge.id()).orElseThrow().receipts())
                .containsExactly(new PurgeRegistry.NodeReceipt("fra-1", "fra", receipt));
        assertThat(after.fills().find(fill.id()).orElseThrow().progress())
                .containsExactly(new FillRegistry.NodeProgress("fra-1", "fra", done));
    }

    @Test
    void aReceiptForARunCountsForEachOfItsPurges_alsoAfterARestart() {
        ControlEvent.Purge before = purge("http://a/1", 0);
        ControlEvent.Purge first = purge("http://a/2", 0);
        ControlEvent.Purge last = purge("http://a/3", 0);
        registries
                .purges()
                .report("fra-1", "fra", List.of(new PurgeReceipt(last.id(), 3, 5, 0, 2L)))
                .join();
        registries = replayed(registries);

        assertThat(receipts(before)).isEmpty();
        assertThat(receipts(first))
                .containsExactly(new PurgeRegistry.NodeReceipt("fra-1", "fra", new PurgeReceipt(first.id(), 2, 5, 0)));
        assertThat(receipts(last))
                .containsExactly(new PurgeRegistry.NodeReceipt("fra-1", "fra", new PurgeReceipt(last.id(), 3, 5, 0)));
    }

    @Test
    void aReceiptOfAnotherLogsNumberingDoesNotCount() {
        ControlEvent.Purge purge = purge("http://a/1", 0);
        registries
                .purges()
                .report(
                        "fra-1",
                        "fra",
                        List.of(new PurgeReceipt("other", 1, 5, 0), new PurgeReceipt(purge.id(), 9, 5, 0, 1L)))
                .join();

        assertThat(receipts(purge)).isEmpty();
        assertThat(registries.purges().changes()).isEmpty();
    }

    @Test
    void receiptsGoWithTheirPurges() {
        ControlEvent.Purge first = purge("http://a/1", 0);
        ControlEvent.Purge second = purge("http://a/2", 0);
        registries
                .purges()
                .report("fra-1", "fra", List.of(new PurgeReceipt(first.id(), 1, 5, 0)))
                .join();
        registries
                .purges()
                .report("fra-1", "fra", List.of(new PurgeReceipt(second.id(), 2, 6, 0)))
                .join();
        purge("http://a/3", DAY + 1);
        assertThat(registries.purges().changes()).isEmpty();
    }

    private List<PurgeRegistry.NodeReceipt> receipts(ControlEvent.Purge purge) {
        return registries.purges().find(purge.id()).orElseThrow().receipts();
    }

    @Test
    void aReceiptForAnUnknownPurgeIsNotKept() {
        registries
                .purges()
                .report("fra-1", "fra", List.of(new PurgeReceipt("none", 1, 5, 2)))
                .join();

        assertThat(registries.purges().changes()).isEmpty();
    }

    @Test
    void anOpenFillOutlivesItsEvent() {
        ControlEvent.Fill open = fill(0, null);
        ControlEvent.Fill cancelled = fill(0, null);
        registries.fills().cancel(cancelled.id(), 0).join();
        purge("http://a/1", DAY + 1);
        registries = replayed(registries);

        assertThat(registries.events().reachesBackTo(0)).isFalse();
        assertThat(registries.events().lastSequence()).isEqualTo(4);
        assertThat(registries.events().after(0, 10)).hasSize(1);
        assertThat(registries.fills().open(DAY + 1)).containsExactly(open);
        assertThat(registries.fills().find(cancelled.id()).orElseThrow().cancelled())
                .isTrue();
    }

    @Test
    void aFillIsOpenUntilItsWindowEndsAndForgottenADayLater() {
        ControlEvent.Fill windowed = fill(0, Instant.ofEpochMilli(1_000));

        assertThat(registries.fills().open(999)).containsExactly(windowed);
        assertThat(registries.fills().open(1_000)).isEmpty();
        fill(DAY + 1_001, null);
        assertThat(registries.fills().find(windowed.id())).isEmpty();
    }
}
