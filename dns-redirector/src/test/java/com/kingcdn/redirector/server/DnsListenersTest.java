package com.kingcdn.redirector.server;

import static com.kingcdn.redirector.server.DnsMessages.ask;
import static com.kingcdn.redirector.server.DnsMessages.assertAnswers;
import static com.kingcdn.redirector.server.DnsMessages.framed;
import static com.kingcdn.redirector.server.DnsMessages.query;
import static com.kingcdn.redirector.server.DnsMessages.receive;
import static com.kingcdn.redirector.server.DnsMessages.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.kingcdn.redirector.query.QueryHandler;
import com.kingcdn.redirector.query.QueryLog;
import com.kingcdn.redirector.zone.ServingSnapshot;
import com.kingcdn.redirector.zone.SnapshotFixture;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.Socket;
import java.time.Duration;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** The listeners together: UDP and its way to TCP, their end, and addresses that are taken. */
class DnsListenersTest {

    @RegisterExtension
    private final RunningListeners listeners = new RunningListeners();

    @Test
    void answersOverUdp() throws IOException {
        try (DatagramSocket socket = listeners.udp()) {
            Message answer = ask(socket, query("video.netcinema.example.", Type.A, 1));
            assertThat(answer.getSection(Section.ANSWER)).hasSize(5);
            assertThat(answer.getHeader().getID()).isEqualTo(1);
        }
    }

    @Test
    void answersManyClientsOverUdp() throws IOException {
        for (int i = 0; i < 50; i++) {
            try (DatagramSocket socket = listeners.udp()) {
                assertThat(ask(socket, query("static.kingcdn.example.", Type.A, i))
                                .getHeader()
                                .getID())
                        .isEqualTo(i);
            }
        }
    }

    @Test
    void staysAliveUnderRandomDatagrams() throws IOException {
        Random random = new Random(7);
        try (DatagramSocket noisy = listeners.udp();
                DatagramSocket socket = listeners.udp()) {
            for (int i = 0; i < 10_000; i++) {
                byte[] noise = new byte[random.nextInt(1500)];
                random.nextBytes(noise);
                noisy.send(new DatagramPacket(noise, noise.length));
            }
            assertThat(ask(socket, query("static.kingcdn.example.", Type.A, 9)).getRcode())
                    .isEqualTo(Rcode.NOERROR);
        }
    }

    @Test
    void sendsATruncatedClientToTcp_rfc7766_5() throws IOException {
        byte[] query = query("big.kingcdn.example.", Type.TXT, 3);
        try (DatagramSocket socket = listeners.udp();
                Socket tcp = listeners.tcp()) {
            assertThat(ask(socket, query).getHeader().getFlag(Flags.TC)).isTrue();
            send(tcp, query);
            Message whole = receive(tcp);
            assertThat(whole.getHeader().getFlag(Flags.TC)).isFalse();
            assertThat(whole.getSection(Section.ANSWER)).hasSize(1);
        }
    }

    @Test
    void answersWhatHasComeBeforeItCloses() throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(1);
        ServingSnapshot snapshot = SnapshotFixture.snapshot();
        QueryHandler slow = new QueryHandler(
                () -> {
                    begun.countDown();
                    awaitQuietly(held);
                    return snapshot;
                },
                QueryLog.NONE);
        DnsListeners closing = DnsListeners.open(
                new ListenerSettings(RunningListeners.LOOPBACK, 1, ListenerSettings.Tcp.DEFAULT, null, null),
                slow,
                RunningListeners.KEEPALIVE);
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(closing.dnsAddress());
            socket.setSoTimeout(RunningListeners.DEADLINE_MILLIS);
            for (int id = 0; id < 100; id++) {
                byte[] query = query("static.kingcdn.example.", Type.A, id);
                socket.send(new DatagramPacket(query, query.length));
            }
            assertThat(begun.await(RunningListeners.DEADLINE_MILLIS, TimeUnit.MILLISECONDS))
                    .isTrue();
            Thread closer = new Thread(closing::close);
            closer.start();
            await("closing")
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> closer.getState() != Thread.State.RUNNABLE && closer.getState() != Thread.State.NEW);
            held.countDown();
            Set<Integer> answered = new HashSet<>();
            while (answered.size() < 100) {
                answered.add(receive(socket).getHeader().getID());
            }
            closer.join(RunningListeners.DEADLINE_MILLIS);
            assertThat(closer.isAlive()).isFalse();
            assertThatThrownBy(() -> ask(socket, query("static.kingcdn.example.", Type.A, 100)))
                    .as("at once, so that a resolver turns to the next server")
                    .isInstanceOf(PortUnreachableException.class);
        } finally {
            held.countDown();
            closing.close();
        }
    }

    @Test
    void answersWhatHasComeOnConnectionsBeforeItCloses_rfc7766_6_2_3() throws Exception {
        int queries = 2_000;
        try (Socket socket = listeners.tcp()) {
            // else the last piece may wait in our own kernel
            socket.setTcpNoDelay(true);
            assertAnswers(socket);
            CompletableFuture<Integer> answered = CompletableFuture.supplyAsync(() -> answersToTheEnd(socket));
            byte[][] pipeline = new byte[queries][];
            for (int id = 0; id < queries; id++) {
                pipeline[id] = query("static.kingcdn.example.", Type.A, id);
            }
            socket.getOutputStream().write(framed(pipeline));
            listeners.close();
            assertThat(answered.get(RunningListeners.DEADLINE_MILLIS, TimeUnit.MILLISECONDS))
                    .isEqualTo(queries);
        }
    }

    private static int answersToTheEnd(Socket socket) {
        int answers = 0;
        try {
            while (true) {
                receive(socket);
                answers++;
            }
        } catch (IOException end) {
            return answers;
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            assertThat(latch.await(RunningListeners.DEADLINE_MILLIS, TimeUnit.MILLISECONDS))
                    .isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void saysWhichAddressIsTaken() {
        InetSocketAddress taken = listeners.address();
        assertThatThrownBy(() -> DnsListeners.open(
                        new ListenerSettings(taken, 1, ListenerSettings.Tcp.DEFAULT, null, null),
                        RunningListeners.handler(),
                        RunningListeners.KEEPALIVE))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot listen on")
                .hasMessageContaining(String.valueOf(taken.getPort()));
    }
}
