package com.kingcdn.control;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The body of {@code POST /v1/fills}: what edges fetch and pin ahead of demand.
 *
 * @param distribution whose content
 * @param paths absolute paths, each with its query if it has one; at least one
 * @param clusters cluster identifiers; all edge clusters when empty
 * @param notBefore start of the window; at once when null
 * @param notAfter end of the window, when what is unfinished stops; open when null
 * @param bytesPerSecond limit for each edge; 0 for none
 */
public record FillPlan(
        String distribution,
        List<String> paths,
        List<String> clusters,
        @Nullable Instant notBefore,
        @Nullable Instant notAfter,
        long bytesPerSecond) {

    public FillPlan(
            @Nullable String distribution,
            @Nullable List<String> paths,
            @Nullable List<String> clusters,
            @Nullable Instant notBefore,
            @Nullable Instant notAfter,
            long bytesPerSecond) {
        this.paths = paths == null ? List.of() : List.copyOf(paths);
        this.clusters = clusters == null ? List.of() : List.copyOf(clusters);
        this.notBefore = notBefore;
        this.notAfter = notAfter;
        this.bytesPerSecond = bytesPerSecond;
        if (distribution == null || distribution.isEmpty()) {
            throw new IllegalArgumentException("a fill needs a distribution");
        }
        this.distribution = distribution;
        if (this.paths.isEmpty() || !this.paths.stream().allMatch(path -> path.startsWith("/"))) {
            throw new IllegalArgumentException("a fill needs paths, each starting with '/'");
        }
        if (notBefore != null && notAfter != null && !notAfter.isAfter(notBefore)) {
            throw new IllegalArgumentException("notAfter must be later than notBefore");
        }
        if (bytesPerSecond < 0) {
            throw new IllegalArgumentException("bytesPerSecond must not be negative");
        }
    }
}
