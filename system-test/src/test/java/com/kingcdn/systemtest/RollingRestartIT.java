package com.kingcdn.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two redirectors under load, of which one or the other is gone at times: whoever asks both has an answer. The rate is that of the
 * system property {@code kingcdn.test.dns-rate}, 5,000 queries a second where nothing is said.
 */
class RollingRestartIT {

    private static final int PER_SECOND = Integer.getInteger("kingcdn.test.dns-rate", 5_000);
    private static final int MOST_SECONDS = 120;
    private static final Duration PATIENCE = Duration.ofMillis(400);

    @TempDir
    Path directory;

    private final List<LoneRedirector> redirectors = new ArrayList<>();
    private DnsLoad load;
    private CompletableFuture<DnsLoad.Result> running;

    @BeforeEach
    void start() throws Exception {
        for (int i = 0; i < 2; i++) {
            LoneRedirector redirector = new LoneRedirector(
                    directory.resolve("r" + i),
                    20,
                    "assumed",
                    ServiceJar.java(ServiceJar.unpacked("dns-redirector"), "192m"));
            redirectors.add(redirector);
            redirector.start();
        }
        for (LoneRedirector redirector : redirectors) {
            redirector.awaitReady();
        }
        load = new DnsLoad(new DnsLoad.Plan(
                redirectors.stream().map(LoneRedirector::dns).toList(),
                PER_SECOND,
                PER_SECOND * MOST_SECONDS,
                LoneRedirector.question(),
                PATIENCE,
                false));
        running = CompletableFuture.supplyAsync(this::run);
    }

    private DnsLoad.Result run() {
        try {
            return load.run();
        } catch (Exception e) {
            throw new CompletionException(e);
        }
    }

    @AfterEach
    void stop() throws Exception {
        if (load != null) {
            load.stop();
        }
        for (LoneRedirector redirector : redirectors) {
            redirector.close();
        }
    }

    private DnsLoad.Result result(String what) {
        load.stop();
        DnsLoad.Result result = running.join();
        System.out.printf("%s, %d queries a second to two redirectors: %s%n", what, PER_SECOND, result);
        return result;
    }

    @Test
    void aRollingRestartLeavesNoQueryUnansweredByBoth() throws Exception {
        for (LoneRedirector redirector : redirectors) {
            redirector.process().stop();
            redirector.start();
            redirector.awaitReady();
        }
        DnsLoad.Result result = result("rolling restart");
        assertThat(result.unanswered()).isZero();
        assertThat(result.wrong()).isZero();
        assertThat(result.retried())
                .as("one of them was gone at times")
                .isPositive()
                .isLessThan(result.sent());
    }

    @Test
    void aRedirectorThatIsKilledTakesNoAnswerWithItThatTheOtherCannotGive() throws Exception {
        redirectors.get(0).process().kill9();
        // as long as a restart takes, the other answers alone
        redirectors.get(0).start();
        redirectors.get(0).awaitReady();
        DnsLoad.Result result = result("kill -9");
        assertThat(result.unanswered()).isZero();
        assertThat(result.wrong()).isZero();
        assertThat(result.retried()).isPositive();
    }
}
