package com.kingcdn.edge.limits;

import java.util.Locale;

/** Which limit a request was above; also the metric label. */
public enum LimitReason {
    /** The distribution's limit for each client prefix, or the edge's. */
    CLIENT_RATE,
    CLIENT_CONCURRENCY,
    /** The distribution's limit over all clients. */
    DISTRIBUTION_RATE,
    DISTRIBUTION_CONCURRENCY,
    /** More requests under way than this edge takes. */
    EDGE_REQUESTS,
    /** Less direct memory left than this edge keeps free. */
    EDGE_MEMORY;

    private final String label = name().toLowerCase(Locale.ROOT);

    public String label() {
        return label;
    }
}
