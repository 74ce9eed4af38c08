package com.kingcdn.redirector.rtt;

import com.kingcdn.control.RttMethod;
import java.util.Arrays;
import java.util.List;

/**
 * Paths from clusters to one prefix in 16 bytes each, a growing list. Delays are kept to a sixteenth of a millisecond and up to four
 * seconds, since more is as bad as any; evidence to a quarter of a probe. Not thread-safe.
 *
 * <p>The first of a path's two words has, from its low end, 16 bits each of the cluster's number, delay, jitter and loss; the second the
 * second of the newest answer in 32, how long after it silence began in 16, evidence and method in 8 each.
 */
final class PackedPaths {

    /** The most seconds that silence can begin after the newest answer. */
    static final int MOST_SILENCE = 0xffff;

    /** The most evidence that can be kept. */
    static final float MOST_EVIDENCE = 60;

    private static final int WORDS = 2;
    private static final int MOST = 0xffff;
    private static final float STEPS_IN_A_MILLI = 16;
    private static final float STEPS_OF_LOSS = 60_000;
    private static final float STEPS_OF_EVIDENCE = 4;
    private static final List<RttMethod> METHODS = List.of(RttMethod.values());

    private static final int CLUSTER = 0;
    private static final int RTT = 16;
    private static final int JITTER = 32;
    private static final int LOSS = 48;
    private static final int SECOND = 0;
    private static final int SILENCE = 32;
    private static final int EVIDENCE = 48;
    private static final int METHOD = 56;

    /** Lists grow at so many different sizes. */
    private static final int SPREAD = 16;

    private final int spread;
    private long[] words = new long[WORDS];
    private int size;

    /**
     * An empty list.
     *
     * @param spread any number: lists with different ones grow at different sizes. All prefixes get their paths from one cluster after the other,
     *     and if all grew with the same one, all that is known would be copied at once
     */
    PackedPaths(int spread) {
        this.spread = spread & (SPREAD - 1);
    }

    /** One of paths that were {@linkplain #copyTo copied}, two words each; the array becomes its own. */
    PackedPaths(int spread, long[] copied) {
        this(spread);
        words = copied;
        size = copied.length / WORDS;
    }

    /**
     * Copies the paths from clusters with numbers below a limit, as two words each.
     *
     * @return how many
     */
    int copyTo(long[] target, int clusters) {
        int copied = 0;
        for (int at = 0; at < size; at++) {
            if (cluster(at) < clusters) {
                System.arraycopy(words, WORDS * at, target, WORDS * copied++, WORDS);
            }
        }
        return copied;
    }

    int size() {
        return size;
    }

    /** How many bytes its arrays take, without their headers. */
    long bytes() {
        return (long) words.length * Long.BYTES;
    }

    /** How many bytes more they take when one more path is added; most often none. */
    long growth() {
        return WORDS * size < words.length ? 0 : (long) Long.BYTES * (grown() - words.length);
    }

    private int grown() {
        // most prefixes are measured by all clusters or by a few: an eighth more wastes little and copies seldom
        return WORDS * (size + 1 + (size + spread) / 8);
    }

    /** Appends a path of which nothing is known yet, and returns its place. */
    int add(int cluster) {
        if (WORDS * size == words.length) {
            words = Arrays.copyOf(words, grown());
        }
        words[WORDS * size] = (long) cluster << CLUSTER;
        words[WORDS * size + 1] = 0;
        return size++;
    }

    /** Forgets all but the first so many. */
    void truncate(int kept) {
        size = kept;
        if (WORDS * size < words.length / 2) {
            words = Arrays.copyOf(words, Math.max(WORDS, WORDS * size));
        }
    }

    void move(int from, int to) {
        words[WORDS * to] = words[WORDS * from];
        words[WORDS * to + 1] = words[WORDS * from + 1];
    }

    /** The place of a cluster's path, or -1. */
    int indexOf(int cluster) {
        // clusters have numbers in the order in which they came: of a prefix that all measure each stands at its own
        if (cluster < size && cluster(cluster) == cluster) {
            return cluster;
        }
        for (int at = 0; at < size; at++) {
            if (cluster(at) == cluster) {
                return at;
            }
        }
        return -1;
    }

    int cluster(int at) {
        return bits(WORDS * at, CLUSTER, 16);
    }

    /** Milliseconds. */
    float rtt(int at) {
        return bits(WORDS * at, RTT, 16) / STEPS_IN_A_MILLI;
    }

    /** Milliseconds. */
    float jitter(int at) {
        return bits(WORDS * at, JITTER, 16) / STEPS_IN_A_MILLI;
    }

    /** From 0 to 1. */
    float loss(int at) {
        return bits(WORDS * at, LOSS, 16) / STEPS_OF_LOSS;
    }

    /** At the time of {@link #second}. */
    float evidence(int at) {
        return bits(WORDS * at + 1, EVIDENCE, 8) / STEPS_OF_EVIDENCE;
    }

    /** When the newest answer came. */
    int second(int at) {
        return (int) words[WORDS * at + 1];
    }

    /** How many seconds after that the first report came in which all probes were lost; 0 when none has. */
    int silence(int at) {
        return bits(WORDS * at + 1, SILENCE, 16);
    }

    RttMethod method(int at) {
        return METHODS.get(bits(WORDS * at + 1, METHOD, 8));
    }

    /** Whether it was measured in a way that is known here: another version may have copied it. */
    boolean hasMethod(int at) {
        return bits(WORDS * at + 1, METHOD, 8) < METHODS.size();
    }

    /** The same path by another numbering of clusters and another clock. */
    void translate(int at, int cluster, int second) {
        put(WORDS * at, CLUSTER, 16, cluster);
        put(WORDS * at + 1, SECOND, 32, second);
    }

    void measured(int at, float rttMillis, float jitterMillis, float loss) {
        put(WORDS * at, RTT, 16, steps(rttMillis, STEPS_IN_A_MILLI));
        put(WORDS * at, JITTER, 16, steps(jitterMillis, STEPS_IN_A_MILLI));
        put(WORDS * at, LOSS, 16, steps(loss, STEPS_OF_LOSS));
    }

    /** An answer has come: silence is over. Of evidence {@link #MOST_EVIDENCE} is kept at most. */
    void answered(int at, int second, float evidence, RttMethod method) {
        words[WORDS * at + 1] = second & 0xffff_ffffL;
        put(WORDS * at + 1, EVIDENCE, 8, Math.round(Math.min(MOST_EVIDENCE, evidence) * STEPS_OF_EVIDENCE));
        put(WORDS * at + 1, METHOD, 8, METHODS.indexOf(method));
    }

    /** Notes after how many seconds silence began, {@link #MOST_SILENCE} at most. */
    void silent(int at, int seconds) {
        put(WORDS * at + 1, SILENCE, 16, seconds);
    }

    private static int steps(float value, float inOne) {
        return Math.min(MOST, Math.round(value * inOne));
    }

    private int bits(int word, int shift, int width) {
        return (int) (words[word] >>> shift) & ((1 << width) - 1);
    }

    private void put(int word, int shift, int width, int value) {
        long mask = ((1L << width) - 1) << shift;
        words[word] = (words[word] & ~mask) | ((long) value << shift & mask);
    }
}
