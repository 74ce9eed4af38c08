package com.kingcdn.redirector.routing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The map units of a table, each once, by number.
 *
 * <p>A hundred thousand objects that live as long as the table would be copied by the garbage collector while no query is answered, and marked again and
 * again; so their numbers lie one after the other in an array, which is too large for it to move. Only the long orders that many share are objects.
 * For one thread until complete.
 */
final class MapUnits {

    private static final int LEAST = 64;

    // the words of a unit: those, then the head of its ranking, then what that has skipped of the rest
    private static final int FLAGS = 0;
    private static final int UNCOVERED = 1;
    private static final int REST = 2;
    private static final int SIZE = 3;
    private static final int HEAD_LENGTH = 4;
    private static final int HEAD = 5;

    private static final int SHARED = 1;
    private static final int MEASURED = 2;
    private static final int LOCATION = 2;
    private static final int COVERING = 4;
    private static final List<LocationSource> LOCATIONS = List.of(LocationSource.values());

    private int[] words;
    /** By number, and after the last where the next one would. */
    private int[] begins;

    private int count;
    private final List<int[]> rests = new ArrayList<>();

    // until it is complete
    private final IdentityHashMap<int[], Integer> numberOfRest = new IdentityHashMap<>();
    /** A hash table (open addressing) of numbers plus one, 0 where it is empty; a power of two, twice as long as there are units. */
    private int[] slots;

    /** @param before those of the table before, of which there were about as many; or null */
    MapUnits(@Nullable MapUnits before) {
        int expected = before == null ? LEAST : spare(before.count);
        begins = new int[expected + 1];
        words = new int[before == null ? HEAD * LEAST : spare(before.begins[before.count])];
        slots = new int[2 * Integer.highestOneBit(2 * expected)];
    }

    private static int spare(int size) {
        return size + size / 16 + LEAST;
    }

    /** The number of a unit that is equal to this one. */
    int number(MapUnit unit) {
        int at = place(unit);
        if (slots[at] == 0) {
            add(unit);
            slots[at] = count;
            if (2 * count > slots.length) {
                grow();
            }
            return count - 1;
        }
        return slots[at] - 1;
    }

    private void add(MapUnit unit) {
        Ranking ranking = unit.ranking();
        int begin = begins[count];
        int end = begin + HEAD + ranking.head().length + ranking.skipped().length;
        if (end > words.length) {
            words = Arrays.copyOf(words, Math.max(end, words.length + words.length / 2));
        }
        if (++count == begins.length) {
            begins = Arrays.copyOf(begins, count + count / 2);
        }
        begins[count] = end;
        words[begin + FLAGS] = flags(unit);
        words[begin + UNCOVERED] = unit.uncovered();
        words[begin + REST] = numberOfRest.computeIfAbsent(ranking.rest(), rest -> {
            rests.add(rest);
            return rests.size() - 1;
        });
        words[begin + SIZE] = ranking.size();
        words[begin + HEAD_LENGTH] = ranking.head().length;
        System.arraycopy(ranking.head(), 0, words, begin + HEAD, ranking.head().length);
        System.arraycopy(ranking.skipped(), 0, words, end - ranking.skipped().length, ranking.skipped().length);
    }

    private static int flags(MapUnit unit) {
        return (unit.shared() ? SHARED : 0)
                | (unit.measured() ? MEASURED : 0)
                | LOCATIONS.indexOf(unit.location()) << LOCATION
                | unit.covering() << COVERING;
    }

    /** Where a unit is, or would be. */
    private int place(MapUnit unit) {
        int at = place(hash(flags(unit), unit.uncovered(), unit.ranking().hashCode()));
        while (slots[at] != 0 && !is(slots[at] - 1, unit)) {
            at = (at + 1) & (slots.length - 1);
        }
        return at;
    }

    private int place(int hash) {
        return (hash * 0x9e37_79b9) >>> (Integer.numberOfLeadingZeros(slots.length) + 1);
    }

    private static int hash(int flags, int uncovered, int ranking) {
        return 31 * (31 * flags + uncovered) + ranking;
    }

