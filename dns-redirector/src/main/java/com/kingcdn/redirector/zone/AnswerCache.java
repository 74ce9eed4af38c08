package com.kingcdn.redirector.zone;

import org.jspecify.annotations.Nullable;

/**
 * Answers by their question, as many as have a place: a new one takes that of an older one. Thread-safe without a lock, since each is
 * immutable, and one that gets lost is made again.
 */
final class AnswerCache {

    /** Longer answers are not kept; over UDP there are hardly any. */
    static final int MOST_OCTETS = 1500;

    private static final class Place {

        private final byte[] name;
        private final int question;
        private final ReadyAnswer answer;

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

    private final @Nullable Place[] places;

    /** @param size a power of two */
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
        int place = place(hash, question);
        @Nullable Place first = places[place];
        if (first != null && first.isFor(message, offset, length, question)) {
            return first.answer;
        }
        @Nullable Place second = places[place ^ 1];
        return second != null && second.isFor(message, offset, length, question) ? second.answer : null;
    }

    /** Keeps an answer; the name is in lower case, and not changed any more. */
    void keep(byte[] name, int question, ReadyAnswer answer) {
        if (answer.octets() > MOST_OCTETS) {
            return;
        }
        int place = place(SuffixHash.of(name, 0, name.length), question);
        @Nullable Place first = places[place];
        boolean takesFirst = first == null || first.isFor(name, 0, name.length, question);
        places[takesFirst ? place : place ^ 1] = new Place(name, question, answer);
    }

    private int place(long hash, int question) {
        return SuffixHash.slot(hash + question * 0x9e3779b97f4a7c15L, places.length);
    }
}
