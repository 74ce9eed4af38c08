package com.kingcdn.redirector.server;

import com.kingcdn.redirector.query.Transport;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The UDP side on Netty's channels: on epoll one socket a thread on a shared port, read and written in batches (recvmmsg, sendmmsg), since system calls are
 * most of what a query costs.
 */
final class UdpDnsServer implements UdpListener {

    private static final Logger LOG = LoggerFactory.getLogger(UdpDnsServer.class);

    /** No answer is longer. A longer query is cut off by the kernel and then malformed: a query has a name and a few options. */
    static final int LONGEST = 1232;

    private static final int BATCH = 32;
    private static final int MOST_PER_READ = 64;
    private static final int SOCKET_BUFFER = 4 << 20;
    /** When closing: how often it is looked for queries that still come. */
    private static final int MOST_LOOKS = 500;
    /** More unsent than this and answers are dropped, as the network would. */
    private static final WriteBufferWaterMark UNSENT = new WriteBufferWaterMark(512 << 10, 1 << 20);

    private final List<Channel> channels;

    private UdpDnsServer(List<Channel> channels) {
        this.channels = channels;
    }

    static UdpDnsServer open(
            ListenerSettings settings, QueryTaker queries, DnsTransport transport, EventLoopGroup group)
            throws IOException {
        Bootstrap bootstrap = new Bootstrap()
                .group(group)
                .channel(transport.datagram())
                .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER)
                .option(ChannelOption.SO_SNDBUF, SOCKET_BUFFER)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, UNSENT)
                .option(
                        ChannelOption.RECVBUF_ALLOCATOR,
                        new FixedRecvByteBufAllocator(transport.sharesPorts() ? LONGEST * BATCH : LONGEST)
                                .maxMessagesPerRead(MOST_PER_READ))
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new Datagrams(queries, filter(channel)));
                    }
                });
        if (transport.sharesPorts()) {
            bootstrap.option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, LONGEST);
            bootstrap.option(EpollChannelOption.SO_REUSEPORT, settings.threads() > 1);
            DnsTransport.ignorePathMtu(Socket.isIPv6Preferred())
                    .forEach(option -> bootstrap.option(option, DnsTransport.PATH_MTU_OMITTED));
        }
        List<Channel> channels = new ArrayList<>();
        UdpDnsServer server = new UdpDnsServer(channels);
        InetSocketAddress address = settings.listen();
        if (address.getAddress().isAnyLocalAddress()) {
            LOG.warn(
                    "UDP on {}: here the system chooses from which address an answer leaves. Where this machine has several, name the one"
                            + " that clients ask in kingcdn.redirector.listen, or use Java 17, or 22 and later, which send it from there",
                    address);
        }
        int sockets = transport.sharesPorts() ? settings.threads() : 1;
        for (int i = 0; i < sockets; i++) {
            ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
            if (!bound.isSuccess()) {
                server.close();
                throw new IOException(
                        "cannot listen on UDP " + address + ": " + bound.cause().getMessage(), bound.cause());
            }
            channels.add(bound.channel());
            address = server.address();
        }
        return server;
    }

    @Override
    public InetSocketAddress address() {
        return (InetSocketAddress) channels.get(0).localAddress();
    }

    @Override
    public boolean hasFilters() {
        return channels.stream().allMatch(channel -> socket(channel) != null);
    }

    @Override
    public void eachFilter(Consumer<SocketFilter> task) {
        for (Channel channel : channels) {
            @Nullable Datagrams datagrams = channel.pipeline().get(Datagrams.class);
            @Nullable SocketFilter filter = datagrams == null ? null : datagrams.filter;
            if (filter != null) {
                // its loop alone closes it
                channel.eventLoop().execute(() -> {
                    if (channel.isOpen()) {
                        task.accept(filter);
                    }
                });
            }
        }
    }

    @Override
    public void close() {
        channels.forEach(UdpDnsServer::drain);
        channels.forEach(channel -> channel.close().awaitUninterruptibly());
    }

    private static @Nullable SocketFilter filter(Channel channel) {
        @Nullable Socket socket = socket(channel);
        return socket == null ? null : new SocketFilter(socket);
    }

    /** The socket as the kernel knows it; null with NIO, which does not show it. */
    private static @Nullable Socket socket(Channel channel) {
        return channel instanceof UnixChannel unix && unix.fd() instanceof Socket socket ? socket : null;
    }

    /** Waits until two looks in a row, each in a round of its loop, find that nothing more has come. */
    private static void drain(Channel channel) {
        @Nullable Socket socket = socket(channel);
        if (socket == null) {
            return;
        }
        UdpListener.refuseMore(socket);
        Datagrams datagrams = channel.pipeline().get(Datagrams.class);
        long before = -1;
        for (int looks = 0; datagrams != null && looks < MOST_LOOKS; looks++) {
            Future<Long> look = channel.eventLoop().schedule(() -> datagrams.received, 1, TimeUnit.MILLISECONDS);
            if (!look.awaitUninterruptibly(1, TimeUnit.SECONDS) || look.getNow() == before) {
                return;
            }
            before = look.getNow();
        }
    }

    /** Answers the datagrams of one socket. */
    private static final class Datagrams extends ChannelInboundHandlerAdapter {

        private final QueryTaker queries;
        private final @Nullable SocketFilter filter;
        private final byte[] query = new byte[LONGEST];
        private final byte[] answer = new byte[LONGEST];
        private long received;

        Datagrams(QueryTaker queries, @Nullable SocketFilter filter) {
            this.queries = queries;
            this.filter = filter;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            DatagramPacket packet = (DatagramPacket) message;
            received++;
            InetSocketAddress client = packet.sender();
            int length;
            try {
                length = Math.min(packet.content().readableBytes(), LONGEST);
                packet.content().readBytes(query, 0, length);
            } finally {
                packet.release();
            }
            // nobody can receive at port 0: the source is forged
            if (client.getPort() == 0) {
                queries.handler().ignored(client.getAddress());
                return;
            }
            int answered = queries.answer(
                    query,
                    length,
                    client,
                    Transport.UDP,
                    answer,
                    () -> LaterAnswer.toDatagram(context.channel(), client));
            if (answered > 0 && context.channel().isWritable()) {
                ByteBuf out = context.alloc().directBuffer(answered).writeBytes(answer, 0, answered);
                context.write(new DatagramPacket(out, client), context.voidPromise());
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            if (cause instanceof IOException) {
                // an unreachable client comes back as an error on our socket: it is no error of ours
                LOG.debug("UDP socket", cause);
            } else {
                MessageFailures.failed(Transport.UDP, cause);
            }
        }
    }
}
