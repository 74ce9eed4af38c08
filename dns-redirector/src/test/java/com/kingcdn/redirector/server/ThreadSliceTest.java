package com.kingcdn.redirector.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ThreadSliceTest {

    /** Whether this kernel takes notice: Linux from 6.12 on. */
    private static boolean isHeard() {
        int[] version = Arrays.stream(System.getProperty("os.version").split("[.-]"))
                .limit(2)
                .mapToInt(Integer::parseInt)
                .toArray();
        return MessageCalls.isAvailable() && (version[0] > 6 || (version[0] == 6 && version[1] >= 12));
    }

    private static Duration onAThreadOfItsOwn(Duration... asked) throws Exception {
        CompletableFuture<Duration> last = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            Duration given = Duration.ZERO;
            for (Duration each : asked) {
                given = ThreadSlice.request(each);
            }
            last.complete(given);
        });
        thread.start();
        thread.join();
        return last.get();
    }

    @Test
    void theKernelGivesAThreadTheShortestSliceThatThereIs() throws Exception {
        Duration given = onAThreadOfItsOwn(ThreadSlice.SHORTEST);
        if (isHeard()) {
            assertThat(given).isEqualTo(ThreadSlice.SHORTEST);
            assertThat(onAThreadOfItsOwn(ThreadSlice.SHORTEST, Duration.ofMillis(5)))
                    .isEqualTo(Duration.ofMillis(5));
        } else {
            assertThat(given).isGreaterThanOrEqualTo(Duration.ZERO);
        }
    }
}
