package com.kingcdn.edge.web;

import com.kingcdn.edge.cache.HttpCache;
import com.kingcdn.edge.distribution.DistributionTable;
import com.kingcdn.edge.limits.DirectMemory;
import com.kingcdn.edge.limits.LimitProperties;
import com.kingcdn.edge.limits.LoadShedder;
import com.kingcdn.edge.limits.OpenFiles;
import com.kingcdn.edge.limits.RequestLimiter;
import com.kingcdn.edge.tls.CertificateDirectory;
import com.kingcdn.edge.tls.ServerCertificate;
import com.kingcdn.edge.tls.TlsProperties;
import com.kingcdn.edge.transport.Transport;
import com.kingcdn.edge.upstream.ForwardedFields;
import com.kingcdn.edge.upstream.TierTable;
import com.kingcdn.log.JsonLinesLog;
import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.handler.codec.quic.Quic;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.ObjDoubleConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The listeners of the content port: HTTP/1.1 over cleartext TCP, HTTP/2 and HTTP/1.1 over TLS, and HTTP/3 over QUIC. */
public final class ContentServer {

    private static final Logger LOG = LoggerFactory.getLogger(ContentServer.class);

    private final Addresses addresses;
    private final ContentServerProperties settings;
    private final int mostConnections;
    private final Transport transport;
    private final Http1Path http1;
    private final @Nullable TlsHandshake tls;
    private final @Nullable Http3Path http3;
    private final AlternativeService alternative = new AlternativeService();
    private final AtomicInteger open = new AtomicInteger();
    private @Nullable Listener listener;
    private @Nullable Listener tlsListener;
    private @Nullable QuicListener quicListener;

    private ContentServer(
            Addresses addresses,
            ContentServerProperties settings,
            Transport transport,
            Services services,
            EdgeHandler edge) {
        this.addresses = addresses;
        this.settings = settings;
        this.mostConnections = connections(settings.connections(), OpenFiles.most());
        this.transport = transport;
        this.http1 = new Http1Path(edge, settings, services.node(), services.clock());
        Secure secure = addresses.secure();
        if (secure == null) {
            this.tls = null;
            this.http3 = null;
            return;
        }
        CertificateDirectory certificates = secure.certificates();
        int concurrentStreams = secure.settings().concurrentStreams();
        ResponseLines lines = new ResponseLines(services.node(), services.clock());
        this.tls = new TlsHandshake(
                certificates, alternative, http1, new Http2Path(edge, settings, concurrentStreams, lines));
        this.http3 = secure.settings().http3() && isQuicAvailable()
                ? new Http3Path(edge, settings, concurrentStreams, certificates, alternative, lines)
                : null;
    }

    /**
     * How many connections clients may have: so many that files are left for origins and the disk. A connection that cannot be accepted
     * for want of a file is not turned away, but waits.
     */
    static int connections(int wanted, int files) {
        return Math.min(wanted, files - files / 4);
    }

