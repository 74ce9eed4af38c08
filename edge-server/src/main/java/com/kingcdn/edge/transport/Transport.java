package com.kingcdn.edge.transport;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One set of event loops for both sides of the cache, so that most misses never change their thread, with the channels that run on them
 * (ADR 27).
 */
public final class Transport implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Transport.class);

    private final TransportKind kind;
    private final EventLoopGroup group;

    /**
     * Threads that end with the process.
     *
     * @param name begins the threads' names
     * @param threads how many event loops, one at least
     * @param best the kind to have, or the next one after it that this machine has
     */
    public static Transport open(String name, int threads, TransportKind best) {
        TransportKind kind = best.orNext();
        while (true) {
            try {
                return new Transport(name, threads, kind);
            } catch (RuntimeException e) {
                // the kernel has io_uring, and gives no ring: too little locked memory before Linux 5.12, say
                TransportKind next = kind.next();
                if (next == kind) {
                    throw e;
                }
                LOG.warn("no {}, so {}: {}", kind, next, String.valueOf(e.getMessage()));
                kind = next;
            }
        }
    }

    /** The best that this machine has. */
    public static Transport open(String name, int threads) {
        return open(name, threads, TransportKind.IO_URING);
    }

    private Transport(String name, int threads, TransportKind kind) {
        this.kind = kind;
        this.group = new MultiThreadIoEventLoopGroup(
                threads, new DefaultThreadFactory(name + "-" + kind, true), kind.handlers());
    }

    /** Its event loops. */
    public EventLoopGroup group() {
        return group;
    }

    /** How the kernel is reached. */
    public TransportKind kind() {
        return kind;
    }

    /** What listens for connections. */
    public Class<? extends ServerSocketChannel> listening() {
        return kind.listening();
    }

    /** What makes connections. */
    public Class<? extends SocketChannel> connecting() {
        return kind.connecting();
    }

    /** What sends and receives datagrams. */
    public Class<? extends DatagramChannel> datagram() {
        return kind.datagram();
    }

    /** Ends the threads, once what they have begun is done, within seconds. */
    @Override
    public void close() {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(10, TimeUnit.SECONDS);
    }
}
