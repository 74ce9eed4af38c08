package com.kingcdn.control;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The body of {@code POST /v1/purges}.
 *
 * @param urls absolute http or https URLs of customer hosts or edge hostnames; scheme and port do not matter; all variants go
 * @param prefixes URL prefixes
 * @param tags surrogate keys
 * @param hosts customer hosts
 * @param mode hard when left out
 */
public record PurgeRequest(
        List<String> urls, List<String> prefixes, List<String> tags, List<String> hosts, PurgeMode mode) {

    public PurgeRequest(
            @Nullable List<String> urls,
            @Nullable List<String> prefixes,
            @Nullable List<String> tags,
            @Nullable List<String> hosts,
            @Nullable PurgeMode mode) {
        this.urls = urls == null ? List.of() : List.copyOf(urls);
        this.prefixes = prefixes == null ? List.of() : List.copyOf(prefixes);
        this.tags = tags == null ? List.of() : List.copyOf(tags);
        this.hosts = hosts == null ? List.of() : List.copyOf(hosts);
        this.mode = mode == null ? PurgeMode.HARD : mode;
    }
}
