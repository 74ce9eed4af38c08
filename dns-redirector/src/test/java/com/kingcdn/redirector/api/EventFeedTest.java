package com.kingcdn.redirector.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.kingcdn.control.ControlEvent;
import com.kingcdn.control.PurgeMode;
import com.kingcdn.control.PurgeRequest;
import com.kingcdn.redirector.registry.ConfigFileReader;
import com.kingcdn.redirector.registry.EventLog;
import com.kingcdn.redirector.registry.Registries;
import com.kingcdn.redirector.registry.SlowControlStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What edges are told, and in how many writes. */
@Timeout(60)
final class EventFeedTest {

    private static final String FILE =
            """
            zones:
              - {name: kingcdn.example, file: zone, cdn: true}
            clusters:
              - id: fra
                place: {latitude: 50, longitude: 8}
                nodes: [{id: fra-1, ipv4: 192.0.2.1}]
            """;

    private final SlowControlStore store = new SlowControlStore();
    private Registries registries;
    private EventFeed feed;

    @BeforeEach
    void start() {
        registries = new Registries(store, Clock.systemUTC());
        store.open(registries);
        registries.config().replaceFile(new ConfigFileReader(zone -> {}).parse(Path.of("/cdn.yaml"), FILE, path -> ""));
        feed = new EventFeed(registries, new ApiClocks(Clock.systemUTC(), System::currentTimeMillis));
    }

    @AfterEach
    void stop() {
        feed.close();
    }

    private void purge(int count) {
        for (int i = 0; i < count; i++) {
            registries
                    .purges()
                    .accept(PurgeRequest.ofUrls(PurgeMode.HARD, List.of("http://a.example/" + i)), 0)
                    .join();
        }
    }