    private static boolean isQuicAvailable() {
        if (Quic.isAvailable()) {
            return true;
        }
        LOG.error(
                "no HTTP/3: the native QUIC library cannot be loaded here ({}); HTTP/2 and HTTP/1.1 are served as without it."
                        + " It exists for Linux on x86-64 and aarch64 with glibc, and is unpacked to java.io.tmpdir,"
                        + " which must be writable and executable",
                String.valueOf(Quic.unavailabilityCause()));
        return false;
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
     * @param transport whose threads do all the work
     * @param accessLog where each request is written to, or null
     */
    public static ContentServer of(
            Addresses addresses,
            ContentServerProperties settings,
            Transport transport,
            Services services,
            @Nullable JsonLinesLog accessLog) {
        EdgeHandler edge = new EdgeHandler(
                services,
                new RequestGate(services.limits()),
                new ResponseWriter(services.node()),
                settings.requestContent().toBytes(),
                accessLog == null ? null : new AccessLog(accessLog));
        return new ContentServer(addresses, settings, transport, services, edge);
    }

    /**
     * Listens.
     *
     * @throws BindException when an address is taken or not of this machine
     */
    public void start() throws BindException {
        if (mostConnections < settings.connections()) {
            LOG.warn(
                    "{} client connections at most, not {}: this process may have {} files open (ulimit -n)",
                    mostConnections,
                    settings.connections(),
                    OpenFiles.most());
        }
        Listener plain = listen(addresses.plain(), http1::prepare);
        listener = plain;
        EdgeMetrics.TRANSPORT.labels(transport.kind().toString()).set(1);
        LOG.info("content on http:/{} over {}", plain.address(), transport.kind());
        Secure secure = addresses.secure();
        TlsHandshake handshake = tls;
        if (secure != null && handshake != null) {
            Listener secured = listen(secure.address(), handshake::prepare);
            tlsListener = secured;
            LOG.info(
                    "content on https:/{}, HTTP/2 and HTTP/1.1, TLS by {}",
                    secured.address(),
                    ServerCertificate.isNative() ? "BoringSSL" : "the JDK (no OCSP stapling)");
            Http3Path path = http3;
            if (path != null) {
                startHttp3(path, secured.address(), secure.settings().http3Port());
            }
        }
    }

    private void startHttp3(Http3Path path, InetSocketAddress address, int announced) throws BindException {
        quicListener = QuicListener.open(transport, address, path, this::admit);
        alternative.announce(announced > 0 ? announced : address.getPort());
        LOG.info("content on UDP {}, HTTP/3", address);
    }

    private Listener listen(InetSocketAddress address, Consumer<Channel> prepare) throws BindException {
        return Listener.open(transport, address, channel -> {
            boolean admitted = admit(channel);
            if (admitted) {
                prepare.accept(channel);
            }
            return admitted;
        });
    }

    /** The port it listens on; 0 when it does not. */
    public int port() {
        return listener == null ? 0 : listener.address().getPort();
    }

    /** The port it listens on for TLS; 0 when it does not. */
    public int tlsPort() {
        return tlsListener == null ? 0 : tlsListener.address().getPort();
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

    /** Those that have come over TCP. */
    Stream<Channel> connections() {
        return Stream.of(listener, tlsListener).filter(Objects::nonNull).flatMap(Listener::connections);
    }

    /**
     * Asks the kernel for the delay of some connections that are open now, chosen at random; not with NIO.
     *
     * @param most connections at most
     * @param consumer gets a client's address and its smoothed round-trip time in milliseconds, on any thread
     */
    public void sampleDelays(int most, ObjDoubleConsumer<InetAddress> consumer) {
        double share = (double) most / Math.max(1, open.get());
        connections()
                .filter(connection -> ThreadLocalRandom.current().nextDouble() < share)
                .limit(most)
                .forEach(connection -> ConnectionDelay.read(connection, consumer));
    }

    /** Has each connection end behind its next response, while others can still be made: {@link #stop} then cuts off few. */
    public void announceStop() {
        http1.announceStop();
        Stream.of(tlsListener, listener).filter(Objects::nonNull).forEach(Listener::announceStop);
        QuicListener quic = quicListener;
        if (quic != null) {
            quic.announceStop();
        }
    }

    /** Accepts no more, and waits for responses under way, within the configured time. */
    public void stop() {
        alternative.withdraw();
        QuicListener quic = quicListener;
        List<Listener> listeners =
                Stream.of(tlsListener, listener).filter(Objects::nonNull).toList();
        quicListener = null;
        tlsListener = null;
        listener = null;
        long until = System.nanoTime() + settings.shutdownTimeout().toNanos();
        if (quic != null) {
            quic.drain();
        }
        listeners.forEach(Listener::drain);
        listeners.forEach(open -> open.stop(until));
        if (quic != null) {
            quic.stop(until);
        }
    }

    private boolean admit(Channel channel) {
        if (open.incrementAndGet() > mostConnections) {
            open.decrementAndGet();
            channel.close();
            return false;
        }
        EdgeMetrics.CONNECTIONS.inc();
        channel.closeFuture().addListener(closed -> {
            open.decrementAndGet();
            EdgeMetrics.CONNECTIONS.dec();
        });
        // the kernel's own watch on clients that accept nothing more, and it costs no timer
        int stall = (int) settings.stallTimeout().toMillis();
        if (channel instanceof IoUringSocketChannel) {
            channel.config().setOption(IoUringChannelOption.TCP_USER_TIMEOUT, stall);
        } else if (channel instanceof EpollSocketChannel) {
            channel.config().setOption(EpollChannelOption.TCP_USER_TIMEOUT, stall);
        }
        return true;
    }
}
