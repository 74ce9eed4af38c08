package com.kingcdn.edge.web;

import com.kingcdn.control.ConfigSnapshot;
import com.kingcdn.control.ControlJson;
import com.kingcdn.edge.cache.HttpCache;
import com.kingcdn.edge.distribution.DistributionTable;
import com.kingcdn.edge.distribution.DistributionTraffic;
import com.kingcdn.edge.limits.LimitProperties;
import com.kingcdn.edge.store.CacheStore;
import com.kingcdn.edge.store.DiskTierSettings;
import com.kingcdn.edge.tls.CertificateDirectory;
import com.kingcdn.edge.tls.TlsProperties;
import com.kingcdn.edge.transport.Transport;
import com.kingcdn.edge.transport.TransportKind;
import com.kingcdn.edge.upstream.ForwardedFields;
import com.kingcdn.edge.upstream.ForwardedStyle;
import com.kingcdn.edge.upstream.RawOrigin;
import com.kingcdn.edge.upstream.TierTable;
import com.kingcdn.edge.upstream.UpstreamClient;
import com.kingcdn.edge.upstream.UpstreamProperties;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.HostHeader;
import com.kingcdn.topology.OriginEndpoint;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/** An edge in this process that serves {@code video.netcinema.example} from one origin, with short timeouts. */
final class TestEdge implements AutoCloseable {

    static final String NODE = "nyc-1";
    static final String HOST = "video.netcinema.example";

    private final Transport transport;
    private final CacheStore store =
            CacheStore.open(DataSize.ofMegabytes(64), DiskTierSettings.of(null, DataSize.ofGigabytes(1)));
    private final DistributionTable distributions = DistributionTable.empty();
    private final UpstreamClient upstream;
    private final ContentServer server;
    private @Nullable RawOrigin own;

    /** With an origin of its own that answers like this. */
    TestEdge(RawOrigin.Handler answers) throws BindException {
        this(new RawOrigin(answers));
    }

    private TestEdge(RawOrigin origin) throws BindException {
        this(origin.endpoint());
        own = origin;
    }

    TestEdge(OriginEndpoint origin) throws BindException {
        this(LimitProperties.defaults(), new Distribution("a1105", List.of(HOST), List.of(origin), HostHeader.ORIGIN));
    }

    TestEdge(LimitProperties limits, Distribution... served) throws BindException {
        this(null, false, limits, served);
    }

    /** Over one kind of transport, with an origin of its own that answers like this. */
    TestEdge(TransportKind kind, RawOrigin.Handler answers) throws BindException {
        this(kind, new RawOrigin(answers));
    }

    private TestEdge(TransportKind kind, RawOrigin origin) throws BindException {
        this(
                Transport.open("test-edge", 2, kind),
                null,
                false,
                LimitProperties.defaults(),
                new Distribution("a1105", List.of(HOST), List.of(origin.endpoint()), HostHeader.ORIGIN));
        own = origin;
    }

    TestEdge(@Nullable CertificateDirectory certificates, boolean http3, LimitProperties limits, Distribution... served)
            throws BindException {
        this(Transport.open("test-edge", 2), certificates, http3, limits, served);
    }

    private TestEdge(
            Transport transport,
            @Nullable CertificateDirectory certificates,
            boolean http3,
            LimitProperties limits,
            Distribution... served)
            throws BindException {
        this.transport = transport;
        Clock clock = Clock.systemUTC();
        UpstreamProperties upstreamSettings = new UpstreamProperties(
                Duration.ofSeconds(2),
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                Duration.ofSeconds(4),
                64,
                64,
                ForwardedStyle.X_FORWARDED);
        ForwardedFields forwarded = new ForwardedFields(NODE, upstreamSettings.forwarded());
        upstream = new UpstreamClient(upstreamSettings, forwarded, transport, clock);
        distributions.replace(new ConfigSnapshot(1, "kingcdn.example", List.of(served), List.of()));
        HttpCache cache = new HttpCache(store, upstream, (validatedAt, now) -> true, clock);
        ContentServerProperties settings = new ContentServerProperties(
                Duration.ofMillis(500),
                Duration.ofSeconds(2),
                Duration.ofSeconds(2),
                Duration.ofSeconds(10),
                Duration.ofSeconds(2),
                DataSize.ofKilobytes(64),
                100);
        server = ContentServer.of(
                new ContentServer.Addresses(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        certificates == null
                                ? null
                                : new ContentServer.Secure(
                                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                                        new TlsProperties(null, null, Duration.ofSeconds(1), 10, http3, 0),
                                        certificates)),
                settings,
                transport,
                new ContentServer.Services(
                        NODE,
                        cache,
                        distributions,
                        forwarded,
                        TierTable.alone(NODE),
                        ContentServer.Limits.of(limits),
                        clock),
                null);
        server.start();
    }

    /** A distribution of {@value #HOST}, with more keys in the control API's JSON, such as {@code "limits": {}}. */
    static Distribution distribution(OriginEndpoint origin, String more) {
        return ControlJson.mapper()
                .readValue(
                        "{\"id\": \"a1105\", \"hosts\": [\"" + HOST + "\"], \"origins\": [{\"url\": \"" + origin.url()
                                + "\"}], " + more + "}",
                        Distribution.class);
    }

    DistributionTraffic traffic() {
        return distributions.traffic();
    }

    int port() {
        return server.port();
    }

    ContentServer server() {
        return server;
    }

    RawClient connect() throws java.io.IOException {
        return new RawClient(port());
    }

    @Override
    public void close() {
        server.stop();
        upstream.close();
        store.close();
        transport.close();
        if (own != null) {
            own.close();
        }
    }
}
