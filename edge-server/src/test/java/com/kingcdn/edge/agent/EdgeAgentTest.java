package com.kingcdn.edge.agent;

import static com.kingcdn.edge.agent.FakeEdge.config;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.kingcdn.control.BearerToken;
import com.kingcdn.control.FillPlan;
import com.kingcdn.control.FillProgress;
import com.kingcdn.control.HealthReport;
import com.kingcdn.control.PurgeReceipt;
import com.kingcdn.control.client.ControlPlaneClient;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

@NullMarked
class EdgeAgentTest {

    private static final EdgeIdentity NYC_1 = new EdgeIdentity("nyc-1", "nyc");
    private static final String VIDEO = "video.netcinema.example";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    private final FakeRedirector redirector = new FakeRedirector(0);
    private final FakeEdge edge = new FakeEdge();
    private final List<Runnable> closing = new ArrayList<>();

    @AfterEach
    void close() {
        closing.forEach(Runnable::run);
        redirector.close();
    }

    @Test
    void servesByTheConfigurationItIsSent_andByTheNext() {
        redirector.configure(config(4, VIDEO));
        EdgeAgent agent = start(edge, redirector.url());
        await().until(agent::isConfigured);
        assertThat(edge.distributions.find(VIDEO)).isNotNull();
        redirector.configure(config(5, "new.netcinema.example"));
        await().until(() -> edge.distributions.find("new.netcinema.example") != null);
        assertThat(edge.distributions.find(VIDEO)).isNull();
        await().until(() -> lastHealth().configVersion() == 5);
        assertThat(lastHealth().node()).isEqualTo("nyc-1");
        assertThat(lastHealth().cluster()).isEqualTo("nyc");
        assertThat(lastHealth().ready()).isTrue();
    }

    @Test
    void appliesAPurge_andSendsTheReceipt() {
        caughtUp();
        long sequence = redirector.purge("http://" + VIDEO + "/6Y7B23V", "http://" + VIDEO + "/x");
        await().until(() -> !receipts().isEmpty());
        assertThat(edge.purged).containsExactly("/6Y7B23V", "/x");
        PurgeReceipt receipt = receipts().get(0);
        assertThat(receipt.id()).isEqualTo("p" + sequence);
        assertThat(receipt.sequence()).isEqualTo(sequence);
        assertThat(receipt.entries()).isEqualTo(2);
        assertThat(Duration.ofMillis(System.currentTimeMillis() - receipt.appliedAtMillis()))
                .isLessThan(Duration.ofMinutes(1));
        await().until(() -> lastHealth().appliedSequence() == sequence);
    }

