package com.kingcdn.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What signals mean to an edge that may take its time. */
@Timeout(60)
class LeaveTest {

    private static final Duration LONG = Duration.ofHours(1);
    private static final int BY_SIGINT = 128 + 2;
    private static final int BY_SIGTERM = 128 + 15;

    private final List<Integer> exits = new ArrayList<>();

    @Test
    void sigtermEndsTheProcess_andGivesItTheTime() {
        Leave leave = new Leave(LONG, exits::add);
        assertThat(leave.isGranted()).isFalse();
        leave.terminate();
        assertThat(leave.isGranted()).isTrue();
        assertThat(exits).containsExactly(BY_SIGTERM);
        assertThat(leave.await(Duration.ofMillis(1))).isTrue();
    }

    @Test
    void sigintGivesNone() {
        Leave leave = new Leave(LONG, exits::add);
        leave.interrupt();
        assertThat(leave.isGranted()).isFalse();
        assertThat(exits).containsExactly(BY_SIGINT);
    }

    @Test
    void aSecondSignalOfEitherKindTakesTheRestAway() {
        List<Consumer<Leave>> seconds = List.of(Leave::terminate, Leave::interrupt);
        for (Consumer<Leave> second : seconds) {
            Leave leave = new Leave(LONG, exits::add);
            leave.terminate();
            second.accept(leave);
            assertThat(leave.await(LONG)).isFalse();
        }
        assertThat(exits).containsExactly(BY_SIGTERM, BY_SIGTERM);
    }

    @Test
    void noTimeIsNone() {
        Leave leave = new Leave(Duration.ZERO, exits::add);
        leave.terminate();
        assertThat(leave.isGranted()).isFalse();
        assertThat(exits).containsExactly(BY_SIGTERM);
    }

    /** As who interrupts a thread wants it to come to its end. */
    @Test
    void anInterruptTakesTheRestAway() {
        Leave leave = new Leave(LONG, exits::add);
        leave.terminate();
        Thread.currentThread().interrupt();
        assertThat(leave.await(LONG)).isFalse();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(leave.await(LONG)).isFalse();
    }
}
