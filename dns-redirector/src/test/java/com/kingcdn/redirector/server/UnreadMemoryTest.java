package com.kingcdn.redirector.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class UnreadMemoryTest {

    private final UnreadMemory memory = new UnreadMemory(100);
    private final List<Holder> closed = new ArrayList<>();

    private final class Holder implements UnreadMemory.Holder {
        @Override
        public void giveUp() {
            closed.add(this);
            memory.set(this, 0);
        }
    }

    @Test
    void theOldestUnfinishedMessageGoesFirst() {
        Holder first = new Holder();
        Holder second = new Holder();
        Holder third = new Holder();
        memory.set(first, 30);
        memory.set(second, 40);
        memory.set(first, 50);
        assertThat(closed).isEmpty();
        memory.set(third, 40);
        assertThat(closed).as("however lately a part of it came").containsExactly(first);
        assertThat(memory.held()).isEqualTo(80);
    }

    @Test
    void whoHasFinishedAMessageBeginsAnew() {
        Holder first = new Holder();
        Holder second = new Holder();
        memory.set(first, 50);
        memory.set(second, 40);
        memory.set(first, 0);
        memory.set(first, 60);
        assertThat(closed).isEmpty();
        memory.set(new Holder(), 1);
        assertThat(closed).containsExactly(second);
        assertThat(memory.held()).isEqualTo(61);
    }

    @Test
    void neverMoreThanTheLimitIsHeld() {
        Random random = new Random(3);
        List<Holder> holders = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            holders.add(new Holder());
        }
        for (int i = 0; i < 10_000; i++) {
            memory.set(holders.get(random.nextInt(20)), random.nextInt(40));
            assertThat(memory.held()).isBetween(0L, 100L);
        }
        holders.forEach(holder -> memory.set(holder, 0));
        assertThat(memory.held()).isZero();
    }
}
