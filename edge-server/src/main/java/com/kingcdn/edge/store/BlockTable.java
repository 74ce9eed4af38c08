package com.kingcdn.edge.store;

import java.util.Arrays;
import java.util.function.LongPredicate;

/**
 * Where an entry's blocks are on disk: a sorted table of (block number, length, location), 16 octets a block. Sorted rather than
 * indexed by number, so that a range at the end of a huge body takes no more room than one at its beginning; blocks mostly come in
 * ascending order, which only appends. A single block, all that most entries have, takes no array. Not safe for use by several threads.
 */
class BlockTable {

    private static final int LENGTH_BITS = 19;

    private static final long[] NONE = {};

    /** Pairs: block number and length in one, then the location. While empty, the only block is in the two fields below. */
    private long[] pairs = NONE;

    private long onlyKey;
    private long onlyLocation;

    private int count;

    int count() {
        return count;
    }

    /** The location of a block's record, or {@link Location#NONE}. */
    long location(int block) {
        int at = find(block);
        return at < 0 ? Location.NONE : locationAt(at);
    }

    /** The length of a block that is present, in octets. */
    int length(int block) {
        return lengthAt(find(block));
    }

    void put(int block, int length, long location) {
        int at = find(block);
        if (at < 0) {
            at = -at - 1;
            if (count > 0) {
                insert(at);
            }
            count++;
        }
        set(at, (long) block << LENGTH_BITS | length, location);
    }

    /** Makes room before a place; from the second block on all are in the array. */
    private void insert(int at) {
        if (pairs.length == 0) {
            pairs = new long[] {onlyKey, onlyLocation, 0, 0};
        } else if (2 * count == pairs.length) {
            pairs = Arrays.copyOf(pairs, 2 * (count + (count >> 1) + 1));
        }
        System.arraycopy(pairs, 2 * at, pairs, 2 * at + 2, 2 * (count - at));
    }

    private void set(int at, long key, long location) {
        if (pairs.length == 0) {
            onlyKey = key;
            onlyLocation = location;
        } else {
            pairs[2 * at] = key;
            pairs[2 * at + 1] = location;
        }
    }

    void remove(int block) {
        int at = find(block);
        if (at >= 0) {
            if (pairs.length > 0) {
                System.arraycopy(pairs, 2 * at + 2, pairs, 2 * at, 2 * (count - at - 1));
            }
            count--;
        }
    }

    /** Numbers of the blocks whose location passes the test, ascending. */
    int[] numbers(LongPredicate location) {
        int[] numbers = new int[count];
        int found = 0;
        for (int at = 0; at < count; at++) {
            if (location.test(locationAt(at))) {
                numbers[found++] = numberAt(at);
            }
        }
        return Arrays.copyOf(numbers, found);
    }

    /**
     * Removes the blocks whose location passes the test.
     *
     * @return their numbers, ascending
     */
    int[] removeIf(LongPredicate location) {
        int[] gone = numbers(location);
        int kept = 0;
        for (int at = 0; at < count; at++) {
            if (!location.test(locationAt(at))) {
                set(kept, keyAt(at), locationAt(at));
                kept++;
            }
        }
        count = kept;
        return gone;
    }

    /** Octets of all records, headers included. */
    long recordBytes() {
        long sum = 0;
        for (int at = 0; at < count; at++) {
            sum += RecordHeader.BYTES + lengthAt(at);
        }
        return sum;
    }

    private int numberAt(int at) {
        return (int) (keyAt(at) >>> LENGTH_BITS);
    }

    private int lengthAt(int at) {
        return (int) (keyAt(at) & ((1 << LENGTH_BITS) - 1));
    }

    private long keyAt(int at) {
        return pairs.length == 0 ? onlyKey : pairs[2 * at];
    }

    private long locationAt(int at) {
        return pairs.length == 0 ? onlyLocation : pairs[2 * at + 1];
    }

    private int find(int block) {
        if (count > 0 && block > numberAt(count - 1)) {
            return -count - 1;
        }
        int low = 0;
        int high = count - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int number = numberAt(middle);
            if (number == block) {
                return middle;
            }
            if (number < block) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -low - 1;
    }
}
