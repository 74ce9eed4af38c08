package com.kingcdn.edge.web;

import com.kingcdn.edge.cache.HttpCache;
import com.kingcdn.edge.distribution.DistributionTable;
import com.kingcdn.edge.limits.DirectMemory;
import com.kingcdn.edge.limits.LimitProperties;
import com.kingcdn.edge.limits.LoadShedder;
import com.kingcdn.edge.limits.RequestLimiter;
import com.kingcdn.edge.tls.CertificateDirectory;
import com.kingcdn.edge.tls.ServerCertificate;
import com.kingcdn.edge.tls.TlsProperties;
import com.kingcdn.edge.upstream.ForwardedFields;
import com.kingcdn.edge.upstream.TierTable;
import com.kingcdn.log.JsonLinesLog;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.DefaultEventExecutor;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.netty.ChannelBindException;
import reactor.netty.DisposableServer;
import reactor.netty.NettyPipeline;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.LoopResources;

/** The listeners of the content port: HTTP/1.1 over cleartext TCP, and HTTP/2 and HTTP/1.1 over TLS. */
public final class ContentServer {

    private static final Logger LOG = LoggerFactory.getLogger(ContentServer.class);
    private static final String GUARD = "guard";

    private final Addresses addresses;
    private final ContentServerProperties settings;
    private final LoopResources loops;
    private final EdgeHandler handler;
    private final HitPath hits;
    private final AtomicInteger open = new AtomicInteger();
    private final @Nullable TlsListener tls;
    private @Nullable DisposableServer server;
    private @Nullable DisposableServer tlsServer;

    private ContentServer(
            Addresses addresses,
            ContentServerProperties settings,
            LoopResources loops,
            EdgeHandler handler,
            HitPath hits) {
        this.addresses = addresses;
        this.settings = settings;
        this.loops = loops;
        this.handler = handler;
        this.hits = hits;
        Secure secure = addresses.secure();
        this.tls = secure == null
                ? null
                : new TlsListener(secure.settings(), secure.certificates(), settings, this::prepareHttp11);
    }

    /** Where a content server listens: in the clear, and over TLS unless that is null. */
    public record Addresses(InetSocketAddress plain, @Nullable Secure secure) {}

    /** Where, how and with which certificates it listens for TLS. */
    public record Secure(InetSocketAddress address, TlsProperties settings, CertificateDirectory certificates) {}

    /**
     * What a content server works with.
     *
     * @param node this edge's identifier, named in Via and Cache-Status
     */
    public record Services(
            String node,
            HttpCache cache,
            DistributionTable distributions,
            ForwardedFields forwarded,
            TierTable tiers,
            Limits limits,
            Clock clock) {}

    /** What a content server turns requests away by. */
    public record Limits(RequestLimiter limiter, LoadShedder shedder) {

        /** Limits of this process, with the direct memory it has. */
        public static Limits of(LimitProperties settings) {
            return new Limits(
                    new RequestLimiter(settings, System::nanoTime), new LoadShedder(settings, DirectMemory::free));
        }
    }

    /**
     * A server that is not listening yet.
     *
     * @param loops whose threads do all the work
     * @param accessLog where each request is written to, or null
     */
    public static ContentServer of(
            Addresses addresses,
            ContentServerProperties settings,
            LoopResources loops,
            Services services,
            @Nullable JsonLinesLog accessLog) {
        EdgeHandler handler = new EdgeHandler(
                services,
                new RequestGate(services.limits()),
                new ResponseWriter(services.node(), services.clock()),
                settings.requestContent().toBytes(),
                accessLog == null ? null : new AccessLog(accessLog));
        HitPath hits = new HitPath(handler, services.node(), services.clock());
        return new ContentServer(addresses, settings, loops, handler, hits);
    }

