package com.kingcdn.edge.upstream;

import com.kingcdn.edge.transport.Transport;
import com.kingcdn.topology.OriginEndpoint;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The way to a new connection: the name is resolved by Netty's own resolver, which holds no event loop up, its addresses are tried in
 * turn, and TLS is spoken where the scheme says so, with the host's name told, and its certificate checked for it and against what the
 * platform trusts.
 */
final class Connector implements AutoCloseable {

    private static final String NAME_IS_CHECKED = "HTTPS";

    private final Transport transport;
    private final List<EventLoop> loops = new ArrayList<>();
    private final AddressResolverGroup<InetSocketAddress> resolvers;
    private final Supplier<SslContext> tls;
    private final ChannelGroup channels = new DefaultChannelGroup("upstream", GlobalEventExecutor.INSTANCE);
    private @Nullable SslContext context;
    private volatile boolean closed;

    Connector(Transport transport) {
        this(
                transport,
                new DnsAddressResolverGroup(new DnsNameResolverBuilder()
                        .datagramChannelType(transport.datagram())
                        .socketChannelType(transport.connecting())),
                Connector::platformTrust);
    }

    /**
     * One that resolves names, or trusts, in another way.
     *
     * @param resolvers closed with it
     * @param tls asked once, when it is needed first
     */
    Connector(Transport transport, AddressResolverGroup<InetSocketAddress> resolvers, Supplier<SslContext> tls) {
        this.transport = transport;
        this.resolvers = resolvers;
        this.tls = tls;
        transport.group().forEach(loop -> loops.add((EventLoop) loop));
    }

    /** An endpoint's address as it is configured. */
    record Remote(boolean secure, String host, int port) {

        static Remote of(OriginEndpoint endpoint) {
            boolean secure = endpoint.url().getScheme().equals("https");
            String host = endpoint.url().getHost();
            int port = endpoint.url().getPort();
            return new Remote(
                    secure,
                    host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
                    port >= 0 ? port : secure ? 443 : 80);
        }
    }

    private static SslContext platformTrust() {
        try {
            return SslContextBuilder.forClient()
                    .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK)
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException("TLS cannot be used towards origins", e);
        }
    }

    private synchronized SslContext tls() {
        SslContext known = context;
        if (known == null) {
            known = tls.get();
            context = known;
        }
        return known;
    }

    List<EventLoop> loops() {
        return loops;
    }

    EventLoop anyLoop() {
        return transport.group().next();
    }

    boolean isClosed() {
        return closed;
    }

    /**
     * Connects, on this event loop.
     *
     * @param timeout for a TCP connection, and again for TLS on it
     * @param done told null when the connection is there, or why it is not; on the event loop
     */
    void connect(
            EventLoop loop,
            Remote to,
            Duration timeout,
            OriginConnection connection,
            Consumer<@Nullable Throwable> done) {
        byte[] literal = NetUtil.createByteArrayFromIpAddressString(to.host());
        if (literal != null) {
            try {
                InetSocketAddress address =
                        new InetSocketAddress(InetAddress.getByAddress(to.host(), literal), to.port());
                new Attempt(loop, to, timeout, connection, done).connect(List.of(address), 0);
            } catch (UnknownHostException e) {
                throw new IllegalStateException("an address of 4 or 16 octets", e);
            }
            return;
        }
        Attempt attempt = new Attempt(loop, to, timeout, connection, done);
        resolvers
                .getResolver(loop)
                .resolveAll(InetSocketAddress.createUnresolved(to.host(), to.port()))
                .addListener((Future<List<InetSocketAddress>> found) -> {
                    if (found.isSuccess()) {
                        attempt.connect(found.getNow(), 0);
                    } else {
                        done.accept(found.cause());
                    }
                });
    }

    /** One connection, to the first of a name's addresses that takes it. */
    private final class Attempt {

        private final EventLoop loop;
        private final Remote to;
        private final Duration timeout;
        private final OriginConnection connection;
        private final Consumer<@Nullable Throwable> done;

        Attempt(
                EventLoop loop,
                Remote to,
                Duration timeout,
                OriginConnection connection,
                Consumer<@Nullable Throwable> done) {
            this.loop = loop;
            this.to = to;
            this.timeout = timeout;
            this.connection = connection;
            this.done = done;
        }

        private void connect(List<InetSocketAddress> addresses, int index) {
            ChannelFuture connected = new Bootstrap()
                    .group(loop)
                    .channel(transport.connecting())
                    .option(ChannelOption.TCP_NODELAY, true)
                    .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) timeout.toMillis())
                    .disableResolver()
                    .handler(Connecting.INSTANCE)
                    .connect(addresses.get(index));
            connected.addListener(end -> {
                if (!end.isSuccess()) {
                    if (index + 1 < addresses.size()) {
                        connect(addresses, index + 1);
                    } else {
                        done.accept(end.cause());
                    }
                } else if (to.secure()) {
                    secure(connected.channel());
                } else {
                    ready(connected.channel());
                }
            });
        }

        private void secure(Channel channel) {
            SslHandler handler = tls().newHandler(channel.alloc(), to.host(), to.port());
            var parameters = handler.engine().getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm(NAME_IS_CHECKED);
            handler.engine().setSSLParameters(parameters);
            handler.setHandshakeTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS);
            channel.pipeline().addFirst(handler);
            handler.handshakeFuture().addListener(end -> {
                if (end.isSuccess()) {
                    ready(channel);
                } else {
                    channel.close();
                    done.accept(end.cause());
                }
            });
        }

        private void ready(Channel channel) {
            channel.pipeline().addLast(connection);
            if (channel.pipeline().get(Connecting.class) != null) {
                channel.pipeline().remove(Connecting.INSTANCE);
            }
            channels.add(channel);
            if (closed) {
                channel.close();
            }
            done.accept(null);
        }
    }

    /** Stands for the connection until that can be used. */
    @Sharable
    private static final class Connecting extends ChannelInboundHandlerAdapter {

        static final Connecting INSTANCE = new Connecting();

        /** Who connects is told by the future of what has failed. */
        @Override
        public void exceptionCaught(ChannelHandlerContext channel, Throwable cause) {}
    }

    /** Closes all connections. */
    @Override
    public void close() {
        closed = true;
        channels.close().awaitUninterruptibly(5, TimeUnit.SECONDS);
        resolvers.close();
    }
}
