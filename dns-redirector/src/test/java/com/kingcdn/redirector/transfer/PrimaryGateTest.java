package com.kingcdn.redirector.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class PrimaryGateTest {

    private final PrimaryGate gate = new PrimaryGate();

    private static InetSocketAddress primary(int number) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), number);
    }

    private long entered(int primary, int tries) {
        return IntStream.range(0, tries)
                .filter(i -> gate.enter(primary(primary)))
                .count();
    }

    @Test
    void oneThatHasNotAnsweredYetGetsOneThreadAndOneThatHasMore() {
        assertThat(entered(1, 10)).isEqualTo(1);
        gate.leave(primary(1), true);
        assertThat(entered(1, 10)).isEqualTo(PrimaryGate.MOST_OF_ONE);
        gate.leave(primary(1), false);
        assertThat(entered(1, 10)).as("while others still try").isZero();
        for (int i = 1; i < PrimaryGate.MOST_OF_ONE; i++) {
            gate.leave(primary(1), false);
        }
        assertThat(entered(1, 10)).isEqualTo(1);
    }

    @Test
    void howeverManyHangThoseThatAnswerFindAThread() {
        for (int good = 1; good <= 4; good++) {
            assertThat(gate.enter(primary(good))).isTrue();
            gate.leave(primary(good), true);
        }
        assertThat(IntStream.range(100, 1_000)
                        .filter(i -> gate.enter(primary(i)))
                        .count())
                .isEqualTo(PrimaryGate.MOST_UNPROVEN);
        for (int good = 1; good <= 4; good++) {
            assertThat(entered(good, 10)).isEqualTo(PrimaryGate.MOST_OF_ONE);
        }
    }

    @Test
    void neverHasMoreThreadsThanAreThereAndForgetsPrimariesThatAreGone() {
        for (int i = 1; i <= 30; i++) {
            gate.enter(primary(i));
            gate.leave(primary(i), true);
        }
        long all = IntStream.rangeClosed(1, 30).mapToLong(i -> entered(i, 10)).sum();
        assertThat(all).isEqualTo(PrimaryGate.MOST);
        gate.leave(primary(1), true);
        gate.keepOnly(Set.of());
        assertThat(entered(1, 10)).as("still busy, so still known").isEqualTo(1);
    }
}
