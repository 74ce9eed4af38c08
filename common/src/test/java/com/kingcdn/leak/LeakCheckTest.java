package com.kingcdn.leak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.PooledByteBufAllocator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** Without this, a change of Netty or of the build could switch the check off unnoticed. */
@NullMarked
class LeakCheckTest {

    @Test
    void aBufferThatIsDroppedIsFound() {
        List<String> found = new ArrayList<>();
        await().atMost(Duration.ofSeconds(10)).until(() -> {
            drop();
            found.addAll(LeakCheck.find());
            return !found.isEmpty();
        });
        assertThat(found.get(0)).contains("was not released");
        // what this test has dropped on purpose is nobody's failure
        await().atMost(Duration.ofSeconds(10)).until(() -> LeakCheck.find().isEmpty());
    }

    @SuppressWarnings("CheckReturnValue")
    private static void drop() {
        PooledByteBufAllocator.DEFAULT.directBuffer(64);
    }
}
