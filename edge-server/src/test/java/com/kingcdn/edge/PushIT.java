package com.kingcdn.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.kingcdn.control.ConfigSnapshot;
import com.kingcdn.control.FillPlan;
import com.kingcdn.control.FillProgress;
import com.kingcdn.edge.cache.EdgeResponse;
import com.kingcdn.edge.cache.HttpCache;
import com.kingcdn.edge.distribution.DistributionTable;
import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.edge.push.PushReceiver;
import com.kingcdn.edge.store.CacheStore;
import com.kingcdn.edge.store.DiskTierSettings;
import com.kingcdn.edge.transport.Transport;
import com.kingcdn.edge.upstream.Downstream;
import com.kingcdn.edge.upstream.ForwardedFields;
import com.kingcdn.edge.upstream.ForwardedStyle;
import com.kingcdn.edge.upstream.UpstreamClient;
import com.kingcdn.edge.upstream.UpstreamProperties;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.OriginEndpoint;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** Fills through the real cache, from a real origin, onto a real disk, and over restarts. */
@Timeout(60)
class PushIT {

    private static final Duration DEADLINE = Duration.ofSeconds(20);
    private static final FillPlan PLAN = new FillPlan("a1105", List.of("/6Y7B23V"), List.of(), null, null, 0);

    @TempDir
    Path disk;

    private final TestOrigin origin = new TestOrigin();
    private final Scheduler scheduler = Schedulers.newSingle("push-test", true);
    private final Transport transport = Transport.open("push-test-loop", 1);
    private final DistributionTable distributions = DistributionTable.empty();
    private final Distribution distribution = new Distribution(
            "a1105", List.of("video.netcinema.example"), List.of(new OriginEndpoint(origin.url())), null);
    private final UpstreamClient upstream = new UpstreamClient(
            new UpstreamProperties(DEADLINE, DEADLINE, DEADLINE, Duration.ofSeconds(4), 16, 16, ForwardedStyle.NONE),
            new ForwardedFields("nyc-1", ForwardedStyle.NONE),
            transport,
            Clock.systemUTC());

    private CacheStore store;
    private HttpCache cache;

    @BeforeEach
    void start() {
        distributions.replace(new ConfigSnapshot(1, "kingcdn.example", List.of(distribution), List.of()));
        open();
    }

    private void open() {
        // memory for a part of the title only
        store = CacheStore.open(DataSize.ofMegabytes(16), DiskTierSettings.of(disk, DataSize.ofMegabytes(128)));
        store.loaded().toCompletableFuture().join();
        cache = new HttpCache(store, upstream, (validated, now) -> true, Clock.systemUTC());
    }

    private void restart() {
        store.close();
        open();
    }

    @AfterEach
    void close() {
        store.close();
        upstream.close();
        origin.close();
        transport.close();
        scheduler.dispose();
    }

    @Test
    void whatIsFilledIsAHitAlsoAfterARestartAndIsNotFetchedAgain() {
        FillProgress first = fill("f1", PLAN);
        assertThat(first)
                .isEqualTo(new FillProgress("f1", FillProgress.State.DONE, 1, 0, 1, TestOrigin.TITLE_SIZE, null));
        assertHit();

        restart();
        assertHit();
        assertThat(fill("f1", PLAN)).isEqualTo(new FillProgress("f1", FillProgress.State.DONE, 1, 0, 1, 0, null));
        assertThat(origin.requests()).as("the origin saw one fetch").hasSize(1);
    }

    @Test
    void pinnedContentSurvivesWhatFillsTheDisk() {
        assertThat(fill("f1", PLAN).state()).isEqualTo(FillProgress.State.DONE);
        restart();
        for (int i = 0; i < 8; i++) {
            assertThat(get("/6Y7B23V?other=" + i)).isEqualTo("miss");
            store.sync().toCompletableFuture().join();
        }
        int requests = origin.requests().size();
        assertHit();
        assertThat(origin.requests()).hasSize(requests);
    }

    @Test
    void whatTheOriginDoesNotHaveFails() {
        FillProgress end = fill("f1", new FillPlan("a1105", List.of("/missing"), List.of(), null, null, 0));
        assertThat(end.state()).isEqualTo(FillProgress.State.FAILED);
        assertThat(end.error()).isEqualTo("/missing: answered with status 404");
    }

    private FillProgress fill(String id, FillPlan plan) {
        List<FillProgress> told = new CopyOnWriteArrayList<>();
        try (PushReceiver receiver = new PushReceiver(distributions, new CacheFiller(cache, store), scheduler)) {
            receiver.fill(id, plan, told::add);
            await().atMost(DEADLINE).until(() -> ended(told.get(told.size() - 1)));
        }
        return told.get(told.size() - 1);
    }

    private static boolean ended(FillProgress progress) {
        return progress.state() == FillProgress.State.DONE || progress.state() == FillProgress.State.FAILED;
    }

    private void assertHit() {
        assertThat(get("/6Y7B23V")).isEqualTo("hit");
    }

    /** Asks as a client does, checks every octet, and says where they came from. */
    private String get(String target) {
        CacheRequest request = new CacheRequest(
                "GET",
                "http",
                "video.netcinema.example:8080",
                target,
                HeaderFields.of("host", "video.netcinema.example:8080", "accept", "*/*"));
        EdgeResponse response = Objects.requireNonNull(
                cache.handle(request, distribution, Downstream.NONE).block(DEADLINE));
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        if (response.body() instanceof EdgeResponse.Streamed streamed) {
            streamed.content().doOnNext(buffer -> take(buffer, octets)).blockLast(DEADLINE);
        } else if (response.body() instanceof EdgeResponse.Whole whole) {
            take(whole.content(), octets);
        }
        assertThat(Arrays.equals(octets.toByteArray(), TestOrigin.TITLE)).isTrue();
        return response.cacheStatus().isHit() ? "hit" : "miss";
    }

    private static void take(ByteBuf buffer, ByteArrayOutputStream octets) {
        octets.writeBytes(ByteBufUtil.getBytes(buffer));
        buffer.release();
    }
}