    @Test
    void resumesAfterACut_losingNoPurgeAndApplyingNoneTwice() {
        caughtUp();
        List<String> expected = new ArrayList<>();
        for (int i = 1; i <= 300; i++) {
            redirector.purge("http://" + VIDEO + "/" + i);
            expected.add("/" + i);
            if (i % 60 == 0) {
                redirector.cutConnections();
            }
        }
        await().until(() -> receipts().size() >= 300 && lastHealth().appliedSequence() == 300);
        assertThat(edge.purged).containsExactlyElementsOf(expected);
        assertThat(receipts().stream().map(PurgeReceipt::sequence))
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, 300).mapToObj(Long::valueOf).toList());
        assertThat(redirector.lastEventIds.get(0)).isEqualTo("null");
        assertThat(redirector.lastEventIds.subList(1, redirector.lastEventIds.size()))
                .doesNotContain("null");
    }

    @Test
    void goesOnFromItsPositionAfterARestart() {
        EdgeAgent first = caughtUp();
        redirector.purge("http://" + VIDEO + "/1");
        await().until(() -> lastHealth().appliedSequence() == 1);
        first.stop();
        redirector.purge("http://" + VIDEO + "/2");

        FakeEdge restarted = new FakeEdge();
        start(restarted, redirector.url());
        await().until(() -> lastHealth().appliedSequence() == 2);
        assertThat(restarted.purged).containsExactly("/2");
        assertThat(redirector.lastEventIds).last().isEqualTo("1");
    }

    @Test
    void aSilentConnectionIsOpenedAgain() {
        caughtUp();
        redirector.silent = true;
        await().until(() -> redirector.lastEventIds.size() >= 2);
        redirector.silent = false;
        assertThat(redirector.lastEventIds.get(1)).isEqualTo("0");
    }

    @Test
    void afterAResetNothingStoredBeforeIsTrusted() {
        caughtUp();
        long stored = System.currentTimeMillis();
        assertThat(edge.caughtUp.covers(stored, stored + 1)).isTrue();
        redirector.purge("http://" + VIDEO + "/1");
        await().until(() -> lastHealth().appliedSequence() == 1);
        // three that this edge never hears of
        redirector.token = BearerToken.of("another-token-0123456789");
        redirector.cutConnections();
        redirector.purge("http://" + VIDEO + "/2");
        redirector.purge("http://" + VIDEO + "/3");
        redirector.forgetLog();
        redirector.token = FakeRedirector.TOKEN;
        await().until(() -> lastHealth().appliedSequence() == 3);
        await().until(() -> edge.caughtUp.isProven(System.currentTimeMillis()));
        assertThat(edge.caughtUp.covers(stored, System.currentTimeMillis())).isFalse();
        long now = System.currentTimeMillis();
        assertThat(edge.caughtUp.covers(now, now)).isTrue();

        FakeEdge restarted = new FakeEdge();
        closing.remove(0).run();
        start(restarted, redirector.url());
        await().until(() -> restarted.caughtUp.isProven(System.currentTimeMillis()));
        assertThat(restarted.caughtUp.covers(stored, System.currentTimeMillis()))
                .isFalse();
    }

    @Test
    void startsFromItsSnapshotWithTheControlPlaneGone() {
        redirector.configure(config(4, VIDEO));
        EdgeAgent first = start(edge, redirector.url());
        await().until(() -> edge.caughtUp.isProven(System.currentTimeMillis()));
        await().until(() -> Files.exists(directory.resolve("position.json")));
        first.stop();
        redirector.close();

        FakeEdge restarted = new FakeEdge();
        EdgeAgent agent = agent(restarted, redirector.url());
        agent.restore();
        assertThat(agent.isConfigured()).isTrue();
        assertThat(restarted.distributions.find(VIDEO)).isNotNull();
        long now = System.currentTimeMillis();
        assertThat(restarted.caughtUp.covers(now - 60_000, now)).isFalse();
        assertThat(restarted.caughtUp.covers(now, now)).isTrue();
    }

    @Test
    void aRefusedTokenIsSaidOnce_andTheEdgeGoesOnTrying() {
        redirector.configure(config(1, VIDEO));
        redirector.token = BearerToken.of("another-token-0123456789");
        ListAppender<ILoggingEvent> logged = new ListAppender<>();
        Logger logger = (Logger) LoggerFactory.getLogger("com.kingcdn.control.client");
        logged.start();
        logger.addAppender(logged);
        closing.add(() -> logger.detachAppender(logged));
        double lost = lostConnections();
        EdgeAgent agent = start(edge, redirector.url());
        await().until(() -> lostConnections() >= lost + 4);
        assertThat(logged.list.stream().filter(line -> line.getLevel().isGreaterOrEqual(Level.WARN)))
                .singleElement()
                .extracting(ILoggingEvent::getFormattedMessage)
                .asString()
                .contains("/v1/events answered 401", "token file")
                .doesNotContain("edge-token-0123456789");
        redirector.token = FakeRedirector.TOKEN;
        await().until(agent::isConfigured);
    }

    @Test
    void receiptsWaitUntilAReportIsAccepted() {
        caughtUp();
        redirector.refusingReports = true;
        redirector.purge("http://" + VIDEO + "/1");
        await().until(() -> edge.purged.size() == 1);
        redirector.purge("http://" + VIDEO + "/2");
        await().until(() -> edge.purged.size() == 2);
        redirector.refusingReports = false;
        await().until(() -> receipts().size() >= 2);
        assertThat(receipts().stream().map(PurgeReceipt::id)).containsExactly("p1", "p2");
    }

    @Test
    void onlyWhatIsDurableIsAcknowledged() throws IOException {
        Path state = directory.resolve("state");
        Files.writeString(state, "a file where a directory must be");
        directory = state;
        redirector.configure(config(1, VIDEO));
        start(edge, redirector.url());
        await().until(() -> edge.caughtUp.isProven(System.currentTimeMillis()));
        redirector.purge("http://" + VIDEO + "/1");
        await().until(() -> edge.purged.size() == 1);
        int reports = redirector.health.size();
        await().until(() -> redirector.health.size() > reports);
        assertThat(receipts()).isEmpty();
        assertThat(lastHealth().appliedSequence()).isZero();
        Files.delete(state);
        await().until(() -> receipts().size() == 1 && lastHealth().appliedSequence() == 1);
    }

    @Test
    void carriesOutFillsForItsCluster_overARestartToo() {
        EdgeAgent first = caughtUp();
        String here = redirector.fill(plan("nyc"));
        redirector.fill(plan("fra"));
        String everywhere = redirector.fill(plan());
        await().until(() -> lastHealth().appliedSequence() == 3);
        assertThat(edge.fills).containsExactly("fill " + here, "fill " + everywhere);
        tell(edge, here, FillProgress.State.DONE);
        await().until(() -> progress(here).contains(FillProgress.State.DONE));
        first.stop();

        FakeEdge restarted = new FakeEdge();
        start(restarted, redirector.url());
        await().until(() -> restarted.fills.contains("fill " + everywhere));
        redirector.cancelFill(here);
        await().until(() -> lastHealth().appliedSequence() == 4);
        assertThat(restarted.fills).containsExactly("fill " + everywhere, "cancel " + here + " of a1105");
    }

    @Test
    void anEdgeThatIsNewGetsTheFillsStillOpen() {
        redirector.configure(config(1, VIDEO));
        String open = redirector.fill(plan());
        redirector.purge("http://" + VIDEO + "/1");
        start(edge, redirector.url());
        await().until(() -> lastHealth() != null && lastHealth().appliedSequence() == 2);
        assertThat(edge.fills).containsExactly("fill " + open);
        assertThat(edge.purged).isEmpty();
    }

    @Test
    void saysGoodbyeBeforeItStops() {
        EdgeAgent agent = caughtUp();
        agent.stop();
        assertThat(lastHealth().ready()).isFalse();
    }

    @Test
    void whoLeavesSaysSoAtOnceAndGoesOnFollowing() {
        redirector.configure(config(1, VIDEO));
        AtomicBoolean wantsClients = new AtomicBoolean(true);
        EdgeAgent agent = agent(edge, redirector.url());
        agent.restore();
        agent.start(wantsClients::get);
        closing.add(0, agent::stop);
        await().until(() -> !redirector.health.isEmpty() && lastHealth().ready());
        wantsClients.set(false);
        agent.reportNow();
        assertThat(lastHealth().ready()).isFalse();
        redirector.purge("http://" + VIDEO + "/1");
        await().until(() -> !receipts().isEmpty());
        assertThat(edge.purged).containsExactly("/1");
        assertThat(lastHealth().ready()).isFalse();
    }

    @Test
    void redirectorsThatHangKeepNobodyFromStopping() throws IOException {
        try (ServerSocket one = new ServerSocket(0);
                ServerSocket another = new ServerSocket(0)) {
            EdgeAgent agent = start(edge, url(one), url(another));
            agent.stop();
        }
    }

    private static URI url(ServerSocket silent) {
        return URI.create("http://127.0.0.1:" + silent.getLocalPort());
    }

    private EdgeAgent caughtUp() {
        redirector.configure(config(1, VIDEO));
        EdgeAgent agent = start(edge, redirector.url());
        await().until(() -> edge.caughtUp.isProven(System.currentTimeMillis()) && !redirector.health.isEmpty());
        return agent;
    }

    private EdgeAgent start(FakeEdge target, URI... controls) {
        EdgeAgent agent = agent(target, controls);
        agent.restore();
        agent.start(() -> true);
        closing.add(0, agent::stop);
        return agent;
    }

    private EdgeAgent agent(FakeEdge target, URI... controls) {
        ControlPlaneClient client = new ControlPlaneClient(List.of(controls), FakeRedirector.TOKEN);
        closing.add(client::close);
        LoadCounters counters = new LoadCounters(() -> 100, () -> 1_000, () -> 3, null);
        return new EdgeAgent(NYC_1, client, directory, target.targets(), counters, Clock.systemUTC());
    }

    private HealthReport lastHealth() {
        List<HealthReport> reports = redirector.health;
        return reports.isEmpty()
                ? new HealthReport("none", "none", false, -1, 0, null, null)
                : reports.get(reports.size() - 1);
    }

    /** By purge, as a redirector takes them. */
    private List<PurgeReceipt> receipts() {
        return redirector.health.stream()
                .flatMap(report -> report.receipts().stream())
                .flatMap(receipt -> LongStream.rangeClosed(receipt.first(), receipt.sequence())
                        .mapToObj(sequence -> new PurgeReceipt(
                                "p" + sequence, sequence, receipt.appliedAtMillis(), receipt.entries())))
                .toList();
    }

    private List<FillProgress.State> progress(String id) {
        return redirector.health.stream()
                .flatMap(report -> report.fills().stream())
                .filter(fill -> fill.id().equals(id))
                .map(FillProgress::state)
                .toList();
    }

    private static void tell(FakeEdge edge, String id, FillProgress.State state) {
        Objects.requireNonNull(edge.progress.get(id)).accept(new FillProgress(id, state, 1, 0, 1, 9, null));
    }

    private static FillPlan plan(String... clusters) {
        return new FillPlan("a1105", List.of("/6Y7B23V"), List.of(clusters), null, null, 0);
    }

    private static double lostConnections() {
        return Objects.requireNonNullElse(
                io.prometheus.client.CollectorRegistry.defaultRegistry.getSampleValue(
                        "kingcdn_edge_control_connections_lost_total"),
                0.0);
    }
}
