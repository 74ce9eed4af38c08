package com.kingcdn.redirector.zone;

import org.jspecify.annotations.Nullable;

/**
 * Answers by their question, as many as have a place. Thread-safe without a lock, since each is immutable, and one that gets lost is made
 * again.
 *
 * <p>A question has four places to be in (a set). When three are taken, new answers only have the last one, each that of the one before,
 * until one is asked for again while it is there: it then changes places with one of the three that was not asked for of late. So
 * questions that come once, however many, take a quarter of the places and never one of an answer that had proved useful.
 */
final class AnswerCache {

    /** Longer answers are not kept; over UDP there are hardly any. */
    static final int MOST_OCTETS = 1500;

    private static final class Place {

        private final byte[] name;
        private final int question;
        private final ReadyAnswer answer;
        /** Asked for since its set was last looked through. */
        private boolean used;

        private Place(byte[] name, int question, ReadyAnswer answer) {
            this.name = name;
            this.question = question;
            this.answer = answer;
        }

        private boolean isFor(byte[] message, int offset, int length, int question) {
            return question == this.question
                    && length == name.length
                    && SuffixHash.isName(message, offset, length, name, 0);
        }
    }

    private static final int SET = 4;
    /** The place in a set that newcomers have. */
    private static final int LAST = SET - 1;

    private final @Nullable Place[] places;

    /** @param size a power of two, at least 4 */
    AnswerCache(int size) {
        places = new @Nullable Place[size];
    }

    /**
     * The answer to a question, or null.
     *
     * @param hash of the name
     * @param question whatever distinguishes questions with one name
     */
    @Nullable
    ReadyAnswer find(byte[] message, int offset, int length, long hash, int question) {
        int set = set(hash, question);
        for (int i = 0; i < SET; i++) {
            @Nullable Place place = places[set + i];
            if (place == null || !place.isFor(message, offset, length, question)) {
                continue;
            }
            if (i == LAST) {
                settle(set, place);
            } else if (!place.used) {
                // not written each time: processors share what is only read
                place.used = true;
            }
            return place.answer;
        }
        return null;
    }

    /** Keeps an answer; the name is in lower case, and not changed any more. */
    void keep(byte[] name, int question, ReadyAnswer answer) {
        if (answer.octets() > MOST_OCTETS) {
            return;
        }
        int set = set(SuffixHash.of(name, 0, name.length), question);
        int free = LAST;
        // threads that meet in a set may leave a question in two places: the first one is where it is found
        for (int i = 0; i < SET; i++) {
            @Nullable Place place = places[set + i];
            if (place == null) {
                free = Math.min(free, i);
            } else if (place.isFor(name, 0, name.length, question)) {
                places[set + i] = new Place(name, question, answer);
                return;
            }
        }
        places[set + free] = new Place(name, question, answer);
    }

    /** Gives the last answer of a set, which was asked for again, the place of one that was not; if there is none, it may be next time. */
    private void settle(int set, Place last) {
        for (int i = 0; i < LAST; i++) {
            @Nullable Place place = places[set + i];
            if (place == null || !place.used) {
                last.used = true;
                places[set + i] = last;
                places[set + LAST] = place;
                return;
            }
        }
        for (int i = 0; i < LAST; i++) {
            @Nullable Place place = places[set + i];
            if (place != null) {
                place.used = false;
            }
        }
    }

    private int set(long hash, int question) {
        return SuffixHash.slot(hash + question * 0x9e3779b97f4a7c15L, places.length) & -SET;
    }
}
