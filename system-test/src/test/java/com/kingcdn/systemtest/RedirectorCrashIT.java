package com.kingcdn.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the control API has acknowledged survives a kill -9 at any moment; the edges go on meanwhile. */
@ExtendWith(LocalCdnExtension.class)
class RedirectorCrashIT {

    private static final int ACKNOWLEDGED_BEFORE_THE_KILL = 20;

    private final LocalCdn cdn;

    RedirectorCrashIT(LocalCdn cdn) {
        this.cdn = cdn;
    }

    @Test
    void nothingAcknowledgedIsMissingAfterARestart() throws Exception {
        List<String> purges = new CopyOnWriteArrayList<>();
        List<String> distributions = new CopyOnWriteArrayList<>();
        cdn.store("/served-meanwhile", new byte[] {'x'});
        assertThat(Curl.get(cdn.content("fra", "/served-meanwhile")).status()).isEqualTo(200);

        ExecutorService callers = Executors.newFixedThreadPool(2);
        try {
            callers.submit(() -> purgeUntilItFails(purges));
            callers.submit(() -> putUntilItFails(distributions));
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> purges.size() >= ACKNOWLEDGED_BEFORE_THE_KILL
                            && distributions.size() >= ACKNOWLEDGED_BEFORE_THE_KILL);
            cdn.kill9("redirector");
        } finally {
            callers.shutdown();
            assertThat(callers.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(Curl.get(cdn.content("fra", "/served-meanwhile")).field("cache-status"))
                .as("the edge serves without its control plane")
                .contains("hit");

        cdn.restart("redirector");
        cdn.awaitReady();
        ControlApi api = cdn.controlApi();
        for (String purge : purges) {
            assertThat(api.get("/purges/" + purge).status()).as(purge).isEqualTo(200);
        }
        for (String distribution : distributions) {
            assertThat(api.get("/distributions/" + distribution).status())
                    .as(distribution)
                    .isEqualTo(200);
        }
        String last = purges.get(purges.size() - 1);
        await("every edge has caught up").atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(
                        api.get("/purges/" + last).body().get("complete").asBoolean())
                .isTrue());
        for (String distribution : distributions) {
            assertThat(api.delete("/distributions/" + distribution).status()).isBetween(200, 204);
        }
    }

    private Void purgeUntilItFails(List<String> acknowledged) throws InterruptedException, IOException {
        ControlApi api = cdn.controlApi();
        for (int i = 0; ; i++) {
            try {
                ControlApi.Reply reply =
                        api.post("/purges", "{\"urls\":[\"http://" + LocalCdn.HOST + "/crash/" + i + "\"]}");
                assertThat(reply.status()).isEqualTo(202);
                acknowledged.add(reply.body().get("id").asString());
            } catch (IOException e) {
                return null;
            }
        }
    }

    private Void putUntilItFails(List<String> acknowledged) throws InterruptedException, IOException {
        ControlApi api = cdn.controlApi();
        for (int i = 0; ; i++) {
            try {
                ControlApi.Reply reply = api.put(
                        "/distributions/crash" + i,
                        "{\"id\":\"crash" + i + "\",\"hosts\":[\"crash" + i
                                + ".netcinema.example\"],\"origins\":[{\"url\":\"" + cdn.origin() + "\"}]}");
                assertThat(reply.status()).isIn(200, 201);
                acknowledged.add("crash" + i);
            } catch (IOException e) {
                return null;
            }
        }
    }
}
