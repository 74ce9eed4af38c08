package com.kingcdn.topology;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How the redirector knows that a cluster is up. */
public enum HealthMode {
    /** Its edge nodes report every second; silence means down. */
    @JsonProperty("reported")
    REPORTED,
    /** Always up: for a redirector that runs without edges. */
    @JsonProperty("assumed")
    ASSUMED
}
