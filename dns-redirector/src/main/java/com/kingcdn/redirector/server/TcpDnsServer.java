package com.kingcdn.redirector.server;

import com.kingcdn.redirector.query.QueryHandler;
import com.kingcdn.redirector.query.Transport;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.FastThreadLocal;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The TCP side (RFC 7766): any number of queries a connection, also before the first is answered; answers come in order.
 *
 * <p>A connection ends when it goes without a whole query for a while, when it sends what is no query, or when it is one too many. A
 * client that does not read its answers is not read from either, and so goes idle.
 */
final class TcpDnsServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TcpDnsServer.class);
    private static final int LONGEST_MESSAGE = 65535;
    private static final int LONGEST_READ = 16384;
    private static final int BACKLOG = 1024;

    private static final FastThreadLocal<byte[]> ANSWERS = new FastThreadLocal<>() {
        @Override
        protected byte[] initialValue() {
            return new byte[LONGEST_MESSAGE];
        }
    };

    private final Channel channel;
    private final ChannelGroup connections;

    private TcpDnsServer(Channel channel, ChannelGroup connections) {
        this.channel = channel;
        this.connections = connections;
    }

    static TcpDnsServer open(
            InetSocketAddress address,
            ListenerSettings.Tcp settings,
            QueryHandler handler,
            DnsTransport transport,
            EventLoopGroup group)
            throws IOException {
        ConnectionLimits limits = new ConnectionLimits(settings.connections(), settings.connectionsPerClient());
        ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
        ChannelFuture bound = new ServerBootstrap()
                .group(group)
                .channel(transport.server())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                // small reads: what one read brings is answered before the next, whether or not the client takes the
                // answers
                .childOption(
                        ChannelOption.RECVBUF_ALLOCATOR,
                        new AdaptiveRecvByteBufAllocator(512, 2048, LONGEST_READ).maxMessagesPerRead(1))
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel connection) {
                        accept(connection, limits, connections, settings.idle(), handler);
                    }
                })
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(
                    "cannot listen on TCP " + address + ": " + bound.cause().getMessage(), bound.cause());
        }
        return new TcpDnsServer(bound.channel(), connections);
    }

    private static void accept(
            Channel connection,
            ConnectionLimits limits,
            ChannelGroup connections,
            Duration idle,
            QueryHandler handler) {
        InetAddress client = ((InetSocketAddress) connection.remoteAddress()).getAddress();
        if (!limits.acquire(client)) {
            connection.close();
            return;
        }
        connection.closeFuture().addListener(closed -> limits.release(client));
        connections.add(connection);
        connection
                .pipeline()
                .addLast(new LengthFieldBasedFrameDecoder(LONGEST_MESSAGE + 2, 0, 2, 0, 2))
                // after the decoder, so that only whole queries count and a trickle of bytes does not
                .addLast(new IdleStateHandler(idle.toNanos(), 0, 0, TimeUnit.NANOSECONDS))
                .addLast(new Messages(handler));
    }

    @Override
    public void close() {
        channel.close().awaitUninterruptibly();
        connections.close().awaitUninterruptibly();
    }

    /** Answers the queries of one connection. */
    private static final class Messages extends ChannelInboundHandlerAdapter {

        private final QueryHandler handler;

        Messages(QueryHandler handler) {
            this.handler = handler;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf frame = (ByteBuf) message;
            byte[] query = new byte[frame.readableBytes()];
            try {
                frame.readBytes(query);
            } finally {
                frame.release();
            }
            if (!context.channel().isActive()) {
                return;
            }
            InetSocketAddress client = (InetSocketAddress) context.channel().remoteAddress();
            byte[] answer = ANSWERS.get();
            int length = handler.answer(query, query.length, client, Transport.TCP, answer);
            if (length == 0) {
                context.close();
                return;
            }
            ByteBuf out = context.alloc().directBuffer(2 + length);
            out.writeShort(length).writeBytes(answer, 0, length);
            context.write(out, context.voidPromise());
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            context.channel().config().setAutoRead(context.channel().isWritable());
            context.fireChannelWritabilityChanged();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof IdleStateEvent) {
                context.close();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            LOG.debug("TCP connection of {}", context.channel().remoteAddress(), cause);
            context.close();
        }
    }
}
