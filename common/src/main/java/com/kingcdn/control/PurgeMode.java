package com.kingcdn.control;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What a purge leaves behind. */
public enum PurgeMode {
    /** Nothing: the entry is removed. */
    @JsonProperty("hard")
    HARD,
    /** The entry, marked stale: it must be revalidated before it is used again. */
    @JsonProperty("soft")
    SOFT
}
