package com.kingcdn.edge.cache;

/** Thrown when blocks of an entry cannot be had any more, although upstream answered. */
final class FillException extends RuntimeException {

    /** Why. */
    enum Kind {
        /** Upstream has another version by now. */
        CHANGED,
        /** Upstream answered with an error of its own. */
        REFUSED,
        /** Upstream answered something that is about the request that asked, and says nothing of what is stored. */
        DECLINED,
        /** They were evicted, and there is no validator to fetch them again by. */
        LOST
    }

    private static final long serialVersionUID = 1;

    private final Kind kind;

    FillException(Kind kind, String message) {
        super(message, null, false, false);
        this.kind = kind;
    }

    Kind kind() {
        return kind;
    }
}
