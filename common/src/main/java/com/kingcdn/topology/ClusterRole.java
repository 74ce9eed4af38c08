package com.kingcdn.topology;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Who a cluster serves: clients, or other clusters. */
public enum ClusterRole {
    /** Serves clients: its addresses appear in DNS answers. */
    @JsonProperty("edge")
    EDGE,
    /** A shield between edges and origins: never in a DNS answer. */
    @JsonProperty("parent")
    PARENT
}
