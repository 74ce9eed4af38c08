package com.kingcdn.edge.push;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.control.ConfigSnapshot;
import com.kingcdn.control.FillPlan;
import com.kingcdn.control.FillProgress;
import com.kingcdn.edge.distribution.DistributionTable;
import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.HostHeader;
import com.kingcdn.topology.OriginEndpoint;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Fills in virtual time, which starts at 1970. */
class PushReceiverTest {

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final DistributionTable distributions = DistributionTable.empty();
    private final FakeFiller filler = new FakeFiller();
    private final PushReceiver receiver = new PushReceiver(distributions, filler, time);
    private final List<FillProgress> told = new ArrayList<>();

    PushReceiverTest() {
        configure(HostHeader.ORIGIN);
    }

    private void configure(HostHeader hostHeader) {
        Distribution distribution = new Distribution(
                "a1105",
                List.of("video.netcinema.example", "www.netcinema.example"),
                List.of(new OriginEndpoint(URI.create("http://127.0.0.1:8600"))),
                hostHeader);
        distributions.replace(new ConfigSnapshot(1, "kingcdn.example", List.of(distribution), List.of()));
    }

    @AfterEach
    void close() {
        receiver.close();
        time.dispose();
    }

    @Test
    void fetchesAndPinsEachPathAndSaysSo() {
        receiver.fill("f1", plan(null, null, 0, "/a", "/b", "/c"), told::add);
        settle();
        assertThat(filler.fetched).containsExactly("/a", "/b", "/c");
        assertThat(filler.pinned).containsExactlyInAnyOrder("/a", "/b", "/c");
        assertThat(told).first().extracting(FillProgress::state).isEqualTo(FillProgress.State.WAITING);
        assertThat(last()).isEqualTo(new FillProgress("f1", FillProgress.State.DONE, 3, 0, 3, 3000, null));
    }

    /** Else a restart would have all of it fetched again that is on disk. */
    @Test
    void waitsUntilItIsKnownWhatIsStored() {
        CompletableFuture<Void> loading = new CompletableFuture<>();
        filler.ready = loading;
        try (PushReceiver starting = new PushReceiver(distributions, filler, time)) {
            filler.pinned.add("/unwanted");
            starting.fill("f1", plan(null, null, 0, "/a"), told::add);
            starting.cancel("f0", plan(null, null, 0, "/unwanted"));
            settle();
            assertThat(filler.fetched).isEmpty();
            assertThat(filler.pinned).containsExactly("/unwanted");
            loading.complete(null);
            settle();
            assertThat(last().state()).isEqualTo(FillProgress.State.DONE);
            assertThat(filler.pinned).containsExactly("/a");
        }
    }

    @Test
    void waitsForTheWindow() {
        receiver.fill("f1", plan(Instant.ofEpochSecond(3600), null, 0, "/a"), told::add);
        time.advanceTimeBy(Duration.ofSeconds(3599));
        assertThat(filler.fetched).isEmpty();
        assertThat(last().state()).isEqualTo(FillProgress.State.WAITING);
        time.advanceTimeBy(Duration.ofSeconds(2));
        assertThat(last().state()).isEqualTo(FillProgress.State.DONE);
    }

    @Test
    void stopsWhenTheWindowCloses() {
        // 1000 octets at a time, 10 a second
        receiver.fill("f1", plan(null, Instant.ofEpochSecond(60), 10, "/a", "/b"), told::add);
        time.advanceTimeBy(Duration.ofSeconds(61));
        assertThat(last().state()).isEqualTo(FillProgress.State.FAILED);
        assertThat(last().error()).contains("window closed");
        assertThat(filler.pinned).isEmpty();
        int count = told.size();
        time.advanceTimeBy(Duration.ofHours(1));
        assertThat(filler.pinned).isEmpty();
        assertThat(told).hasSize(count);
    }

    @Test
    void aWindowThatIsOverFails() {
        time.advanceTimeBy(Duration.ofSeconds(100));
        receiver.fill("f1", plan(null, Instant.ofEpochSecond(60), 1, "/a"), told::add);
        settle();
        assertThat(last().state()).isEqualTo(FillProgress.State.FAILED);
        assertThat(filler.pinned).isEmpty();
    }

    @Test
    void keepsToItsRate() {
        filler.pieces = 20;
        receiver.fill("f1", plan(null, null, 1000, "/a"), told::add);
        time.advanceTimeBy(Duration.ofSeconds(10));
        assertThat(last().state()).isEqualTo(FillProgress.State.RUNNING);
        assertThat(last().bytes()).isBetween(9_000L, 13_000L);
        time.advanceTimeBy(Duration.ofSeconds(12));
        assertThat(last().state()).isEqualTo(FillProgress.State.DONE);
        assertThat(last().bytes()).isEqualTo(20_000);
    }

    @Test
    void fetchesFewPathsAtATime() {
        filler.hold = true;
        String[] paths = IntStream.range(0, 9).mapToObj(i -> "/" + i).toArray(String[]::new);
        for (String fill : List.of("f1", "f2", "f3")) {
            receiver.fill(fill, plan(null, null, 0, paths), told::add);
        }
        settle();
        assertThat(filler.fetched).hasSize(PushReceiver.MAX_FILLS * FillRun.MAX_PATHS);
    }

