package com.kingcdn.topology;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What a client's own Cache-Control and Pragma do (RFC 9111 section 5.2.1). */
public enum RequestDirectives {
    /** They are followed: a client can have content revalidated, or accept it stale. */
    @JsonProperty("honour")
    HONOUR,
    /** They count for nothing: no client can make the edge ask the origin. */
    @JsonProperty("ignore")
    IGNORE
}
