package com.kingcdn.redirector;

import com.kingcdn.redirector.dnssec.DnssecSettings;
import com.kingcdn.redirector.query.RateLimitSettings;
import com.kingcdn.redirector.rtt.RttMap;
import com.kingcdn.redirector.server.ListenerSettings;
import com.kingcdn.redirector.transfer.CopySettings;
import com.kingcdn.topology.IpPrefix;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * The settings of a redirector; {@code kingcdn.redirector}.
 *
 * @param listen {@code HOST:PORT} of DNS over UDP and TCP
 * @param dot DNS over TLS (RFC 7858)
 * @param doh DNS over HTTPS (RFC 8484)
 * @param tcp what connections may take, whichever way they come
 * @param config the configuration file (YAML): zones, distributions, clusters
 * @param state directory in which what the API accepted survives a restart; needed by the API
 * @param adminTokenFile holds the operators' token; needed by the API
 * @param edgeTokenFile holds the edges' token; needed by the API
 * @param readerTokenFile holds the token of those who may look at the map and at decisions; operators alone may when null
 * @param geo mmdb files, which go before those of the configuration file
 * @param threads event loops for DNS; 0 for one each core
 * @param nsid tells this redirector from others at the same address (RFC 5001); not answered when null
 * @param cookies DNS cookies
 * @param rateLimit what addresses get that may be forged
 * @param accessLog a file, or {@code -} for standard output; no query log when null
 * @param dnssec keys and signatures of signed zones
 * @param rtt what edges measure
 * @param copies of others' zones
 * @param journal the store of what the API accepted
 */
@Validated
@ConfigurationProperties(prefix = "kingcdn.redirector", ignoreUnknownFields = false)
record RedirectorProperties(
        @DefaultValue("127.0.0.1:5300") String listen,
        @DefaultValue TlsProperties dot,
        @DefaultValue TlsProperties doh,
        @DefaultValue TcpProperties tcp,
        @Nullable Path config,
        @Nullable Path state,
        @Nullable Path adminTokenFile,
        @Nullable Path edgeTokenFile,
        @Nullable Path readerTokenFile,
        @DefaultValue List<Path> geo,
        @DefaultValue("0") @Min(0) @Max(1024) int threads,
        @Nullable String nsid,
        @DefaultValue CookieProperties cookies,
        @DefaultValue RateLimitProperties rateLimit,
        @Nullable String accessLog,
        @DefaultValue DnssecSettings dnssec,
        @DefaultValue RttProperties rtt,
        @DefaultValue CopyProperties copies,
        @DefaultValue JournalProperties journal) {

    RedirectorProperties {
        if (config == null) {
            throw new IllegalArgumentException(
                    "kingcdn.redirector.config=FILE is needed: the YAML file with zones, distributions and clusters");
        }
        geo = geo.stream().filter(path -> !path.toString().isEmpty()).toList();
    }

    /**
     * A listener with TLS.
     *
     * @param listen {@code HOST:PORT}; no such listener when null
     * @param certificate PEM chain; a self-signed certificate is made when null
     * @param privateKey PEM, of the certificate
     */
    record TlsProperties(@Nullable String listen, @Nullable Path certificate, @Nullable Path privateKey) {

        ListenerSettings.@Nullable Tls settings(String key, @Nullable Path state) {
            return listen == null
                    ? null
                    : new ListenerSettings.Tls(address(key, listen), certificate, privateKey, state);
        }
    }

    /** The limits of {@link ListenerSettings.Tcp}. */
    record TcpProperties(
            @DefaultValue("10s") Duration idle,
            @DefaultValue("4096") int connections,
            @DefaultValue("128") int connectionsPerClient,
            @DefaultValue("32MB") DataSize unfinished) {}

    /**
     * What edges measure.
     *
     * @param halfLife in which the evidence of a measurement halves when nothing refreshes it, 1s to a day
     * @param memory for all that is measured, 1MB at least; nine sixteenths of the heap when null
     * @param keepEvery from one write of it to the state directory to the next, 1s to a day
     */
    record RttProperties(
            @DefaultValue("10m") Duration halfLife,
            @Nullable DataSize memory,
            @DefaultValue("10m") Duration keepEvery) {

        RttProperties {
            checkSecondToDay("kingcdn.redirector.rtt.half-life", halfLife);
            checkSecondToDay("kingcdn.redirector.rtt.keep-every", keepEvery);
            if (memory != null && memory.compareTo(DataSize.ofMegabytes(1)) < 0) {
                throw new IllegalArgumentException("kingcdn.redirector.rtt.memory must be 1MB at least, not " + memory);
            }
        }

        private static void checkSecondToDay(String key, Duration value) {
            if (value.compareTo(Duration.ofSeconds(1)) < 0 || value.compareTo(Duration.ofDays(1)) > 0) {
                throw new IllegalArgumentException(key + " must be 1s to a day, not " + value);
            }
        }

        RttMap map() {
            return new RttMap(halfLife, memory == null ? RttMap.defaultMemory() : memory.toBytes());
        }
    }

    /**
     * DNS cookies (RFC 9018).
     *
     * @param secretFile shared by all redirectors of an address; this one invents its secrets when null
     */
    record CookieProperties(@Nullable Path secretFile) {}

    /**
     * The limits of {@link RateLimitSettings}.
     *
     * @param allowance bytes a second
     */
    record RateLimitProperties(
            @DefaultValue("1000") int rate,
            @DefaultValue("1000") int burst,
            @DefaultValue("1") int slip,
            @DefaultValue("2.5") double amplification,
            @DefaultValue("16KB") DataSize allowance,
            @DefaultValue({"127.0.0.0/8", "::1"}) List<String> exempt) {

        RateLimitSettings settings() {
            return new RateLimitSettings(
                    rate,
                    burst,
                    slip,
                    amplification,
                    allowance.toBytes(),
                    exempt.stream()
                            .filter(prefix -> !prefix.isEmpty())
                            .map(IpPrefix::parse)
                            .toList());
        }
    }

    /** @param memory for all copies of others' zones; a quarter of the heap when null */
    record CopyProperties(@Nullable DataSize memory) {

        CopySettings settings(@Nullable Path state) {
            return new CopySettings(
                    state == null ? null : state.resolve("zones"),
                    memory == null ? CopySettings.defaultMemory() : memory.toBytes());
        }
    }

    /** @param compactAt size of the journal from which on it is compacted, when it has also grown fourfold */
    record JournalProperties(@DefaultValue("32MB") DataSize compactAt) {}

    Path configFile() {
        if (config == null) {
            throw new IllegalStateException("checked when bound");
        }
        return config;
    }

    ListenerSettings listeners() {
        return new ListenerSettings(
                address("kingcdn.redirector.listen", listen),
                threads == 0 ? Runtime.getRuntime().availableProcessors() : threads,
                new ListenerSettings.Tcp(tcp.idle, tcp.connections, tcp.connectionsPerClient, tcp.unfinished.toBytes()),
                dot.settings("kingcdn.redirector.dot.listen", state),
                doh.settings("kingcdn.redirector.doh.listen", state));
    }

    private static InetSocketAddress address(String key, String text) {
        int colon = text.lastIndexOf(':');
        if (colon > 0) {
            String host = text.substring(0, colon);
            try {
                int port = Integer.parseInt(text.substring(colon + 1));
                return new InetSocketAddress(
                        host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host, port);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(key + "=" + text + " is not HOST:PORT", e);
            }
        }
        throw new IllegalArgumentException(key + "=" + text + " is not HOST:PORT");
    }
}
