package com.kingcdn.redirector.server;

import com.kingcdn.redirector.query.Transport;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A socket that takes connections of DNS over TCP or TLS and gives each its {@link DnsConnection}. */
final class TcpDnsServer implements AutoCloseable {

    private static final int LONGEST_READ = 16384;
    private static final int BACKLOG = 1024;
    /** When closing: how often it is looked for queries that still come. */
    private static final int MOST_LOOKS = 500;
    /** More unsent than this and no further query of the connection is answered. */
    private static final WriteBufferWaterMark UNSENT = new WriteBufferWaterMark(8 << 10, 32 << 10);

    private final Channel channel;
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);

    /** What connections have in common. */
    record Service(QueryTaker queries, ConnectionLimits limits, @Nullable SslContext tls) {

        Transport transport() {
            return tls == null ? Transport.TCP : Transport.TLS;
        }
    }

    private TcpDnsServer(InetSocketAddress address, Service service, DnsTransport transport, EventLoopGroup group)
            throws IOException {
        ChannelFuture bound = new ServerBootstrap()
                .group(group)
                .channel(transport.server())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, UNSENT)
                // small reads: what one read brings is answered before the next, whether or not the client takes the
                // answers
                .childOption(
                        ChannelOption.RECVBUF_ALLOCATOR,
                        new AdaptiveRecvByteBufAllocator(512, 2048, LONGEST_READ).maxMessagesPerRead(1))
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel connection) {
                        accept(connection, service);
                    }
                })
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(
                    "cannot listen on " + service.transport() + " " + address + ": "
                            + bound.cause().getMessage(),
                    bound.cause());
        }
        channel = bound.channel();
    }

    /** @throws IOException when the address cannot be bound */
    static TcpDnsServer open(InetSocketAddress address, Service service, DnsTransport transport, EventLoopGroup group)
            throws IOException {
        return new TcpDnsServer(address, service, transport, group);
    }

    private void accept(Channel connection, Service service) {
        InetSocketAddress client = (InetSocketAddress) connection.remoteAddress();
        if (!service.limits().accept(connection, client, service.transport())) {
            return;
        }
        connections.add(connection);
        if (service.tls() != null) {
            connection
                    .pipeline()
                    .addLast(
                            new TlsRecords(service.limits().unread()),
                            service.tls().newHandler(connection.alloc()));
        }
        connection
                .pipeline()
                .addLast(new DnsConnection(service.queries(), service.transport(), service.limits(), client));
    }

    InetSocketAddress address() {
        return (InetSocketAddress) channel.localAddress();
    }

    /** Waits until two looks in a row, each in a round of every connection's loop, find that no more has come. */
    void drain() {
        long before = -1;
        for (int looks = 0; looks < MOST_LOOKS; looks++) {
            List<Future<Long>> counts = new ArrayList<>();
            for (Channel connection : connections) {
                @Nullable DnsConnection handler = connection.pipeline().get(DnsConnection.class);
                if (handler != null) {
                    counts.add(connection.eventLoop().schedule(handler::reads, 1, TimeUnit.MILLISECONDS));
                }
            }
            long now = 0;
            for (Future<Long> count : counts) {
                if (!count.awaitUninterruptibly(1, TimeUnit.SECONDS) || !count.isSuccess()) {
                    return;
                }
                now += count.getNow();
            }
            if (now == before) {
                return;
            }
            before = now;
        }
    }

    /** Takes no more connections; those that are open stay so. */
    void stopAccepting() {
        channel.close().awaitUninterruptibly();
    }

    @Override
    public void close() {
        stopAccepting();
        connections.close().awaitUninterruptibly();
    }
}
