package com.kingcdn.edge.store;

import java.util.Locale;

/** What came of keeping something from eviction; also the metric label. */
public enum PinOutcome {
    PINNED,
    /** Nothing is stored for the key, or not on disk. */
    NOT_STORED,
    /** With it, what is pinned would take more than half of the disk tier. */
    NO_ROOM;

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
