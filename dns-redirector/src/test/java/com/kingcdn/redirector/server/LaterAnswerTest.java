package com.kingcdn.redirector.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LaterAnswerTest {

    private final List<ChannelPromise> writes = new ArrayList<>();
    private final EmbeddedChannel connection = new EmbeddedChannel(new ChannelOutboundHandlerAdapter() {
        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            ReferenceCountUtil.release(message);
            writes.add(promise);
        }
    });

    /** Made on another thread, it waits for the connection's loop, which may be about to close what is idle. */
    @Test
    void isAwaitedUntilTheSystemHasIt() {
        long asked = System.nanoTime();
        LaterAnswer answer = LaterAnswer.on(connection);
        assertThat(LaterAnswer.isAwaited(connection, asked)).isTrue();

        answer.reply(new byte[12]);
        assertThat(writes).hasSize(1);
        assertThat(LaterAnswer.isAwaited(connection, asked)).isTrue();

        writes.get(0).setSuccess();
        assertThat(LaterAnswer.isAwaited(connection, asked)).isFalse();
    }
}