    private FakeEdge edge(long lastEventId) {
        FakeEdge edge = new FakeEdge();
        feed.follow(edge, lastEventId);
        await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5)).until(() -> edge.events().stream()
                .anyMatch(ControlEvent.Heartbeat.class::isInstance));
        return edge;
    }

    private static String text(EventFrames.Stretch stretch) {
        return new String(stretch.octets(), StandardCharsets.UTF_8);
    }

    private static List<Long> numbers(long from, long to) {
        return LongStream.rangeClosed(from, to).boxed().toList();
    }

    @Test
    void aBurstCostsEachEdgeFewWrites() {
        List<FakeEdge> edges = IntStream.range(0, 20).mapToObj(i -> edge(0)).toList();
        int before = edges.stream().mapToInt(FakeEdge::writes).sum();
        purge(400);
        for (FakeEdge edge : edges) {
            await().until(() -> edge.purges().size() == 400);
            assertThat(edge.purges()).isEqualTo(numbers(1, 400));
        }
        int writes = edges.stream().mapToInt(FakeEdge::writes).sum() - before;
        // never one for each event: by the pace, whatever the machine, most of a stretch goes together
        assertThat(writes).isLessThan(20 * 400 / 4);
    }

    @Test
    void anEdgeThatTakesNothingHoldsOneWrite_andGetsTheRestInOrderWhenItDoes() {
        FakeEdge edge = edge(0);
        edge.pause();
        purge(1);
        await().until(() -> edge.purges().size() == 1);
        int before = edge.writes();
        purge(2_000);
        FakeEdge other = edge(0);
        await().until(() -> other.purges().size() == 2_001);
        assertThat(edge.writes()).isEqualTo(before);

        edge.resume();
        await().until(() -> edge.purges().size() == 2_001);
        assertThat(edge.purges()).isEqualTo(numbers(1, 2_001));
        assertThat(edge.longestWrite()).isLessThan(2 * EventFrames.STRETCH_BYTES);
    }

    @Test
    void whatGoesWrongWithOneEdgeCutsItAndNoOther() {
        List<FakeEdge> edges = IntStream.range(0, 5).mapToObj(i -> edge(0)).toList();
        edges.get(2).breakDown();
        await().until(edges.get(2)::isCut);
        int before = heartbeats(edges.get(4));
        await("the timer goes on").until(() -> heartbeats(edges.get(4)) > before + 1);
        purge(1);
        for (FakeEdge edge : edges) {
            if (!edge.isCut()) {
                await().until(() -> edge.purges().size() == 1);
            }
        }
        assertThat(edges).filteredOn(FakeEdge::isCut).hasSize(1);
    }

    /** A full disk has cost some: their numbers are given to no others. */
    @Test
    void eventsBehindMissingNumbersComeOnceEachUnderTheirOwn() {
        purge(1);
        store.refuse(change -> true);
        for (int i = 0; i < 3; i++) {
            PurgeRequest lost = PurgeRequest.ofUrls(PurgeMode.HARD, List.of("http://a.example/"));
            assertThat(registries.purges().accept(lost, 0)).isCompletedExceptionally();
        }
        store.refuse(change -> false);
        purge(2);
        FakeEdge edge = edge(0);
        assertThat(edge.purges()).containsExactly(1L, 5L, 6L);
        assertThat(edge.ids()).isEqualTo(edge.purges());
    }

    private static int heartbeats(FakeEdge edge) {
        return (int) edge.events().stream()
                .filter(ControlEvent.Heartbeat.class::isInstance)
                .count();
    }

    @Test
    void edgesThatReturnWhileEventsComeGetEachOnceAndInOrder() throws InterruptedException {
        purge(500);
        List<FakeEdge> edges = new ArrayList<>();
        Thread purging = new Thread(() -> purge(3_000));
        purging.start();
        for (int i = 0; i < 20; i++) {
            edges.add(edge(i * 20L));
        }
        purging.join();
        for (int i = 0; i < edges.size(); i++) {
            FakeEdge edge = edges.get(i);
            long first = i * 20L + 1;
            await().until(() -> edge.purges().size() == 3_500 - first + 1);
            assertThat(edge.purges()).isEqualTo(numbers(first, 3_500));
            assertThat(edge.isOpen()).isTrue();
        }
    }

    @Test
    void aHeartbeatIsNeverAheadOfTheEventsBeforeIt() {
        FakeEdge edge = edge(0);
        purge(3_000);
        await().until(() -> edge.events().stream()
                                .filter(ControlEvent.Heartbeat.class::isInstance)
                                .count()
                        > 1
                && edge.purges().size() == 3_000);
        long told = 0;
        for (ControlEvent event : edge.events()) {
            if (event instanceof ControlEvent.Purge purge) {
                told = purge.sequence();
            } else if (event instanceof ControlEvent.Heartbeat heartbeat) {
                assertThat(heartbeat.sequence()).isEqualTo(told);
            }
        }
    }

    @Test
    void edgesAtTheSamePlaceShareTheOctets_andAStretchGrowsUntilItIsFull() {
        EventFrames frames = new EventFrames(registries.events());
        purge(3);
        frames.advance();
        EventFrames.Stretch three = Objects.requireNonNull(frames.after(0));
        purge(1);
        assertThat(frames.after(0)).as("nothing new is told within a round").isSameAs(three);
        assertThat(three.to()).isEqualTo(3);

        frames.advance();
        EventFrames.Stretch four = Objects.requireNonNull(frames.after(0));
        assertThat(four.to()).isEqualTo(4);
        assertThat(text(four)).startsWith(text(three));

        purge(500);
        frames.advance();
        EventFrames.Stretch full = Objects.requireNonNull(frames.after(0));
        purge(500);
        frames.advance();
        assertThat(frames.after(0)).isSameAs(full);
        assertThat(full.octets().length).isBetween(EventFrames.STRETCH_BYTES, EventFrames.STRETCH_BYTES + 1_000);
    }

    @Test
    void whatTheLogNoLongerHasIsNotTakenForItsBeginning() {
        purge(EventLog.MAX_EVENTS + 5);
        EventFrames frames = new EventFrames(registries.events());
        frames.advance();

        assertThat(frames.after(4)).isNull();
        EventFrames.Stretch first = Objects.requireNonNull(frames.after(5));
        assertThat(text(first)).startsWith("id:6\n");
    }

    /** Holds the thread of the feed as a machine does that stands still. */
    private record Stall(CompletableFuture<Void> begun, CompletableFuture<Void> over) implements EventSink {

        @Override
        public boolean isOpen() {
            begun.complete(null);
            over.join();
            return false;
        }

        @Override
        public boolean isReady() {
            return false;
        }

        @Override
        public void onReady(Runnable task) {}

        @Override
        public void write(List<byte[]> octets) {}

        @Override
        public void end() {}

        @Override
        public void cut() {}
    }

    @Test
    void secondsInWhichTheMachineStoodStillCutNoEdge() {
        long tick = 200;
        EventFeed stalled =
                new EventFeed(registries, new ApiClocks(Clock.systemUTC(), System::currentTimeMillis), tick);
        ScheduledExecutorService socket = Executors.newSingleThreadScheduledExecutor();
        try {
            FakeEdge edge = new FakeEdge();
            edge.pause();
            stalled.follow(edge, 0L);
            socket.scheduleWithFixedDelay(edge::take, 20, 20, TimeUnit.MILLISECONDS);
            await().until(() -> heartbeats(edge) > 1);
            Stall stall = new Stall(new CompletableFuture<>(), new CompletableFuture<>());
            stalled.follow(stall, 0L);
            stall.begun().join();
            int before = heartbeats(edge);
            long until =
                    System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(tick * 2 * EventSubscription.MAX_STALLED_TICKS);
            await().until(() -> System.nanoTime() - until > 0);
            stall.over().complete(null);
            await().until(() -> edge.isCut() || heartbeats(edge) > before + 2);
            assertThat(edge.isCut()).isFalse();
        } finally {
            socket.shutdownNow();
            stalled.close();
        }
    }

    @Test
    void anEdgeThatTakesNothingForLongIsCut() {
        FakeEdge edge = new FakeEdge();
        edge.pause();
        EventSubscription subscription =
                new EventSubscription(registries, edge, new EventFrames(registries.events()), 0L);
        subscription.begin(0);
        subscription.drain();
        double before = EventFeed.CUT.get();
        for (int tick = 0; tick <= EventSubscription.MAX_STALLED_TICKS + 1; tick++) {
            assertThat(edge.isCut()).isFalse();
            subscription.tick();
        }
        assertThat(edge.isCut()).isTrue();
        assertThat(EventFeed.CUT.get()).isEqualTo(before + 1);
    }
}
