package com.kingcdn.topology;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Which Host an origin sees. */
public enum HostHeader {
    /** The origin URL's own authority: the response cannot depend on the client's Host, so the cache key leaves it out. */
    @JsonProperty("origin")
    ORIGIN,
    /** The client's Host: part of the cache key. */
    @JsonProperty("client")
    CLIENT
}
