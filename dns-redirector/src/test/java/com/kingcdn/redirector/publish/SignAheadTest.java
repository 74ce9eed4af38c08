package com.kingcdn.redirector.publish;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.redirector.dnssec.KeyScheme;
import com.kingcdn.redirector.dnssec.OpenedKeys;
import com.kingcdn.redirector.dnssec.ZoneKeys;
import com.kingcdn.redirector.zone.ServingSnapshot;
import com.kingcdn.redirector.zone.SnapshotFixture;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SignAheadTest {

    @TempDir
    Path state;

    /** As when the process may have no more threads for a while. */
    @Test
    void withoutAThreadForOneSnapshotTheNextOneIsSignedAhead() throws Exception {
        ZoneKeys keys = OpenedKeys.of(KeyScheme.CSK, 100_000, 1_000_000, state, Clock.systemUTC());
        ServingSnapshot snapshot =
                SnapshotFixture.snapshot().signedBy(Map.of("kingcdn.example", keys.signer("kingcdn.example")));
        AtomicBoolean exhausted = new AtomicBoolean(true);
        CountDownLatch begun = new CountDownLatch(1);
        try (SignAhead signing = new SignAhead(1, task -> {
            if (exhausted.getAndSet(false)) {
                throw new OutOfMemoryError("unable to create native thread");
            }
            begun.countDown();
            return new Thread(task, "sign-ahead-test");
        })) {
            signing.sign(snapshot);
            signing.sign(snapshot);
            assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }
}
