package com.kingcdn.edge.probe;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.control.ProbeTarget;
import com.kingcdn.control.RttMethod;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class TcpProbesTest {

    private static final BlockingQueue<Integer> TIMEOUTS = new LinkedBlockingQueue<>();

    /** One that cannot be made, as when a process has as many files open as it may. */
    public abstract static class NoFileLeft extends NioSocketChannel {}

    /** Notes for how long it may try, and is there at once. */
    public static final class AtOnce extends NioSocketChannel {
        @Override
        protected boolean doConnect(SocketAddress remote, SocketAddress local) {
            return TIMEOUTS.add(config().getConnectTimeoutMillis());
        }
    }

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final EventLoop loop = group.next();
    private final BlockingQueue<String> outcomes = new LinkedBlockingQueue<>();

    private final class Outcomes implements ProbeListener {
        @Override
        public void answered(Probe probe, long nanos) {
            outcomes.add("answered " + loop.inEventLoop());
        }

        @Override
        public void lost(Probe probe) {
            outcomes.add("lost " + loop.inEventLoop());
        }

        @Override
        public void unsent(Probe probe) {
            outcomes.add("unsent " + loop.inEventLoop());
        }
    }

    @AfterEach
    void close() {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private String outcome(Class<? extends SocketChannel> channel, long timeoutMillis) throws InterruptedException {
        ProbeTarget target = new ProbeTarget("9.9.9.9", null);
        Probe probe = new Probe(target, new ProbeStep(RttMethod.TCP, 53), new ProbedTarget(target, 0));
        TcpProbes probes = new TcpProbes(loop, channel, timeoutMillis, new Outcomes());
        loop.execute(() -> probes.send(probe, new InetSocketAddress("9.9.9.9", 53), null));
        return String.valueOf(outcomes.poll(20, TimeUnit.SECONDS));
    }

    @Test
    void withoutAFileLeftForAConnectionTheProbeIsUnsent_onTheProbersThread() throws Exception {
        assertThat(outcome(NoFileLeft.class, 400)).isEqualTo("unsent true");
    }

    /** RFC 6298 section 2.1: until there is a measurement the timer is one second. */
    @Test
    void noneWaitsUntilTheKernelSendsItsSynAgain() throws Exception {
        assertThat(outcome(AtOnce.class, 2_000)).isEqualTo("answered true");
        assertThat(TIMEOUTS.take()).isLessThan(1_000);
        assertThat(outcome(AtOnce.class, 400)).isEqualTo("answered true");
        assertThat(TIMEOUTS.take()).isEqualTo(400);
    }
}
