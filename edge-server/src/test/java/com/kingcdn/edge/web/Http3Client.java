package com.kingcdn.edge.web;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.http3.DefaultHttp3DataFrame;
import io.netty.handler.codec.http3.DefaultHttp3Headers;
import io.netty.handler.codec.http3.DefaultHttp3HeadersFrame;
import io.netty.handler.codec.http3.DefaultHttp3SettingsFrame;
import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.http3.Http3ClientConnectionHandler;
import io.netty.handler.codec.http3.Http3DataFrame;
import io.netty.handler.codec.http3.Http3ErrorCode;
import io.netty.handler.codec.http3.Http3GoAwayFrame;
import io.netty.handler.codec.http3.Http3Headers;
import io.netty.handler.codec.http3.Http3HeadersFrame;
import io.netty.handler.codec.http3.Http3Settings;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamResetException;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.AsciiString;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A client of HTTP/3 on Netty's codec, over a UDP socket of its own: it sends exactly the fields it is told to, and trusts everybody. */
final class Http3Client implements AutoCloseable {

    /** Of a stream, unless a test says otherwise. */
    static final long WINDOW = 1_000_000;

    private static final long PATIENCE_SECONDS = 20;

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final CompletableFuture<Long> goAway = new CompletableFuture<>();
    private final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final Channel socket;
    private final QuicChannel connection;

    private Http3Client(int port, @Nullable String serverName, long window) throws IOException {
        QuicSslContext tls = QuicSslContextBuilder.forClient()
                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                .applicationProtocols("h3")
                .build();
        ChannelHandler codec = Http3.newQuicClientCodecBuilder()
                .sslEngineProvider(channel -> serverName == null
                        ? tls.newEngine(channel.alloc())
                        : tls.newEngine(channel.alloc(), serverName, port))
                .maxIdleTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .initialMaxData(100 * window)
                .initialMaxStreamDataBidirectionalLocal(window)
                .build();
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try {
            socket = new Bootstrap()
                    .group(group)
                    .channel(NioDatagramChannel.class)
                    .handler(codec)
                    .bind(loopback, 0)
                    .syncUninterruptibly()
                    .channel();
            connection = await(QuicChannel.newBootstrap(socket)
                    .handler(new Connection())
                    .remoteAddress(new InetSocketAddress(loopback, port))
                    .connect());
        } catch (IOException | RuntimeException e) {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
            throw e;
        }
    }

    static Http3Client open(int port, @Nullable String serverName) throws IOException {
        return new Http3Client(port, serverName, WINDOW);
    }

    /** Opens a connection on which each stream has a window of this size at first. */
    static Http3Client open(int port, @Nullable String serverName, long window) throws IOException {
        return new Http3Client(port, serverName, window);
    }

