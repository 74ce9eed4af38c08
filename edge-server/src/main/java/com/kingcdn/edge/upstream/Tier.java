package com.kingcdn.edge.upstream;

import java.util.Locale;

/** What kind of server a request goes to; also the metric label. */
public enum Tier {
    /** Another node of this cluster, which owns the key. */
    SIBLING,
    /** A node of the parent cluster, the shield. */
    PARENT,
    /** Where the content comes from. */
    ORIGIN;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** As it stands in metrics and between edges. */
    public String label() {
        return label;
    }

    /** Whether it is an edge like this one. */
    boolean isPeer() {
        return this != ORIGIN;
    }
}
