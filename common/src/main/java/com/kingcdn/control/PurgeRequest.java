package com.kingcdn.control;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The body of {@code POST /v1/purges}: what stored responses are to be forgotten, or validated before they are used again. Whatever
 * any of the lists names is purged.
 *
 * @param urls absolute http or https URLs of customer hosts or edge hostnames; scheme and port do not matter; all variants go
 * @param prefixes such URLs without a query: what is at the path and below it, by whole segments, so that {@code /a} is not {@code /ab}
 * @param tags names that origins gave in Cache-Tag, Surrogate-Key or Cache-Groups (RFC 9875), octet by octet
 * @param hosts customer hosts or edge hostnames
 * @param distributions beside tags: where these count, everywhere when left out. Alone: distributions that are purged whole. Not to be
 *     mixed with urls, prefixes or hosts, which say by themselves whose they are
 * @param mode hard when left out
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record PurgeRequest(
        List<String> urls,
        List<String> prefixes,
        List<String> tags,
        List<String> hosts,
        List<String> distributions,
        PurgeMode mode) {

    /**
     * Fills in what was left out.
     *
     * @throws IllegalArgumentException when distributions come with an empty list of tags, since that would purge them whole
     */
    public PurgeRequest(
            @Nullable List<String> urls,
            @Nullable List<String> prefixes,
            @Nullable List<String> tags,
            @Nullable List<String> hosts,
            @Nullable List<String> distributions,
            @Nullable PurgeMode mode) {
        this.urls = urls == null ? List.of() : List.copyOf(urls);
        this.prefixes = prefixes == null ? List.of() : List.copyOf(prefixes);
        this.tags = tags == null ? List.of() : List.copyOf(tags);
        this.hosts = hosts == null ? List.of() : List.copyOf(hosts);
        this.distributions = distributions == null ? List.of() : List.copyOf(distributions);
        this.mode = mode == null ? PurgeMode.HARD : mode;
        if (tags != null && tags.isEmpty() && !this.distributions.isEmpty()) {
            throw new IllegalArgumentException("tags is empty; leave it out to purge whole distributions");
        }
    }

    /** A purge of URLs. */
    public static PurgeRequest ofUrls(PurgeMode mode, List<String> urls) {
        return new PurgeRequest(urls, null, null, null, null, mode);
    }
}
