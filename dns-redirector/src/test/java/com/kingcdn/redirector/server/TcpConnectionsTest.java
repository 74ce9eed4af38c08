package com.kingcdn.redirector.server;

import static com.kingcdn.redirector.server.DnsMessages.ask;
import static com.kingcdn.redirector.server.DnsMessages.assertAnswers;
import static com.kingcdn.redirector.server.DnsMessages.ends;
import static com.kingcdn.redirector.server.DnsMessages.framed;
import static com.kingcdn.redirector.server.DnsMessages.query;
import static com.kingcdn.redirector.server.DnsMessages.receive;
import static com.kingcdn.redirector.server.DnsMessages.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.kingcdn.redirector.transfer.ZoneRequests;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** Connections of TCP as clients use and misuse them: RFC 7766, RFC 9210. */
class TcpConnectionsTest {

    @RegisterExtension
    private final RunningListeners listeners = new RunningListeners();

    @Test
    void answersPipelinedQueriesOnOneConnection_rfc7766_6_2_1_1() throws IOException {
        try (Socket socket = listeners.tcp()) {
            byte[][] queries = new byte[200][];
            for (int id = 1; id <= 200; id++) {
                queries[id - 1] = query(id % 2 == 0 ? "a1105.kingcdn.example." : "static.kingcdn.example.", Type.A, id);
            }
            socket.getOutputStream().write(framed(queries));
            for (int id = 1; id <= 200; id++) {
                Message answer = receive(socket);
                assertThat(answer.getHeader().getID()).isEqualTo(id);
                assertThat(answer.getSection(Section.ANSWER)).hasSize(id % 2 == 0 ? 4 : 1);
            }
        }
    }

    @Test
    void readsAQueryThatArrivesByteByByte_rfc7766_8() throws IOException {
        try (Socket socket = listeners.tcp()) {
            for (byte b : framed(query("static.kingcdn.example.", Type.A, 5))) {
                socket.getOutputStream().write(b);
                socket.getOutputStream().flush();
            }
            assertThat(receive(socket).getHeader().getID()).isEqualTo(5);
        }
    }

    @Test
    void closesAConnectionThatSendsNoQuery() throws IOException {
        for (byte[] frame : new byte[][] {{0, 0}, {0, 3, 1, 2, 3}, response()}) {
            try (Socket socket = listeners.tcp()) {
                socket.getOutputStream().write(frame);
                assertThat(socket.getInputStream().read()).isEqualTo(-1);
            }
        }
    }

    @Test
    void answersWhatCameBeforeWhatIsNoQuery() throws Exception {
        byte[] all = framed(
                query("static.kingcdn.example.", Type.A, 1),
                query("static.kingcdn.example.", Type.A, 2),
                query("static.kingcdn.example.", Type.A, 3),
                new byte[] {1, 2, 3});
        for (Socket each : List.of(listeners.tcp(), listeners.tls())) {
            try (Socket socket = each) {
                socket.getOutputStream().write(all);
                for (int id = 1; id <= 3; id++) {
                    assertThat(receive(socket).getHeader().getID()).isEqualTo(id);
                }
                assertThat(ends(socket)).isTrue();
            }
        }
    }

