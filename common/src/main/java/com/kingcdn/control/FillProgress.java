package com.kingcdn.control;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How far one edge is with one fill.
 *
 * @param id of the fill
 * @param pathsDone fetched and pinned, or failed
 * @param pathsFailed of these, failed
 * @param bytes fetched so far
 * @param error the last failure in a sentence, or null
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record FillProgress(
        String id, State state, int pathsDone, int pathsFailed, int pathsTotal, long bytes, @Nullable String error) {

    public FillProgress {
        Objects.requireNonNull(id, "progress needs the id of its fill");
        Objects.requireNonNull(state, "progress needs a state");
    }

    /** Where a fill stands on one edge. */
    public enum State {
        /** Its window has not opened. */
        @JsonProperty("waiting")
        WAITING,
        @JsonProperty("running")
        RUNNING,
        /** All paths done, none failed. */
        @JsonProperty("done")
        DONE,
        /** Ended with failed or unfinished paths. */
        @JsonProperty("failed")
        FAILED,
        @JsonProperty("cancelled")
        CANCELLED
    }
}
