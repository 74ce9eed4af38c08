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
import java.util.Deque;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * An operator's tool that has many purges to send: connections that stay open, one request at a time on each. Those for which none is
 * free wait in line.
 */
final class PurgeClient implements AutoCloseable {

    /** @param answered told the status; 0 when the connection ended before */
    private record Call(String request, IntConsumer answered) {}

    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final String head;

    // of the loop's thread
    private final Deque<Line> free = new ArrayDeque<>();
    private final Deque<Call> waiting = new ArrayDeque<>();

    PurgeClient(URI api, String token, int connections) throws InterruptedException {
        head = "POST /v1/purges HTTP/1.1\r\nHost: " + api.getAuthority() + "\r\nAuthorization: Bearer " + token
                + "\r\nContent-Type: application/json\r\nContent-Length: ";
        for (int i = 0; i < connections; i++) {
            new Bootstrap()
                    .group(loop)
                    .channel(NioSocketChannel.class)
                    .option(ChannelOption.TCP_NODELAY, true)
                    .handler(new ChannelInitializer<Channel>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            channel.pipeline().addLast(new HttpResponseDecoder(), new Line(channel));
                        }
                    })
                    .connect(api.getHost(), api.getPort())
                    .sync();
        }
    }

    /** @param answered told the status; 0 when the connection ended before */
    void post(String json, IntConsumer answered) {
        String request = head + json.length() + "\r\n\r\n" + json;
        loop.execute(() -> {
            waiting.add(new Call(request, answered));
            sendNext();
        });
    }

    private void sendNext() {
        if (!free.isEmpty() && !waiting.isEmpty()) {
            free.remove().send(waiting.remove());
        }
    }

    @Override
    public void close() {
        loop.shutdownGracefully();
    }

    /** One connection; of the loop's thread. */
    private final class Line extends SimpleChannelInboundHandler<HttpObject> {

        private final Channel channel;
        private @Nullable IntConsumer answered;
        private int status;

        private Line(Channel channel) {
            this.channel = channel;
        }

        private void send(Call call) {
            answered = call.answered;
            channel.writeAndFlush(Unpooled.copiedBuffer(call.request, StandardCharsets.US_ASCII));
        }

        private void answer(int result) {
            IntConsumer told = answered;
            answered = null;
            if (told != null) {
                told.accept(result);
            }
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            free.add(this);
            sendNext();
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, HttpObject part) {
            if (part instanceof HttpResponse response) {
                status = response.status().code();
            }
            if (part instanceof LastHttpContent) {
                answer(status);
                free.add(this);
                sendNext();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            free.remove(this);
            answer(0);
        }
    }
}
