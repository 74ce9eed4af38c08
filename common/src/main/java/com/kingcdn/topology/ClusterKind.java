package com.kingcdn.topology;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Where a cluster stands: deep inside an access network, or at an exchange point that many networks reach. */
public enum ClusterKind {
    /** Inside one access network; serves its {@link Cluster#coverage()} prefixes only. */
    @JsonProperty("enter-deep")
    ENTER_DEEP,
    /** At an exchange point; serves everybody. */
    @JsonProperty("bring-home")
    BRING_HOME
}
