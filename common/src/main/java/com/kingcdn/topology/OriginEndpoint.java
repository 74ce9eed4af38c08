package com.kingcdn.topology;

import java.net.URI;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One place where a distribution's content comes from.
 *
 * @param url scheme {@code http} or {@code https}, host, optional port and optional path prefix; no query, no user
 */
public record OriginEndpoint(URI url) {

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
    }
}