    private static <T> T await(io.netty.util.concurrent.Future<T> future) throws IOException {
        if (!future.awaitUninterruptibly(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new IOException("no answer in time");
        }
        if (!future.isSuccess()) {
            throw new IOException(future.cause());
        }
        return future.getNow();
    }

    private static <T> T await(CompletableFuture<T> future) throws IOException {
        try {
            return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("no answer in time", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    X509Certificate peer() throws IOException {
        return (X509Certificate) connection.sslEngine().getSession().getPeerCertificates()[0];
    }

    /** The first stream that a server which goes away says it has not seen. */
    long goneAwayFrom() throws IOException {
        return await(goAway);
    }

    /** The error code with which the server closes the connection. */
    int closeCode() throws IOException {
        return await(closed);
    }

    /** Names and values in turn. */
    static Http3Headers headers(String... fields) {
        Http3Headers headers = new DefaultHttp3Headers(false);
        for (int i = 0; i < fields.length; i += 2) {
            headers.add(AsciiString.of(fields[i]), AsciiString.of(fields[i + 1]));
        }
        return headers;
    }

    /** The fields of a request to the test's host. */
    static String[] request(String method, String path, String... more) {
        String[] first = {":method", method, ":scheme", "https", ":authority", TestEdge.HOST, ":path", path};
        String[] all = java.util.Arrays.copyOf(first, first.length + more.length);
        System.arraycopy(more, 0, all, first.length, more.length);
        return all;
    }

    Exchange get(String path, String... more) throws IOException {
        return send(request("GET", path, more));
    }

    /** Sends a request without content. */
    Exchange send(String... fields) throws IOException {
        Exchange exchange = begin(fields);
        exchange.finish();
        return exchange;
    }

    /** Sends a request's head, behind which content may follow. */
    Exchange begin(String... fields) throws IOException {
        Exchange exchange = new Exchange();
        exchange.stream = await(Http3.newRequestStream(connection, exchange));
        await(exchange.stream.writeAndFlush(new DefaultHttp3HeadersFrame(headers(fields))));
        return exchange;
    }

    /** Opens a stream and sends these octets on it. */
    Exchange raw(byte[] octets) throws IOException {
        Exchange exchange = new Exchange();
        exchange.stream = await(connection.createStream(
                io.netty.handler.codec.quic.QuicStreamType.BIDIRECTIONAL, new ChannelInboundHandlerAdapter()));
        exchange.stream.writeAndFlush(Unpooled.copiedBuffer(octets)).syncUninterruptibly();
        return exchange;
    }

    @Override
    public void close() {
        connection.close().awaitUninterruptibly(PATIENCE_SECONDS, TimeUnit.SECONDS);
        socket.close().awaitUninterruptibly(PATIENCE_SECONDS, TimeUnit.SECONDS);
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private final class Connection extends io.netty.channel.ChannelInitializer<QuicChannel> {

        @Override
        protected void initChannel(QuicChannel channel) {
            ChannelHandler control = new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext context, Object frame) {
                    if (frame instanceof Http3GoAwayFrame away) {
                        goAway.complete(away.id());
                    }
                    ReferenceCountUtil.release(frame);
                }
            };
            DefaultHttp3SettingsFrame settings =
                    new DefaultHttp3SettingsFrame(new Http3Settings().maxFieldSectionSize(100_000));
            channel.pipeline()
                    .addLast(new Http3ClientConnectionHandler(control, null, null, settings, true))
                    .addLast(new ChannelInboundHandlerAdapter() {
                        @Override
                        public void userEventTriggered(ChannelHandlerContext context, Object event) {
                            if (event instanceof QuicConnectionCloseEvent close) {
                                closed.complete(close.error());
                            }
                        }

                        @Override
                        public void channelInactive(ChannelHandlerContext context) {
                            closed.completeExceptionally(new IOException("closed without a word"));
                        }
                    });
        }
    }

    /** One request and what comes back. */
    static final class Exchange extends ChannelInboundHandlerAdapter {

        private final List<Integer> interim = new CopyOnWriteArrayList<>();
        private final CompletableFuture<Http3Headers> head = new CompletableFuture<>();
        private final CompletableFuture<byte[]> content = new CompletableFuture<>();
        private final ByteArrayOutputStream soFar = new ByteArrayOutputStream();
        private final AtomicLong received = new AtomicLong();
        private @Nullable QuicStreamChannel stream;

        private QuicStreamChannel stream() {
            return java.util.Objects.requireNonNull(stream);
        }

        /** Sends a piece of content. */
        void send(String piece) throws IOException {
            await(stream()
                    .writeAndFlush(
                            new DefaultHttp3DataFrame(Unpooled.copiedBuffer(piece, StandardCharsets.ISO_8859_1))));
        }

        /** Sends field lines behind the content. */
        void trailers(String... fields) throws IOException {
            await(stream().writeAndFlush(new DefaultHttp3HeadersFrame(headers(fields))));
        }

        /** Ends the request. */
        void finish() {
            stream().eventLoop().execute(() -> stream().shutdownOutput());
        }

        /** Breaks the request off, and wants no response. */
        void cancel() {
            stream()
                    .shutdown(
                            Http3ErrorCode.H3_REQUEST_CANCELLED.code(), stream().newPromise());
        }

        /** Reads on, or no more, so that windows close. */
        void read(boolean on) {
            stream().config().setAutoRead(on);
        }

        int status() throws IOException {
            return Integer.parseInt(await(head).status().toString());
        }

        /** Statuses of interim responses until the final one. */
        List<Integer> interim() throws IOException {
            await(head);
            return interim;
        }

        /** Whether that interim response has come by now. */
        boolean hasInterim(int status) {
            return interim.contains(status);
        }

        @Nullable
        String field(String name) throws IOException {
            CharSequence value = await(head).get(name);
            return value == null ? null : value.toString();
        }

        byte[] octets() throws IOException {
            return await(content);
        }

        String content() throws IOException {
            return new String(octets(), StandardCharsets.ISO_8859_1);
        }

        /** Bytes of content so far. */
        long received() {
            return received.get();
        }

        /** The error code with which the server breaks the stream off. */
        Http3ErrorCode resetCode() throws IOException {
            try {
                octets();
            } catch (IOException e) {
                if (e.getCause() instanceof QuicStreamResetException reset) {
                    return Stream.of(Http3ErrorCode.values())
                            .filter(known -> known.code() == reset.applicationProtocolCode())
                            .findFirst()
                            .orElseThrow(() -> e);
                }
                throw e;
            }
            throw new IOException("the stream has ended well");
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof Http3HeadersFrame frame) {
                int status = Integer.parseInt(frame.headers().status().toString());
                if (status < 200) {
                    interim.add(status);
                } else {
                    head.complete(frame.headers());
                }
            } else if (message instanceof Http3DataFrame frame) {
                ByteBuf piece = frame.content();
                received.addAndGet(piece.readableBytes());
                byte[] octets = new byte[piece.readableBytes()];
                piece.readBytes(octets);
                soFar.writeBytes(octets);
                frame.release();
            } else {
                ReferenceCountUtil.release(message);
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event == ChannelInputShutdownReadComplete.INSTANCE) {
                content.complete(soFar.toByteArray());
                head.completeExceptionally(new IOException("ended without a head"));
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            fail(cause);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            fail(new IOException("closed"));
        }

        private void fail(Throwable cause) {
            head.completeExceptionally(cause);
            content.completeExceptionally(cause);
        }
    }
}
