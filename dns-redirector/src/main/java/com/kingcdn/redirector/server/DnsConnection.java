package com.kingcdn.redirector.server;

import com.kingcdn.redirector.query.Transport;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.DecoderException;
import io.netty.util.concurrent.FastThreadLocal;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection over TCP or TLS (RFC 7766, RFC 7858): any number of queries, also before the first is answered; answers come in order, but for
 * those of zone requests.
 *
 * <p>Queries are answered only while the client takes the answers, so what is kept for it is bounded: what one read brought, and a few
 * answers; what unfinished messages take of all clients together is bounded by {@link UnreadMemory}. It ends when it goes without a whole query for a while, whether it sends none, sends it in trickles, or does not take
 * answers; and when it sends what is no query.
 */
final class DnsConnection extends ChannelInboundHandlerAdapter implements UnreadMemory.Holder {

    private static final Logger LOG = LoggerFactory.getLogger(DnsConnection.class);
    private static final int LONGEST_MESSAGE = 65535;
    /** Sent at the latest with so many bytes, since what TLS holds back does not count as unsent. */
    private static final int MOST_UNFLUSHED = 16 << 10;
    /** How often it is looked whether the time for idle ones has become shorter. */
    private static final long MOST_NANOS_BETWEEN_CHECKS = TimeUnit.SECONDS.toNanos(1);

    private static final FastThreadLocal<byte[]> ANSWERS = new FastThreadLocal<>() {
        @Override
        protected byte[] initialValue() {
            return new byte[LONGEST_MESSAGE];
        }
    };

    private final QueryTaker queries;
    private final Transport transport;
    private final ConnectionLimits limits;
    private final InetSocketAddress client;

    private @Nullable ByteBuf unread;
    /** What was last said of its memory. */
    private int counted;

    private @Nullable Channel channel;
    private boolean answering;
    private int unflushed;
    private long reads;
    private long lastQuery = System.nanoTime();
    private @Nullable Future<?> idleCheck;

    DnsConnection(QueryTaker queries, Transport transport, ConnectionLimits limits, InetSocketAddress client) {
        this.queries = queries;
        this.transport = transport;
        this.limits = limits;
        this.client = client;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        channel = context.channel();
        checkIdle(context);
    }

    private void checkIdle(ChannelHandlerContext context) {
        long left = limits.idle().toNanos() - (System.nanoTime() - lastQuery);
        if (left <= 0 && !isBusy(context.channel())) {
            ConnectionMetrics.idle();
            context.close();
            return;
        }
        idleCheck = context.executor()
                .schedule(
                        () -> checkIdle(context),
                        left <= 0 ? MOST_NANOS_BETWEEN_CHECKS : Math.min(left, MOST_NANOS_BETWEEN_CHECKS),
                        TimeUnit.NANOSECONDS);
    }

    /** Whether we have still to answer (RFC 7766 section 3). */
    private boolean isBusy(Channel connection) {
        return LaterAnswer.isSending(connection) || LaterAnswer.isAwaited(connection, lastQuery);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        reads++;
        unread = unread == null ? bytes : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(context.alloc(), unread, bytes);
        answerAll(context);
    }

    /** How often something has come; on the connection's loop. */
    long reads() {
        return reads;
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        flush(context);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (context.channel().isWritable()) {
            answerAll(context);
            flush(context);
        }
        context.channel().config().setAutoRead(context.channel().isWritable());
        context.fireChannelWritabilityChanged();
    }

    /** Answers the whole queries that have come, as long as answers are taken. */
    private void answerAll(ChannelHandlerContext context) {
        if (answering) {
            return;
        }
        answering = true;
        boolean answered = false;
        @Nullable ByteBuf in = unread;
        try {
            while (in != null
                    && context.channel().isActive()
                    && context.channel().isWritable()
                    && isWhole(in)) {
                answer(context, in);
                answered = true;
                if (unflushed >= MOST_UNFLUSHED) {
                    flush(context);
                }
            }
        } finally {
            // also after a defect: what is unread is released when the connection ends
            answering = false;
        }
        if (in != null && !(in.isReadable() && context.channel().isActive())) {
            in.release();
            unread = null;
        }
        if (answered) {
            // what is unfinished now has begun but now
            count(0);
        }
        count(unread == null ? 0 : unread.capacity());
    }

    private void count(int bytes) {
        if (bytes != counted) {
            counted = bytes;
            limits.unread().set(this, bytes);
        }
    }

    @Override
    public void giveUp() {
        if (channel != null) {
            channel.close();
        }
    }

    private static boolean isWhole(ByteBuf in) {
        return in.readableBytes() >= 2 && in.readableBytes() - 2 >= in.getUnsignedShort(in.readerIndex());
    }

    private void answer(ChannelHandlerContext context, ByteBuf in) {
        byte[] query = new byte[in.readUnsignedShort()];
        in.readBytes(query);
        byte[] answer = ANSWERS.get();
        int length =
                queries.answer(query, query.length, client, transport, answer, () -> LaterAnswer.on(context.channel()));
        if (length == 0) {
            // answers to what came before it would be lost with the connection
            flush(context);
            context.close();
            return;
        }
        lastQuery = System.nanoTime();
        if (length < 0) {
            return;
        }
        ByteBuf out = context.alloc().directBuffer(2 + length);
        out.writeShort(length).writeBytes(answer, 0, length);
        context.write(out, context.voidPromise());
        unflushed += 2 + length;
    }

    private void flush(ChannelHandlerContext context) {
        if (unflushed > 0) {
            unflushed = 0;
            context.flush();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        discard();
        context.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        discard();
    }

    private void discard() {
        if (idleCheck != null) {
            idleCheck.cancel(false);
            idleCheck = null;
        }
        if (unread != null && !answering) {
            unread.release();
            unread = null;
        }
        if (unread == null) {
            count(0);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // what a client does to its connection, or sends instead of TLS, is no error of ours
        if (cause instanceof IOException || cause instanceof DecoderException) {
            LOG.debug("{} connection of {}", transport, client, cause);
        } else {
            MessageFailures.failed(transport, cause);
        }
        context.close();
    }
}