    private boolean is(int number, MapUnit unit) {
        int begin = begins[number];
        if (words[begin + FLAGS] != flags(unit) || words[begin + UNCOVERED] != unit.uncovered()) {
            return false;
        }
        Ranking ranking = unit.ranking();
        int head = begin + HEAD;
        int end = head + words[begin + HEAD_LENGTH];
        boolean sameParts = rests.get(words[begin + REST]) == ranking.rest()
                && Arrays.equals(words, head, end, ranking.head(), 0, ranking.head().length);
        // equal orders may be divided at different places
        return sameParts || isSameOrder(number, ranking);
    }

    private boolean isSameOrder(int number, Ranking ranking) {
        int size = size(number);
        if (size != ranking.size()) {
            return false;
        }
        for (int rank = 0; rank < size; rank++) {
            if (cluster(number, rank) != ranking.get(rank)) {
                return false;
            }
        }
        return true;
    }

    private void grow() {
        slots = new int[2 * slots.length];
        for (int number = 0; number < count; number++) {
            int begin = begins[number];
            int at = place(hash(words[begin + FLAGS], words[begin + UNCOVERED], orderHash(number)));
            while (slots[at] != 0) {
                at = (at + 1) & (slots.length - 1);
            }
            slots[at] = number + 1;
        }
    }

    /** As {@link Ranking#hashCode}. */
    private int orderHash(int number) {
        int hash = size(number);
        for (int rank = 0; rank < Math.min(Ranking.HASHED, size(number)); rank++) {
            hash = 31 * hash + cluster(number, rank);
        }
        return hash;
    }

    /** These, with nothing but what it takes to read them. */
    MapUnits complete() {
        slots = new int[0];
        numberOfRest.clear();
        return this;
    }

    /** How many clusters are in a unit's order. */
    int size(int number) {
        return words[begins[number] + SIZE];
    }

    /** The cluster of a rank, from 0. */
    int cluster(int number, int rank) {
        int begin = begins[number];
        int head = words[begin + HEAD_LENGTH];
        if (rank < head) {
            return words[begin + HEAD + rank];
        }
        int at = rank - head;
        int end = begins[number + 1];
        for (int skip = begin + HEAD + head; skip < end && at >= words[skip]; skip++) {
            at++;
        }
        return rests.get(words[begin + REST])[at];
    }

    /** The whole order in an array of its own. */
    int[] order(int number) {
        int[] order = new int[size(number)];
        for (int rank = 0; rank < order.length; rank++) {
            order[rank] = cluster(number, rank);
        }
        return order;
    }

    /** The first cluster, or -1 when there is none. */
    int first(int number) {
        return size(number) == 0 ? -1 : cluster(number, 0);
    }

    /** As {@link MapUnit#covering}. */
    int covering(int number) {
        return words[begins[number] + FLAGS] >>> COVERING;
    }

    /** As {@link MapUnit#location}. */
    LocationSource location(int number) {
        return LOCATIONS.get(words[begins[number] + FLAGS] >>> LOCATION & 3);
    }

    /** As {@link MapUnit#measured}. */
    boolean measured(int number) {
        return (words[begins[number] + FLAGS] & MEASURED) != 0;
    }

    /** As {@link MapUnit#shared}. */
    boolean shared(int number) {
        return (words[begins[number] + FLAGS] & SHARED) != 0;
    }

    /** As {@link MapUnit#uncovered}. */
    int uncovered(int number) {
        return words[begins[number] + UNCOVERED];
    }

    /** One as an object of its own. */
    MapUnit get(int number) {
        return new MapUnit(
                ranking(number),
                covering(number),
                location(number),
                measured(number),
                shared(number),
                uncovered(number));
    }

    private Ranking ranking(int number) {
        int head = begins[number] + HEAD;
        return new Ranking(
                Arrays.copyOfRange(words, head, head + words[begins[number] + HEAD_LENGTH]),
                rests.get(words[begins[number] + REST]));
    }
}
