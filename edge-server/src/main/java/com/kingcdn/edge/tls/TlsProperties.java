package com.kingcdn.edge.tls;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Content over TLS; {@code kingcdn.edge.tls}.
 *
 * @param listen {@code HOST:PORT} of HTTPS; none when null
 * @param directory of HOST.crt and HOST.key (PEM), and HOST.ocsp (DER) where there is a response to staple
 * @param reloadInterval how often the directory is looked at
 * @param concurrentStreams of one HTTP/2 or HTTP/3 connection
 * @param http3 whether HTTP/3 is served, too, on the UDP port of the same number
 * @param http3Port that clients are told to use for HTTP/3, where it is not the one listened on; 0 for that one
 */
public record TlsProperties(
        @Nullable String listen,
        @Nullable Path directory,
        @DefaultValue("2s") Duration reloadInterval,
        @DefaultValue("100") @Min(1) @Max(10_000) int concurrentStreams,
        @DefaultValue("false") boolean http3,
        @DefaultValue("0") @Min(0) @Max(65_535) int http3Port) {

    public TlsProperties {
        if ((listen == null) != (directory == null)) {
            throw new IllegalArgumentException(
                    "kingcdn.edge.tls.listen and kingcdn.edge.tls.directory belong together: one is missing");
        }
        if (reloadInterval.compareTo(Duration.ofMillis(100)) < 0 || reloadInterval.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException(
                    "kingcdn.edge.tls.reload-interval must be 100ms to a day, not " + reloadInterval);
        }
    }
}
