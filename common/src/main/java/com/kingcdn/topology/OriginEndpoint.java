package com.kingcdn.topology;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.net.URI;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One place where a distribution's content comes from.
 *
 * @param url scheme {@code http} or {@code https}, host, optional port and optional path prefix; no query, no user
 * @param weight relative share of the distribution's objects that are asked for here, 1 to 1000000; 1 when left out
 * @param backup whether it is asked only while none of the others can be
 */
public record OriginEndpoint(URI url, int weight, boolean backup) {

    private static final int MOST_WEIGHT = 1_000_000;

    @JsonCreator
    public OriginEndpoint {
        Objects.requireNonNull(url, "an origin needs a url");
        @Nullable String scheme = url.getScheme();
        if (!("http".equals(scheme) || "https".equals(scheme)) || url.getHost() == null) {
            throw new IllegalArgumentException(
                    "origin url '" + url + "' must be http://host[:port] or https://host[:port]");
        }
        if (url.getRawQuery() != null || url.getRawFragment() != null || url.getRawUserInfo() != null) {
            throw new IllegalArgumentException("origin url '" + url + "' must have no query, fragment or user");
        }
        weight = weight == 0 ? 1 : weight;
        if (weight < 1 || weight > MOST_WEIGHT) {
            throw new IllegalArgumentException(
                    "weight " + weight + " of origin '" + url + "' is not between 1 and " + MOST_WEIGHT);
        }
    }

    /** One of weight 1, always in use. */
    public OriginEndpoint(URI url) {
        this(url, 1, false);
    }
}