    @Test
    void closesAnIdleConnectionAndOneThatTrickles_rfc7766_6_2_3() throws IOException {
        listeners.reopen(new ListenerSettings.Tcp(Duration.ofMillis(400), 10, 4));
        try (Socket idle = listeners.tcp();
                Socket trickling = listeners.tcp()) {
            trickling.getOutputStream().write(0);
            assertThat(idle.getInputStream().read()).isEqualTo(-1);
            assertThat(trickling.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void limitsTheConnectionsOfOneClient_rfc7766_6_2_2() throws IOException {
        listeners.reopen(new ListenerSettings.Tcp(Duration.ofSeconds(30), 10, 2));
        try (Socket first = listeners.tcp();
                Socket second = listeners.tcp()) {
            assertAnswers(first);
            assertAnswers(second);
            try (Socket third = listeners.tcp()) {
                assertThat(third.getInputStream().read()).isEqualTo(-1);
            }
            assertAnswers(first);
        }
    }

    @Test
    void survivesAClientThatGoesAway() throws IOException {
        for (int i = 0; i < 20; i++) {
            try (Socket socket = listeners.tcp()) {
                socket.setSoLinger(true, 0);
                socket.getOutputStream().write(new byte[] {0, 100, 1});
            }
        }
        try (DatagramSocket socket = listeners.udp()) {
            assertThat(ask(socket, query("static.kingcdn.example.", Type.A, 9)).getRcode())
                    .isEqualTo(Rcode.NOERROR);
        }
    }

    /** A client that asks for megabytes and reads nothing costs its socket's buffers, and its time is limited. */
    @Test
    void cutsAClientThatDoesNotTakeItsAnswers_rfc9210_4_4() throws Exception {
        listeners.reopen(new ListenerSettings.Tcp(Duration.ofMillis(400), 10, 4));
        byte[] all = framed(10_000, query("big.kingcdn.example.", Type.TXT, 1));
        try (Socket socket = listeners.tcp()) {
            Thread writer = new Thread(() -> {
                try {
                    socket.getOutputStream().write(all);
                } catch (IOException e) {
                    // the cut that is waited for below
                }
            });
            writer.start();
            writer.join(RunningListeners.DEADLINE_MILLIS);
            assertThat(writer.isAlive()).as("still writing").isFalse();
            await("cut").atMost(Duration.ofSeconds(10)).until(() -> RunningListeners.connections("tcp") == 0);
        }
    }

    @Test
    void answersAllOfALongPipelineToAClientThatReadsLate_rfc7766_6_2_1_1() throws Exception {
        try (Socket socket = listeners.tcp()) {
            socket.getOutputStream().write(framed(3_000, query("big.kingcdn.example.", Type.TXT, 1)));
            for (int i = 0; i < 3_000; i++) {
                assertThat(receive(socket).getSection(Section.ANSWER)).hasSize(1);
            }
        }
    }

    /** A message may be of 64 KiB: eight clients that begin one each have half a MiB between them, of 256 KiB. */
    @Test
    void boundsWhatUnfinishedMessagesTakeOfAllClients_rfc9210_4_4() throws Exception {
        listeners.reopen(new ListenerSettings.Tcp(Duration.ofSeconds(30), 10, 10, 256 << 10));
        byte[] begun = new byte[60_000];
        begun[0] = (byte) 0xff;
        begun[1] = (byte) 0xff;
        List<Socket> slow = new ArrayList<>();
        try (Socket other = listeners.tcp()) {
            for (int i = 0; i < 8; i++) {
                Socket socket = listeners.tcp();
                slow.add(socket);
                socket.getOutputStream().write(begun);
                assertAnswers(other);
            }
            assertThat(ends(slow.get(0))).as("the oldest").isTrue();
            await("no more than fit")
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> RunningListeners.connections("tcp") <= 5 && unfinished() > 0);
            assertAnswers(other);
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    /** Anybody can ask for these without reading them, and the threads that make them are few. */
    @Test
    void waitsForNobodyToTakeAShortAnswer() throws Exception {
        BlockingQueue<ZoneRequests.Answer> asked = new LinkedBlockingQueue<>();
        try (DnsListeners open = DnsListeners.open(
                        new ListenerSettings(RunningListeners.LOOPBACK, 1, ListenerSettings.Tcp.DEFAULT, null, null),
                        RunningListeners.handler(),
                        RunningListeners.KEEPALIVE,
                        (request, client, answer) -> asked.add(answer));
                Socket socket = new Socket()) {
            socket.setReceiveBufferSize(4096);
            socket.connect(open.dnsAddress(), RunningListeners.DEADLINE_MILLIS);
            byte[] update = query("static.kingcdn.example.", Type.SOA, 1);
            update[2] = 5 << 3;
            send(socket, update);
            ZoneRequests.Answer answer = asked.poll(RunningListeners.DEADLINE_MILLIS, TimeUnit.MILLISECONDS);
            assertThat(answer).isNotNull();
            CompletableFuture<Void> all = CompletableFuture.runAsync(() -> {
                // more than kernels take for one connection
                for (int i = 0; i < 200; i++) {
                    answer.reply(new byte[60_000]);
                }
            });
            assertThat(all).as("though nothing is read").succeedsWithin(Duration.ofSeconds(15));
        }
    }

    /** Such as an update that is not served before a rebuild that was under way is done. */
    @Test
    void keepsAConnectionThatWaitsForItsAnswer_rfc7766_3() throws Exception {
        BlockingQueue<ZoneRequests.Answer> asked = new LinkedBlockingQueue<>();
        ListenerSettings.Tcp limits = new ListenerSettings.Tcp(Duration.ofMillis(400), 10, 4);
        try (DnsListeners open = DnsListeners.open(
                        new ListenerSettings(RunningListeners.LOOPBACK, 1, limits, null, null),
                        RunningListeners.handler(),
                        RunningListeners.KEEPALIVE,
                        (request, client, answer) -> asked.add(answer));
                Socket waiting = new Socket();
                Socket idle = new Socket()) {
            waiting.connect(open.dnsAddress(), RunningListeners.DEADLINE_MILLIS);
            waiting.setSoTimeout(RunningListeners.DEADLINE_MILLIS);
            byte[] update = query("static.kingcdn.example.", Type.SOA, 1);
            update[2] = 5 << 3;
            send(waiting, update);
            ZoneRequests.Answer answer = asked.poll(RunningListeners.DEADLINE_MILLIS, TimeUnit.MILLISECONDS);
            assertThat(answer).isNotNull();
            idle.connect(open.dnsAddress(), RunningListeners.DEADLINE_MILLIS);
            idle.setSoTimeout(RunningListeners.DEADLINE_MILLIS);
            assertThat(ends(idle)).as("one that came later").isTrue();
            update[2] |= (byte) 0x80;
            answer.reply(update);
            assertThat(receive(waiting).getHeader().getID()).isEqualTo(1);
            assertThat(ends(waiting)).as("when it has its answer").isTrue();
        }
    }

    private static double unfinished() {
        return CollectorRegistry.defaultRegistry.getSampleValue("kingcdn_redirector_connections_unfinished_total");
    }

    private static byte[] response() {
        byte[] response = query("static.kingcdn.example.", Type.A, 1);
        response[2] |= (byte) 0x80;
        return framed(response);
    }
}
