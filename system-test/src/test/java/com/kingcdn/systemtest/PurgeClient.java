package com.kingcdn.systemtest;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * An operator's tool that has many purges to send: a few connections that stay open, each next request behind the one before without
 * waiting for its answer (RFC 9112 section 9.3.2).
 */
final class PurgeClient implements AutoCloseable {

    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final List<Line> lines = new ArrayList<>();
    private final String head;
    private int turn;

    PurgeClient(URI api, String token, int connections) throws InterruptedException {
        head = "POST /v1/purges HTTP/1.1\r\nHost: " + api.getAuthority() + "\r\nAuthorization: Bearer " + token
                + "\r\nContent-Type: application/json\r\nContent-Length: ";
        for (int i = 0; i < connections; i++) {
            Line line = new Line();
            new Bootstrap()
                    .group(loop)
                    .channel(NioSocketChannel.class)
                    .option(ChannelOption.TCP_NODELAY, true)
                    .handler(new ChannelInitializer<Channel>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            channel.pipeline().addLast(new HttpResponseDecoder(), line);
                        }
                    })
                    .connect(api.getHost(), api.getPort())
                    .sync();
            lines.add(line);
        }
    }

    /** @param answered told the status; 0 when the connection ended before */
    void post(String json, IntConsumer answered) {
        Line line = lines.get(turn++ % lines.size());
        byte[] request = (head + json.length() + "\r\n\r\n" + json).getBytes(StandardCharsets.US_ASCII);
        loop.execute(() -> line.send(request, answered));
    }

    @Override
    public void close() {
        loop.shutdownGracefully();
    }

    /** One connection; all of the loop's thread. */
    private static final class Line extends SimpleChannelInboundHandler<HttpObject> {

        private final Deque<IntConsumer> waiting = new ArrayDeque<>();
        private @Nullable Channel channel;
        private int status;

        private void send(byte[] request, IntConsumer answered) {
            if (channel == null || !channel.isActive()) {
                answered.accept(0);
                return;
            }
            waiting.add(answered);
            channel.writeAndFlush(Unpooled.wrappedBuffer(request));
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            channel = context.channel();
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, HttpObject part) {
            if (part instanceof HttpResponse response) {
                status = response.status().code();
            }
            if (part instanceof LastHttpContent) {
                waiting.remove().accept(status);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            waiting.forEach(each -> each.accept(0));
            waiting.clear();
        }
    }
}
