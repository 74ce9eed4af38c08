package com.kingcdn.topology;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A customer's service: the hosts clients ask for, and the origins that hold the content.
 *
 * @param id the first label of its edge hostname, so {@code a1105} is {@code a1105.kingcdn.example}
 * @param hosts customer host names; no two distributions share one
 * @param origins in order of preference, at least one
 * @param hostHeader origin when left out
 */
public record Distribution(String id, List<String> hosts, List<OriginEndpoint> origins, HostHeader hostHeader) {

    /** Fills in what was left out, and validates. */
    public Distribution(
            String id,
            @Nullable List<String> hosts,
            @Nullable List<OriginEndpoint> origins,
            @Nullable HostHeader hostHeader) {
        this.id = Identifiers.label("distribution id", id);
        this.hosts = Identifiers.list(hosts);
        this.origins = Identifiers.list(origins);
        this.hostHeader = hostHeader == null ? HostHeader.ORIGIN : hostHeader;
        this.hosts.forEach(Identifiers::host);
        Identifiers.unique("host", this.hosts);
        if (this.origins.isEmpty()) {
            throw new IllegalArgumentException("distribution '" + id + "' needs at least one origin");
        }
    }
}
