package com.kingcdn.edge.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.kingcdn.edge.transport.Transport;
import com.kingcdn.edge.transport.TransportKind;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A listening socket when things go wrong. */
@Timeout(60)
class ListenerTest {

    private static final int FILES = 400;
    private static final int WAITING = 8;

    /** Clients wait in the kernel's queue meanwhile, and are served once there are files again. */
    @ParameterizedTest
    @EnumSource(TransportKind.class)
    void withoutFilesToBeHadItTriesOnceASecond(TransportKind kind) throws Exception {
        assertThat(kind.isAvailable()).isTrue();
        Process victim = start(kind);
        try (BufferedReader said =
                        new BufferedReader(new InputStreamReader(victim.getInputStream(), StandardCharsets.US_ASCII));
                OutputStream orders = victim.getOutputStream()) {
            int port = Integer.parseInt(lineOfDigits(said));
            assertThat(greeting(port)).isEqualTo("hello");
            tell(orders, '1');
            while (!"full".equals(said.readLine())) {
                // log lines
            }
            List<Socket> waiting = new ArrayList<>();
            try {
                // several, since files that the process itself had used for a moment may have come free
                for (int i = 0; i < WAITING; i++) {
                    waiting.add(new Socket(InetAddress.getLoopbackAddress(), port));
                }
                assertThat(Integer.parseInt(lineOfDigits(said)))
                        .as("tries in two seconds")
                        .isLessThan(4);
                for (Socket client : waiting) {
                    client.setSoTimeout(10_000);
                    assertThat(new String(client.getInputStream().readNBytes(5), StandardCharsets.US_ASCII))
                            .isEqualTo("hello");
                }
            } finally {
                for (Socket client : waiting) {
                    client.close();
                }
            }
            tell(orders, '2');
            assertThat(victim.waitFor()).isZero();
        } finally {
            victim.destroyForcibly().waitFor();
        }
    }

    /** One that is accepted while the listener drains is told, too: it would else keep the process for as long as others may. */
    @ParameterizedTest
    @EnumSource(TransportKind.class)
    void aConnectionThatComesInTheLastMomentIsToldToo(TransportKind kind) throws Exception {
        CountDownLatch accepted = new CountDownLatch(1);
        CountDownLatch drained = new CountDownLatch(1);
        // the socket and its first connection have an event loop each
        try (Transport transport = Transport.open("test-listener", 2, kind)) {
            Listener listener =
                    Listener.open(transport, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), channel -> {
                        channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                            @Override
                            public void userEventTriggered(ChannelHandlerContext context, Object event) {
                                if (event == ConnectionEnd.STOP) {
                                    context.close();
                                }
                            }
                        });
                        accepted.countDown();
                        await().until(() -> drained.getCount() == 0);
                        return true;
                    });
            try (Socket client = new Socket(
                    InetAddress.getLoopbackAddress(), listener.address().getPort())) {
                accepted.await();
                listener.drain();
                drained.countDown();
                client.setSoTimeout(10_000);
                assertThat(client.getInputStream().read()).isNegative();
            }
        }
    }

    /** An event loop may hang, and a handler wait for what does not come. */
    @Test
    void aConnectionThatDoesNotCloseKeepsNobodyFromStopping() {
        EmbeddedChannel stubborn = new EmbeddedChannel(new ChannelOutboundHandlerAdapter() {
            @Override
            public void close(ChannelHandlerContext context, ChannelPromise promise) {
                // it stays
            }
        });
        ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
        connections.add(stubborn);
        Listener.await(connections, System.nanoTime());
        assertThat(stubborn.isOpen()).isTrue();
        stubborn.pipeline().removeFirst();
        stubborn.finishAndReleaseAll();
    }

    private static Process start(TransportKind kind) throws IOException {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return new ProcessBuilder(List.of(
                        "/bin/sh",
                        "-c",
                        "ulimit -n " + FILES + " && exec \"$@\"",
                        "sh",
                        java,
                        "-Xmx128m",
                        "-cp",
                        classPath,
                        ListenerVictim.class.getName(),
                        kind.name()))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static String greeting(int port) throws IOException {
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
            client.setSoTimeout(10_000);
            return new String(client.getInputStream().readNBytes(5), StandardCharsets.US_ASCII);
        }
    }

    /** The next line that is a number; logs come by the same way. */
    private static String lineOfDigits(BufferedReader said) throws IOException {
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            if (line.matches("[0-9]+")) {
                return line;
            }
        }
        throw new IOException("it has ended");
    }

    private static void tell(OutputStream orders, char what) throws IOException {
        orders.write(what);
        orders.flush();
    }
}
