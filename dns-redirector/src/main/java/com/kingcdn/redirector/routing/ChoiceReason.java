package com.kingcdn.redirector.routing;

import java.util.Locale;

/** Why a cluster was chosen. */
public enum ChoiceReason {
    /** A coverage prefix of the cluster holds the client. */
    COVERAGE,
    /** It is the cheapest usable cluster by measured delay and loss, and geography alone would have led elsewhere. */
    MEASUREMENT,
    /** It is little dearer than the cheapest one, and neighbours get it, so that resolvers can keep one answer for all of them. */
    SHARED,
    /** It is the cheapest usable cluster for the client's place. */
    GEOGRAPHY,
    /** The client's place is not known, and it is the first usable cluster of the configuration. */
    DEFAULT_ORDER,
    /** A better cluster does not have the distribution. */
    PLACEMENT,
    /** A better cluster is full, and this client is of the share that goes on to the next one. */
    LOAD,
    /** No cluster for this client is up: it is the best of those that were up last. */
    LAST_KNOWN_GOOD;

    /** The one word for it: in the log, in metrics, and in what the API explains. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }
}
