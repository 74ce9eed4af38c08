package com.kingcdn.edge.web;

import com.kingcdn.edge.cache.HttpCache;
import com.kingcdn.edge.distribution.DistributionTable;
import com.kingcdn.edge.limits.DirectMemory;
import com.kingcdn.edge.limits.LimitProperties;
import com.kingcdn.edge.limits.LoadShedder;
import com.kingcdn.edge.limits.RequestLimiter;
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

/** The listener of the content port: HTTP/1.1 over cleartext TCP. */
public final class ContentServer {

    private static final Logger LOG = LoggerFactory.getLogger(ContentServer.class);
    private static final String GUARD = "guard";

    private final InetSocketAddress address;
    private final ContentServerProperties settings;
    private final LoopResources loops;
    private final EdgeHandler handler;
    private final HitPath hits;
    private final DefaultChannelGroup connections = new DefaultChannelGroup("content", new DefaultEventExecutor());
    private final AtomicInteger open = new AtomicInteger();
    private @Nullable DisposableServer server;

    private ContentServer(
            InetSocketAddress address,
            ContentServerProperties settings,
            LoopResources loops,
            EdgeHandler handler,
            HitPath hits) {
        this.address = address;
        this.settings = settings;
        this.loops = loops;
        this.handler = handler;
        this.hits = hits;
    }

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
            InetSocketAddress address,
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
        return new ContentServer(address, settings, loops, handler, hits);
    }

    /**
     * Listens.
     *
     * @throws BindException when the address is taken or not of this machine
     */
    public void start() throws BindException {
        HttpServer configured = HttpServer.create()
                .bindAddress(() -> address)
                .runOn(loops, true)
                .protocol(HttpProtocol.HTTP11)
                .accessLog(false)
                .compress(false)
                .option(ChannelOption.SO_BACKLOG, 4096)
                .childOption(ChannelOption.TCP_NODELAY, true)
                // our codec validates requests; responses come from a parser or from us
                .httpRequestDecoder(spec -> spec.validateHeaders(false))
                .channelGroup(connections)
                .doOnChannelInit((observer, channel, remote) -> prepare(channel))
                .handle(handler);
        DisposableServer bound;
        try {
            bound = configured.bindNow();
        } catch (ChannelBindException e) {
            BindException failure = new BindException(
                    "cannot listen for content on " + address + ": " + (e.getCause() == null ? e : e.getCause()));
            failure.initCause(e);
            throw failure;
        }
        server = bound;
        String transport = bound.channel().getClass().getSimpleName().startsWith("Epoll") ? "epoll" : "nio";
        EdgeMetrics.TRANSPORT.labels(transport).set(1);
        LOG.info("content on http://{}:{} over {}", bound.host(), bound.port(), transport);
    }

    /** The port it listens on; 0 when it does not. */
    public int port() {
        return server == null ? 0 : server.port();
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
        if (server != null) {
            server.disposeNow(settings.shutdownTimeout());
            server = null;
        }
    }

    private void prepare(Channel channel) {
        if (open.incrementAndGet() > settings.connections()) {
            open.decrementAndGet();
            channel.close();
            return;
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
        ChannelPipeline pipeline = channel.pipeline();
        ConnectionGuard guard = new ConnectionGuard(
                settings.idleTimeout().toNanos(), settings.readTimeout().toNanos());
        StrictHttpCodec codec = new StrictHttpCodec(settings.headTimeout().toNanos(), guard::headTimedOut);
        pipeline.replace(NettyPipeline.HttpCodec, NettyPipeline.HttpCodec, codec);
        pipeline.addAfter(NettyPipeline.HttpCodec, GUARD, guard);
        hits.install(channel, "http", codec, guard);
    }
}
