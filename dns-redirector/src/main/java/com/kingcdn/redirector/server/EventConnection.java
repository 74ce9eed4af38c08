package com.kingcdn.redirector.server;

import com.kingcdn.redirector.api.EventFeed;
import com.kingcdn.redirector.api.EventSink;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.netty.http.server.HttpServerResponse;

/** The way to one edge over HTTP: one write at a time, and a call when the socket has taken it. */
final class EventConnection implements EventSink {

    private final Channel channel;
    private final MonoSink<Void> end;
    private final AtomicBoolean underWay = new AtomicBoolean();
    private volatile Runnable onReady = () -> {};
    private volatile boolean closed;

    private EventConnection(Channel channel, MonoSink<Void> end) {
        this.channel = channel;
        this.end = end;
    }

    /** The response that follows the log from an edge's last event on. */
    static Publisher<Void> open(HttpServerResponse response, EventFeed feed, @Nullable Long lastEventId) {
        Mono<Void> following = Mono.create(end -> response.withConnection(connection -> {
            EventConnection opened = new EventConnection(connection.channel(), end);
            end.onDispose(() -> {
                opened.closed = true;
                feed.left(opened);
            });
            feed.follow(opened, lastEventId);
        }));
        return response.sse().sendHeaders().then(following);
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    @Override
    public boolean isReady() {
        return !underWay.get();
    }

    @Override
    public void onReady(Runnable task) {
        onReady = task;
    }

    @Override
    public void write(List<byte[]> octets) {
        underWay.set(true);
        // a failed write comes with the connection's end, which is heard of by itself
        channel.writeAndFlush(Unpooled.wrappedBuffer(octets.toArray(byte[][]::new)))
                .addListener(written -> {
                    underWay.set(false);
                    onReady.run();
                });
    }

    @Override
    public void end() {
        end.success();
    }

    @Override
    public void cut() {
        channel.close();
    }
}
