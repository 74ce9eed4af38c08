package com.kingcdn.redirector.zone;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AnswerCacheTest {

    /** So many that in no run four of the useful names, which is one more than a set keeps, are in the same set. */
    private static final int SIZE = 1 << 14;

    private static final int USEFUL = 100;
    private static final int FLOOD = 20 * SIZE;
    private static final int ROUNDS = 2_000;
    /** More than have room in a set. */
    private static final int NAMES = 5;

    private final AnswerCache cache = new AnswerCache(SIZE);

    @Test
    void keepsOneAnswerForEachQuestionOfAName() {
        byte[] name = name(1);
        cache.keep(name, 1, answer());
        ReadyAnswer other = answer();
        cache.keep(name, 28, other);
        ReadyAnswer again = answer();
        cache.keep(name, 1, again);
        assertThat(find(name, 1)).isSameAs(again);
        assertThat(find(name, 28)).isSameAs(other);
        assertThat(find(name, 16)).isNull();
        assertThat(find(name(2), 1)).isNull();
    }

    @Test
    void whatWasAskedForAgainOutlastsAnyFloodOfNamesThatAreAskedForOnce() {
        askTwice();
        flood();
        assertThat(found()).isEqualTo(USEFUL);
    }

    @Test
    void whatIsAskedForWhileAFloodLastsFindsAPlaceToo() {
        flood();
        assertThat(found()).isZero();
        askTwice();
        assertThat(found()).isGreaterThan(USEFUL * 9 / 10);
        flood();
        assertThat(found()).isGreaterThan(USEFUL * 9 / 10);
    }

    @Test
    void answersThatNobodyWantsAnyMoreMakeRoom() {
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 4 * SIZE; i++) {
                askOnce(name(1_000_000 + i));
                askOnce(name(1_000_000 + i));
            }
        }
        for (int round = 0; round < 4; round++) {
            askTwice();
        }
        assertThat(found()).isGreaterThan(USEFUL * 9 / 10);
    }

    /** Threads that meet in a set may leave an answer in two of its places, of which one must not outlast the other. */
    @Test
    void whatIsKeptLastIsFoundWhateverThreadsDidBefore() throws Exception {
        AnswerCache oneSet = new AnswerCache(4);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            Callable<Integer> asking = () -> askAll(oneSet);
            for (int round = 0; round < ROUNDS; round++) {
                for (Future<Integer> each : threads.invokeAll(List.of(asking, asking))) {
                    assertThat(each.get()).isPositive();
                }
                for (int i = 0; i < NAMES; i++) {
                    byte[] name = name(i);
                    ReadyAnswer last = answer();
                    oneSet.keep(name, 1, last);
                    assertThat(find(oneSet, name, 1)).isSameAs(last);
                }
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static int askAll(AnswerCache cache) {
        int asked = 0;
        for (int i = 0; i < 20 * NAMES; i++) {
            byte[] name = name(i % NAMES);
            if (find(cache, name, 1) == null) {
                cache.keep(name, 1, answer());
            }
            asked++;
        }
        return asked;
    }

    private void askTwice() {
        for (int i = 0; i < USEFUL; i++) {
            askOnce(name(i));
            askOnce(name(i));
        }
    }

    private void askOnce(byte[] name) {
        if (find(name, 1) == null) {
            cache.keep(name, 1, answer());
        }
    }

    private void flood() {
        for (int i = 0; i < FLOOD; i++) {
            askOnce(name(USEFUL + i));
        }
    }

    private int found() {
        int found = 0;
        for (int i = 0; i < USEFUL; i++) {
            found += find(name(i), 1) == null ? 0 : 1;
        }
        return found;
    }

    private @Nullable ReadyAnswer find(byte[] name, int question) {
        return find(cache, name, question);
    }

    private static @Nullable ReadyAnswer find(AnswerCache cache, byte[] name, int question) {
        return cache.find(name, 0, name.length, SuffixHash.of(name, 0, name.length), question);
    }

    private static byte[] name(int number) {
        String label = "n" + number;
        byte[] name = new byte[label.length() + 2];
        name[0] = (byte) label.length();
        System.arraycopy(label.getBytes(StandardCharsets.US_ASCII), 0, name, 1, label.length());
        return name;
    }

    private static ReadyAnswer answer() {
        return ReadyAnswer.lasting(new byte[12]);
    }
}
