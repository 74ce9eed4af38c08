package com.kingcdn.redirector.routing;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The map units of a table, each once, by number. Those of the table before are used again, since most stay as they were: a hundred
 * thousand new objects in each compilation would be copied by the garbage collector while no query is answered. For one thread until complete.
 */
final class MapUnits {

    private static final int LEAST = 64;

    /** Until it is complete. */
    private @Nullable MapUnits before;

    private MapUnit[] units;
    private int count;
    /** A hash table (open addressing) of their numbers plus one, 0 where it is empty; a power of two, twice as long as there are units. */
    private int[] slots;

    /** @param before those of the table before, or null */
    MapUnits(@Nullable MapUnits before) {
        this.before = before;
        int expected = before == null ? LEAST : Math.max(LEAST, before.count + before.count / 16);
        units = new MapUnit[expected];
        slots = new int[2 * Integer.highestOneBit(2 * expected)];
    }

    /** The number of a unit that is equal to this one. */
    int number(MapUnit unit) {
        int at = place(unit);
        if (slots[at] != 0) {
            return slots[at] - 1;
        }
        @Nullable MapUnit known = before == null ? null : before.find(unit);
        if (count == units.length) {
            units = Arrays.copyOf(units, 2 * count);
        }
        units[count++] = known == null ? unit : known;
        slots[at] = count;
        if (2 * count > slots.length) {
            grow();
        }
        return count - 1;
    }

    MapUnit get(int number) {
        return units[number];
    }

    private @Nullable MapUnit find(MapUnit unit) {
        int known = slots[place(unit)];
        return known == 0 ? null : units[known - 1];
    }

    /** Where a unit is, or would be. */
    private int place(MapUnit unit) {
        int at = (unit.hashCode() * 0x9e37_79b9) >>> (Integer.numberOfLeadingZeros(slots.length) + 1);
        while (slots[at] != 0 && !unit.equals(units[slots[at] - 1])) {
            at = (at + 1) & (slots.length - 1);
        }
        return at;
    }

    private void grow() {
        slots = new int[2 * slots.length];
        for (int number = 0; number < count; number++) {
            slots[place(get(number))] = number + 1;
        }
    }

    /** By number; longer than there are units. Not to be changed. */
    MapUnit[] array() {
        return units;
    }

    /** These, without those before, which are of no more use. */
    MapUnits complete() {
        before = null;
        return this;
    }
}
