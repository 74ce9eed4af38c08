package com.kingcdn.edge.probe;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.control.ProbeTarget;
import com.kingcdn.control.RttMethod;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.ReferenceCountUtil;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class IcmpProbesTest {

    private static final int TIMEOUT_MILLIS = 2_000;
    private static final String TARGET = "9.9.9.9";
    private static final String TARGET_IPV6 = "2620:fe::9";

    private final List<String> outcomes = new ArrayList<>();
    private final EmbeddedChannel socket = new EmbeddedChannel();

    private final class Outcomes implements ProbeListener {
        @Override
        public void answered(Probe probe, long nanos) {
            assertThat(nanos).isPositive();
            outcomes.add("answered");
        }

        @Override
        public void lost(Probe probe) {
            outcomes.add("lost");
        }

        @Override
        public void unsent(Probe probe) {
            outcomes.add("unsent");
        }
    }

    @BeforeEach
    void stopTheClock() {
        socket.freezeTime();
    }

    @AfterEach
    void close() {
        socket.finishAndReleaseAll();
    }

    private IcmpProbes probes(boolean ipv4) {
        IcmpProbes probes =
                new IcmpProbes(socket, ipv4, new WaitingProbes(socket.eventLoop(), TIMEOUT_MILLIS, new Outcomes()));
        socket.pipeline().addLast(probes);
        return probes;
    }

    private byte[] sent(IcmpProbes probes, String address) throws UnknownHostException {
        ProbeTarget target = new ProbeTarget(address, null);
        probes.send(
                new Probe(target, new ProbeStep(RttMethod.ICMP, 0), new ProbedTarget(target, 0)),
                InetAddress.getByName(address));
        DatagramPacket packet = socket.readOutbound();
        try {
            assertThat(packet.recipient().getAddress()).isEqualTo(InetAddress.getByName(address));
            return ByteBufUtil.getBytes(packet.content());
        } finally {
            packet.release();
        }
    }

    /** An answer to an echo, as the kernel hands it over: with the socket's identifier. */
    private static byte[] answer(byte[] echo, int type) {
        byte[] answer = echo.clone();
        answer[0] = (byte) type;
        answer[2] = 17;
        answer[3] = 18;
        answer[4] = 19;
        return answer;
    }

    private void receive(String sender, byte[] message) throws UnknownHostException {
        ByteBuf content = Unpooled.wrappedBuffer(message);
        socket.writeInbound(new DatagramPacket(
                content, new InetSocketAddress("0.0.0.0", 0), new InetSocketAddress(InetAddress.getByName(sender), 0)));
        assertThat(content.refCnt()).isZero();
    }

    private void passTimeout() {
        socket.advanceTimeBy(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
        socket.runScheduledPendingTasks();
    }

    @Test
    void anEchoIsSixteenOctets_andItsAnswerCountsOnce() throws Exception {
        IcmpProbes probes = probes(true);
        byte[] echo = sent(probes, TARGET);
        assertThat(echo).hasSize(16).startsWith(8, 0, 0, 0, 0, 0);
        receive(TARGET, answer(echo, 0));
        receive(TARGET, answer(echo, 0));
        passTimeout();
        assertThat(outcomes).containsExactly("answered");
    }

    @Test
    void overIpv6TypesAreOthers() throws Exception {
        IcmpProbes probes = probes(false);
        byte[] echo = sent(probes, TARGET_IPV6);
        assertThat(echo).hasSize(16).startsWith(128, 0, 0, 0, 0, 0);
        receive(TARGET_IPV6, answer(echo, 0));
        assertThat(outcomes).isEmpty();
        receive(TARGET_IPV6, answer(echo, 129));
        assertThat(outcomes).containsExactly("answered");
    }

    @Test
    void noTwoEchoesAreAlike() throws Exception {
        IcmpProbes probes = probes(true);
        byte[] one = sent(probes, TARGET);
        byte[] other = sent(probes, TARGET);
        assertThat(ByteBufUtil.hexDump(one, 6, 2)).isNotEqualTo(ByteBufUtil.hexDump(other, 6, 2));
        assertThat(ByteBufUtil.hexDump(one, 8, 8)).isNotEqualTo(ByteBufUtil.hexDump(other, 8, 8));
    }

    @Test
    void whatIsNoAnswerOfTheTargetToThatEcho_countsForNothing() throws Exception {
        IcmpProbes probes = probes(true);
        byte[] echo = sent(probes, TARGET);
        receive("9.9.9.10", answer(echo, 0));
        receive(TARGET, answer(echo, 8));
        receive(TARGET, answer(echo, 3));
        receive(TARGET, answer(echo, 129));
        for (int at : new int[] {1, 6, 7, 8, 15}) {
            byte[] forged = answer(echo, 0);
            forged[at] ^= 1;
            receive(TARGET, forged);
        }
        byte[] answer = answer(echo, 0);
        for (int length = 1; length < answer.length; length++) {
            receive(TARGET, Arrays.copyOf(answer, length));
        }
        receive(TARGET, Arrays.copyOf(answer, answer.length + 1));
        assertThat(outcomes).isEmpty();
        passTimeout();
        assertThat(outcomes).containsExactly("lost");
        receive(TARGET, answer);
        assertThat(outcomes).as("too late").containsExactly("lost");
    }

    @Test
    void anEchoThatCannotBeSentIsLost() throws Exception {
        IcmpProbes probes = probes(true);
        socket.pipeline().addFirst(new ChannelOutboundHandlerAdapter() {
            @Override
            public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
                ReferenceCountUtil.release(message);
                promise.setFailure(new ConnectException("Network is unreachable"));
            }
        });
        ProbeTarget target = new ProbeTarget(TARGET, null);
        probes.send(
                new Probe(target, new ProbeStep(RttMethod.ICMP, 0), new ProbedTarget(target, 0)),
                InetAddress.getByName(TARGET));
        passTimeout();
        assertThat(outcomes).containsExactly("lost");
    }

    @Test
    void thoseThatWaitAreBounded() throws Exception {
        IcmpProbes probes = probes(true);
        for (int i = 0; i < 1 << 14; i++) {
            sent(probes, TARGET);
        }
        assertThat(outcomes).isEmpty();
        ProbeTarget target = new ProbeTarget(TARGET, null);
        probes.send(
                new Probe(target, new ProbeStep(RttMethod.ICMP, 0), new ProbedTarget(target, 0)),
                InetAddress.getByName(TARGET));
        assertThat(outcomes).containsExactly("unsent");
        assertThat(socket.outboundMessages()).isEmpty();
    }
}