    @Test
    void triesAgainLaterAndLater() {
        filler.failures.put("/a", 3);
        receiver.fill("f1", plan(null, null, 0, "/a"), told::add);
        time.advanceTimeBy(Duration.ofMinutes(1));
        assertThat(filler.fetched).hasSize(4);
        assertThat(last().state()).isEqualTo(FillProgress.State.DONE);
    }

    @Test
    void onePathsFailureIsNotTheOthers() {
        filler.failures.put("/a", 100);
        receiver.fill("f1", plan(null, null, 0, "/a", "/b"), told::add);
        time.advanceTimeBy(Duration.ofMinutes(1));
        assertThat(filler.pinned).containsExactly("/b");
        assertThat(last())
                .isEqualTo(new FillProgress(
                        "f1", FillProgress.State.FAILED, 2, 1, 2, 1000, "/a: answered with status 503"));
    }

    @Test
    void whatMayNotBeStoredFailsAtOnce() {
        filler.storable = false;
        receiver.fill("f1", plan(null, null, 0, "/a"), told::add);
        settle();
        assertThat(filler.fetched).hasSize(1);
        assertThat(last().state()).isEqualTo(FillProgress.State.FAILED);
        assertThat(last().error()).contains("may not be stored");
    }

    @Test
    void anUnknownDistributionMayStillCome() {
        distributions.replace(new ConfigSnapshot(2, "kingcdn.example", List.of(), List.of()));
        receiver.fill("f1", plan(null, null, 0, "/a"), told::add);
        settle();
        configure(HostHeader.ORIGIN);
        time.advanceTimeBy(Duration.ofMinutes(1));
        assertThat(last().state()).isEqualTo(FillProgress.State.DONE);
    }

    @Test
    void cancellingStopsAndUnpins() {
        receiver.fill("f1", plan(null, null, 10, "/a"), told::add);
        receiver.fill("f2", plan(null, null, 0, "/b"), told::add);
        settle();
        receiver.cancel("f1", null);
        receiver.cancel("f2", plan(null, null, 0, "/b"));
        time.advanceTimeBy(Duration.ofHours(1));
        assertThat(filler.pinned).isEmpty();
        assertThat(last().state()).isEqualTo(FillProgress.State.CANCELLED);
        assertThat(last().id()).isEqualTo("f1");
    }

    @Test
    void aFillThatComesTwiceRunsOnce() {
        FillPlan plan = plan(Instant.ofEpochSecond(10), null, 0, "/a");
        receiver.fill("f1", plan, told::add);
        receiver.fill("f1", plan, told::add);
        time.advanceTimeBy(Duration.ofSeconds(11));
        assertThat(filler.fetched).containsExactly("/a");
    }

    @Test
    void eachHostIsFilledWhenTheOriginSeesIt() {
        configure(HostHeader.CLIENT);
        receiver.fill("f1", plan(null, null, 0, "/a"), told::add);
        settle();
        assertThat(filler.hosts).containsExactly("video.netcinema.example", "www.netcinema.example");
        assertThat(last().state()).isEqualTo(FillProgress.State.DONE);
    }

    private static FillPlan plan(
            @Nullable Instant notBefore, @Nullable Instant notAfter, long bytesPerSecond, String... paths) {
        return new FillPlan("a1105", List.of(paths), List.of(), notBefore, notAfter, bytesPerSecond);
    }

    private void settle() {
        time.advanceTimeBy(Duration.ofMillis(1));
    }

    private FillProgress last() {
        return told.get(told.size() - 1);
    }

    /** A cache without content. */
    private static final class FakeFiller implements Filler {

        private final List<String> fetched = new ArrayList<>();
        private final List<String> hosts = new ArrayList<>();
        private final Set<String> pinned = new HashSet<>();
        private final Map<String, Integer> failures = new HashMap<>();
        private int pieces = 1;
        private boolean hold;
        private boolean storable = true;
        private CompletableFuture<Void> ready = CompletableFuture.completedFuture(null);

        @Override
        public CompletionStage<?> ready() {
            return ready;
        }

        @Override
        public Flux<Integer> fetch(Distribution distribution, CacheRequest request) {
            return Flux.defer(() -> {
                fetched.add(request.target());
                hosts.add(request.host());
                if (failures.merge(request.target(), -1, Integer::sum) >= 0) {
                    return Flux.error(new FillFailure("answered with status 503", true));
                }
                return hold ? Flux.never() : Flux.just(1000).repeat(pieces - 1);
            });
        }

        @Override
        public void pin(Distribution distribution, CacheRequest request) {
            if (!storable) {
                throw new FillFailure("it may not be stored", false);
            }
            pinned.add(request.target());
        }

        @Override
        public void unpin(Distribution distribution, CacheRequest request) {
            pinned.remove(request.target());
        }

        @Override
        public CompletionStage<?> sync() {
            return CompletableFuture.completedFuture(null);
        }
    }
}
