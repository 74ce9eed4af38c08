package com.kingcdn.edge;

import com.kingcdn.edge.limits.LimitProperties;
import com.kingcdn.edge.probe.ProbeProperties;
import com.kingcdn.edge.store.DiskTierSettings;
import com.kingcdn.edge.tls.TlsProperties;
import com.kingcdn.edge.transport.TransportKind;
import com.kingcdn.edge.upstream.UpstreamProperties;
import com.kingcdn.edge.web.ContentServerProperties;
import com.kingcdn.topology.Capacity;
import com.kingcdn.topology.OriginEndpoint;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * The settings of an edge; {@code kingcdn.edge}.
 *
 * @param listen {@code HOST:PORT} of the content port
 * @param node this edge's identifier, unique in the CDN
 * @param cluster its cluster's identifier
 * @param capacity the most that it shall be asked: above it the redirector sends clients elsewhere; no limit when null
 * @param threads event loops of the content port; 0 for one each core
 * @param transport how the kernel is reached; where that cannot be had, the next after it
 * @param memory what blocks in memory may take
 * @param accessLog a file, or {@code -} for standard output; no access log when null
 * @param origin one origin for any Host: the edge then stands alone, without a control plane
 * @param state directory in which configuration and log position survive a restart
 * @param leave how long it serves on after SIGTERM, no longer named in new answers of DNS; of an edge with a control plane
 * @param disk the disk tier
 * @param control the control plane
 * @param upstream how origins are asked
 * @param server limits of the content port
 * @param limits how much of this edge clients may have
 * @param tls content over TLS
 * @param probe how the network is measured
 */
@Validated
@ConfigurationProperties(prefix = "kingcdn.edge", ignoreUnknownFields = false)
record EdgeProperties(
        @DefaultValue("127.0.0.1:8080") String listen,
        @DefaultValue("edge") @Pattern(regexp = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?") String node,
        @DefaultValue("local") @Pattern(regexp = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?") String cluster,
        @Nullable Capacity capacity,
        @DefaultValue("0") @Min(0) @Max(1024) int threads,
        @DefaultValue("io_uring") TransportKind transport,
        @DefaultValue("256MB") DataSize memory,
        @Nullable String accessLog,
        @Nullable URI origin,
        @Nullable Path state,
        @DefaultValue("25s") Duration leave,
        @DefaultValue @Valid DiskTierSettings disk,
        @DefaultValue ControlProperties control,
        @DefaultValue @Valid UpstreamProperties upstream,
        @DefaultValue @Valid ContentServerProperties server,
        @DefaultValue @Valid LimitProperties limits,
        @DefaultValue @Valid TlsProperties tls,
        @DefaultValue @Valid ProbeProperties probe) {

    private static final DataSize LEAST_MEMORY = DataSize.ofMegabytes(16);
    private static final Duration LONGEST_LEAVE = Duration.ofDays(1);

    EdgeProperties {
        if (memory.compareTo(LEAST_MEMORY) < 0) {
            throw new IllegalArgumentException("kingcdn.edge.memory must be at least 16MB, not " + memory);
        }
        if (leave.isNegative() || leave.compareTo(LONGEST_LEAVE) > 0) {
            throw new IllegalArgumentException("kingcdn.edge.leave must be from 0s to a day, not " + leave);
        }
        if (origin == null) {
            if (control.url().isEmpty() || control.tokenFile() == null || state == null) {
                throw new IllegalArgumentException("an edge needs either kingcdn.edge.origin=URL to stand alone, or"
                        + " kingcdn.edge.control.url=URL with kingcdn.edge.control.token-file=FILE and"
                        + " kingcdn.edge.state=DIR");
            }
        } else if (!control.url().isEmpty()) {
            throw new IllegalArgumentException(
                    "kingcdn.edge.origin and kingcdn.edge.control.url exclude each other: an edge with a control plane"
                            + " gets its origins from there");
        }
    }

    /**
     * The control plane as an edge reaches it.
     *
     * @param url base URLs of redirectors' control APIs
     * @param tokenFile holds the edge token
     */
    record ControlProperties(@DefaultValue List<URI> url, @Nullable Path tokenFile) {}

    /** The one origin of an edge that stands alone. */
    OriginEndpoint standaloneOrigin() {
        if (origin == null) {
            throw new IllegalStateException("kingcdn.edge.origin is not set");
        }
        try {
            return new OriginEndpoint(origin);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("kingcdn.edge.origin: " + e.getMessage(), e);
        }
    }

    /** The content port's address. */
    InetSocketAddress address() {
        return address("kingcdn.edge.listen", listen);
    }

    /** The address for TLS, or null for none. */
    @Nullable
    InetSocketAddress tlsAddress() {
        String secure = tls.listen();
        return secure == null ? null : address("kingcdn.edge.tls.listen", secure);
    }

    /** The host may be a name, or an IPv6 literal in brackets. */
    private static InetSocketAddress address(String key, String listen) {
        int colon = listen.lastIndexOf(':');
        try {
            int port = Integer.parseInt(listen.substring(colon + 1));
            String host = listen.substring(0, colon);
            if (host.startsWith("[") && host.endsWith("]")) {
                host = host.substring(1, host.length() - 1);
            }
            return new InetSocketAddress(host, port);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException(key + " must be HOST:PORT, not '" + listen + "'", e);
        }
    }

    int eventLoops() {
        return threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
    }
}