    /**
     * Listens.
     *
     * @throws BindException when the address is taken or not of this machine
     */
    public void start() throws BindException {
        DisposableServer bound = bind(
                configured(addresses.plain())
                        .protocol(HttpProtocol.HTTP11)
                        // our codec validates requests; responses come from a parser or from us
                        .httpRequestDecoder(spec -> spec.validateHeaders(false))
                        .doOnChannelInit((observer, channel, remote) -> {
                            if (admit(channel)) {
                                prepareHttp11(channel);
                            }
                        }),
                addresses.plain());
        server = bound;
        String transport = bound.channel().getClass().getSimpleName().startsWith("Epoll") ? "epoll" : "nio";
        EdgeMetrics.TRANSPORT.labels(transport).set(1);
        LOG.info("content on http://{}:{} over {}", bound.host(), bound.port(), transport);
        Secure secure = addresses.secure();
        TlsListener listener = tls;
        if (secure != null && listener != null) {
            DisposableServer secured = bind(
                    listener.secure(configured(secure.address())).doOnChannelInit((observer, channel, remote) -> {
                        if (admit(channel)) {
                            listener.prepare(channel);
                        }
                    }),
                    secure.address());
            tlsServer = secured;
            LOG.info(
                    "content on https://{}:{}, HTTP/2 and HTTP/1.1, TLS by {}",
                    secured.host(),
                    secured.port(),
                    ServerCertificate.isNative() ? "BoringSSL" : "the JDK (no OCSP stapling)");
        }
    }

    private HttpServer configured(InetSocketAddress address) {
        return HttpServer.create()
                .bindAddress(() -> address)
                .runOn(loops, true)
                .accessLog(false)
                .compress(false)
                .option(ChannelOption.SO_BACKLOG, 4096)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .channelGroup(new DefaultChannelGroup("content", new DefaultEventExecutor()))
                .handle(handler);
    }

    private static DisposableServer bind(HttpServer configured, InetSocketAddress address) throws BindException {
        try {
            return configured.bindNow();
        } catch (ChannelBindException e) {
            BindException failure = new BindException(
                    "cannot listen for content on " + address + ": " + (e.getCause() == null ? e : e.getCause()));
            failure.initCause(e);
            throw failure;
        }
    }

    /** The port it listens on; 0 when it does not. */
    public int port() {
        return server == null ? 0 : server.port();
    }

    /** The port it listens on for TLS; 0 when it does not. */
    public int tlsPort() {
        return tlsServer == null ? 0 : tlsServer.port();
    }

    /** Requests answered since the start. */
    public long requests() {
        return EdgeMetrics.requests();
    }

    /** Bytes of content sent to clients since the start. */
    public long bytesSent() {
        return EdgeMetrics.bytesSent();
    }

    /** Client connections open now. */
    public long openConnections() {
        return open.get();
    }

    /** Accepts no more, and waits for responses under way, within the configured time. */
    public void stop() {
        if (tlsServer != null) {
            tlsServer.disposeNow(settings.shutdownTimeout());
            tlsServer = null;
        }
        if (server != null) {
            server.disposeNow(settings.shutdownTimeout());
            server = null;
        }
    }

    private boolean admit(Channel channel) {
        if (open.incrementAndGet() > settings.connections()) {
            open.decrementAndGet();
            channel.close();
            return false;
        }
        EdgeMetrics.CONNECTIONS.inc();
        channel.closeFuture().addListener(closed -> {
            open.decrementAndGet();
            EdgeMetrics.CONNECTIONS.dec();
        });
        if (channel instanceof EpollSocketChannel) {
            // the kernel's own watch on clients that accept nothing more, and it costs no timer
            channel.config().setOption(EpollChannelOption.TCP_USER_TIMEOUT, (int)
                    settings.stallTimeout().toMillis());
        }
        return true;
    }

    private void prepareHttp11(Channel channel) {
        ChannelPipeline pipeline = channel.pipeline();
        ConnectionGuard guard = new ConnectionGuard(
                settings.idleTimeout().toNanos(), settings.readTimeout().toNanos());
        StrictHttpCodec codec = new StrictHttpCodec(settings.headTimeout().toNanos(), guard::headTimedOut);
        pipeline.replace(NettyPipeline.HttpCodec, NettyPipeline.HttpCodec, codec);
        pipeline.addAfter(NettyPipeline.HttpCodec, GUARD, guard);
        hits.install(channel, codec, guard);
    }
}
