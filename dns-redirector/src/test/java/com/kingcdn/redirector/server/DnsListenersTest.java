package com.kingcdn.redirector.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.kingcdn.redirector.query.QueryHandler;
import com.kingcdn.redirector.query.QueryLog;
import com.kingcdn.redirector.query.TcpKeepalive;
import com.kingcdn.redirector.transfer.ZoneRequests;
import com.kingcdn.redirector.zone.ServingSnapshot;
import com.kingcdn.redirector.zone.SnapshotFixture;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.prometheus.client.CollectorRegistry;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

class DnsListenersTest {

    private static final InetSocketAddress LOOPBACK = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private static final int DEADLINE_MILLIS = 10_000;

    private final ServingSnapshot snapshot = SnapshotFixture.snapshot();
    private final QueryHandler handler = new QueryHandler(() -> snapshot, QueryLog.NONE);
    private final TcpKeepalive keepalive = new TcpKeepalive(Duration.ofSeconds(1));
    private DnsListeners listeners;

    @BeforeEach
    void open() throws IOException {
        listeners = open(new ListenerSettings.Tcp(Duration.ofSeconds(30), 10, 4));
    }

    /** Of those tests only that wait for it: a TLS handshake on a busy machine takes its time too. */
    private void reopen(Duration idle) throws IOException {
        listeners.close();
        listeners = open(new ListenerSettings.Tcp(idle, 10, 4));
    }

    private DnsListeners open(ListenerSettings.Tcp tcp) throws IOException {
        return DnsListeners.open(
                new ListenerSettings(LOOPBACK, 2, tcp, new ListenerSettings.Tls(LOOPBACK, null, null, null), null),
                handler,
                keepalive);
    }

    @AfterEach
    void close() {
        listeners.close();
    }

    // ---- UDP

    @Test
    void answersOverUdp() throws IOException {
        try (DatagramSocket socket = udp()) {
            Message answer = ask(socket, query("video.netcinema.example.", Type.A, 1));
            assertThat(answer.getSection(Section.ANSWER)).hasSize(5);
            assertThat(answer.getHeader().getID()).isEqualTo(1);
        }
    }

    @Test
    void answersManyClientsOverUdp() throws IOException {
        for (int i = 0; i < 50; i++) {
            try (DatagramSocket socket = udp()) {
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
        try (DatagramSocket noisy = udp();
                DatagramSocket socket = udp()) {
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
        try (DatagramSocket socket = udp();
                Socket tcp = tcp()) {
            assertThat(ask(socket, query).getHeader().getFlag(Flags.TC)).isTrue();
            send(tcp, query);
            Message whole = receive(tcp);
            assertThat(whole.getHeader().getFlag(Flags.TC)).isFalse();
            assertThat(whole.getSection(Section.ANSWER)).hasSize(1);
        }
    }

    // ---- TCP

    @Test
    void answersPipelinedQueriesOnOneConnection_rfc7766_6_2_1_1() throws IOException {
        try (Socket socket = tcp()) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(all);
            for (int id = 1; id <= 200; id++) {
                byte[] query = query(id % 2 == 0 ? "a1105.kingcdn.example." : "static.kingcdn.example.", Type.A, id);
                out.writeShort(query.length);
                out.write(query);
            }
            socket.getOutputStream().write(all.toByteArray());
            for (int id = 1; id <= 200; id++) {
                Message answer = receive(socket);
                assertThat(answer.getHeader().getID()).isEqualTo(id);
                assertThat(answer.getSection(Section.ANSWER)).hasSize(id % 2 == 0 ? 4 : 1);
            }
        }
    }

    @Test
    void readsAQueryThatArrivesByteByByte_rfc7766_8() throws IOException {
        try (Socket socket = tcp()) {
            byte[] query = query("static.kingcdn.example.", Type.A, 5);
            socket.getOutputStream().write(query.length >> 8);
            socket.getOutputStream().write(query.length);
            for (byte b : query) {
                socket.getOutputStream().write(b);
                socket.getOutputStream().flush();
            }
            assertThat(receive(socket).getHeader().getID()).isEqualTo(5);
        }
    }

    @Test
    void closesAConnectionThatSendsNoQuery() throws IOException {
        for (byte[] frame : new byte[][] {{0, 0}, {0, 3, 1, 2, 3}, response()}) {
            try (Socket socket = tcp()) {
                socket.getOutputStream().write(frame);
                assertThat(socket.getInputStream().read()).isEqualTo(-1);
            }
        }
    }

    @Test
    void answersWhatCameBeforeWhatIsNoQuery() throws Exception {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(all);
        for (int id = 1; id <= 3; id++) {
            byte[] query = query("static.kingcdn.example.", Type.A, id);
            out.writeShort(query.length);
            out.write(query);
        }
        out.write(new byte[] {0, 3, 1, 2, 3});
        for (Socket each : List.of(tcp(), tls())) {
            try (Socket socket = each) {
                socket.getOutputStream().write(all.toByteArray());
                for (int id = 1; id <= 3; id++) {
                    assertThat(receive(socket).getHeader().getID()).isEqualTo(id);
                }
                assertThat(endOf(socket)).isTrue();
            }
        }
    }

    @Test
    void closesAnIdleConnectionAndOneThatTrickles_rfc7766_6_2_3() throws IOException {
        reopen(Duration.ofMillis(400));
        try (Socket idle = tcp();
                Socket trickling = tcp()) {
            trickling.getOutputStream().write(0);
            assertThat(idle.getInputStream().read()).isEqualTo(-1);
            assertThat(trickling.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void limitsTheConnectionsOfOneClient_rfc7766_6_2_2() throws IOException {
        listeners.close();
        listeners = open(new ListenerSettings.Tcp(Duration.ofSeconds(30), 10, 2));
        try (Socket first = tcp();
                Socket second = tcp()) {
            assertAnswers(first);
            assertAnswers(second);
            try (Socket third = tcp()) {
                assertThat(third.getInputStream().read()).isEqualTo(-1);
            }
            assertAnswers(first);
        }
    }

    @Test
    void survivesAClientThatGoesAway() throws IOException {
        for (int i = 0; i < 20; i++) {
            try (Socket socket = tcp()) {
                socket.setSoLinger(true, 0);
                socket.getOutputStream().write(new byte[] {0, 100, 1});
            }
        }
        try (DatagramSocket socket = udp()) {
            assertThat(ask(socket, query("static.kingcdn.example.", Type.A, 9)).getRcode())
                    .isEqualTo(Rcode.NOERROR);
        }
    }

    /** A client that asks for megabytes and reads nothing costs its socket's buffers, and its time is limited. */
    @Test
    void cutsAClientThatDoesNotTakeItsAnswers_rfc9210_4_4() throws Exception {
        reopen(Duration.ofMillis(400));
        byte[] query = query("big.kingcdn.example.", Type.TXT, 1);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(all);
        for (int i = 0; i < 10_000; i++) {
            out.writeShort(query.length);
            out.write(query);
        }
        try (Socket socket = tcp()) {
            Thread writer = new Thread(() -> {
                try {
                    socket.getOutputStream().write(all.toByteArray());
                } catch (IOException e) {
                    // the cut that is waited for below
                }
            });
            writer.start();
            writer.join(DEADLINE_MILLIS);
            assertThat(writer.isAlive()).as("still writing").isFalse();
            await("cut").atMost(Duration.ofSeconds(10)).until(() -> open("tcp") == 0);
        }
    }

    @Test
    void answersAllOfALongPipelineToAClientThatReadsLate_rfc7766_6_2_1_1() throws Exception {
        listeners.close();
        listeners = open(new ListenerSettings.Tcp(Duration.ofSeconds(30), 10, 4));
        byte[] query = query("big.kingcdn.example.", Type.TXT, 1);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(all);
        for (int i = 0; i < 3_000; i++) {
            out.writeShort(query.length);
            out.write(query);
        }
        try (Socket socket = tcp()) {
            socket.getOutputStream().write(all.toByteArray());
            for (int i = 0; i < 3_000; i++) {
                assertThat(receive(socket).getSection(Section.ANSWER)).hasSize(1);
            }
        }
    }

    /** A message may be of 64 KiB: eight clients that begin one each have half a MiB between them, of 256 KiB. */
    @Test
    void boundsWhatUnfinishedMessagesTakeOfAllClients_rfc9210_4_4() throws Exception {
        listeners.close();
        listeners = open(new ListenerSettings.Tcp(Duration.ofSeconds(30), 10, 10, 256 << 10));
        byte[] begun = new byte[60_000];
        begun[0] = (byte) 0xff;
        begun[1] = (byte) 0xff;
        List<Socket> slow = new ArrayList<>();
        try (Socket other = tcp()) {
            for (int i = 0; i < 8; i++) {
                Socket socket = tcp();
                slow.add(socket);
                socket.getOutputStream().write(begun);
                assertAnswers(other);
            }
            assertThat(endOf(slow.get(0))).as("the oldest").isTrue();
            await("no more than fit").atMost(Duration.ofSeconds(10)).until(() -> open("tcp") <= 5 && unfinished() > 0);
            assertAnswers(other);
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    private static double unfinished() {
        return CollectorRegistry.defaultRegistry.getSampleValue("kingcdn_redirector_connections_unfinished_total");
    }

    // ---- closing

    @Test
    void answersWhatHasComeBeforeItCloses() throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(1);
        QueryHandler slow = new QueryHandler(
                () -> {
                    begun.countDown();
                    awaitQuietly(held);
                    return snapshot;
                },
                QueryLog.NONE);
        DnsListeners closing = DnsListeners.open(
                new ListenerSettings(LOOPBACK, 1, ListenerSettings.Tcp.DEFAULT, null, null), slow, keepalive);
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(closing.dnsAddress());
            socket.setSoTimeout(DEADLINE_MILLIS);
            byte[] buffer = new byte[1500];
            for (int id = 0; id < 100; id++) {
                byte[] query = query("static.kingcdn.example.", Type.A, id);
                socket.send(new DatagramPacket(query, query.length));
            }
            assertThat(begun.await(DEADLINE_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
            Thread closer = new Thread(closing::close);
            closer.start();
            await("closing")
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> closer.getState() != Thread.State.RUNNABLE && closer.getState() != Thread.State.NEW);
            held.countDown();
            Set<Integer> answered = new HashSet<>();
            while (answered.size() < 100) {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                socket.receive(packet);
                answered.add(new Message(Arrays.copyOf(buffer, packet.getLength()))
                        .getHeader()
                        .getID());
            }
            closer.join(DEADLINE_MILLIS);
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
        try (Socket socket = tcp()) {
            // else the last piece may wait in our own kernel
            socket.setTcpNoDelay(true);
            assertAnswers(socket);
            CompletableFuture<Integer> answered = CompletableFuture.supplyAsync(() -> answersToTheEnd(socket));
            ByteArrayOutputStream pipeline = new ByteArrayOutputStream();
            for (int id = 0; id < queries; id++) {
                byte[] query = query("static.kingcdn.example.", Type.A, id);
                pipeline.write(0);
                pipeline.write(query.length);
                pipeline.write(query);
            }
            socket.getOutputStream().write(pipeline.toByteArray());
            listeners.close();
            assertThat(answered.get(DEADLINE_MILLIS, TimeUnit.MILLISECONDS)).isEqualTo(queries);
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

    /** Anybody can ask for these without reading them, and the threads that make them are few. */
    @Test
    void waitsForNobodyToTakeAShortAnswer() throws Exception {
        BlockingQueue<ZoneRequests.Answer> asked = new LinkedBlockingQueue<>();
        try (DnsListeners open = DnsListeners.open(
                        new ListenerSettings(LOOPBACK, 1, ListenerSettings.Tcp.DEFAULT, null, null),
                        handler,
                        keepalive,
                        (request, client, answer) -> asked.add(answer));
                Socket socket = new Socket()) {
            socket.setReceiveBufferSize(4096);
            socket.connect(open.dnsAddress(), DEADLINE_MILLIS);
            byte[] update = query("static.kingcdn.example.", Type.SOA, 1);
            update[2] = 5 << 3;
            send(socket, update);
            ZoneRequests.Answer answer = asked.poll(DEADLINE_MILLIS, TimeUnit.MILLISECONDS);
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

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            assertThat(latch.await(DEADLINE_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    // ---- TLS

    @Test
    void answersPipelinedQueriesOverTls_rfc7858_3_3() throws Exception {
        try (Socket socket = tls()) {
            for (int id = 1; id <= 50; id++) {
                send(socket, query("big.kingcdn.example.", Type.TXT, id));
            }
            for (int id = 1; id <= 50; id++) {
                assertThat(receive(socket).getHeader().getID()).isEqualTo(id);
            }
        }
    }

    @Test
    void closesAConnectionThatDoesNotSpeakTls_rfc7858_3_1() throws Exception {
        try (Socket socket = new Socket()) {
            socket.connect(listeners.dotAddress(), DEADLINE_MILLIS);
            socket.setSoTimeout(DEADLINE_MILLIS);
            send(socket, query("static.kingcdn.example.", Type.A, 1));
            assertThat(endOf(socket)).isTrue();
        }
    }

    @Test
    void closesAnIdleConnectionOverTls_rfc7858_3_4() throws Exception {
        reopen(Duration.ofSeconds(2));
        try (Socket idle = tls()) {
            assertThat(endOf(idle)).isTrue();
        }
    }

    @Test
    void countsConnectionsOfTcpAndTlsTogether_rfc7766_6_2_2() throws Exception {
        listeners.close();
        listeners = open(new ListenerSettings.Tcp(Duration.ofSeconds(30), 10, 2));
        try (Socket first = tcp();
                Socket second = tls()) {
            assertAnswers(first);
            assertAnswers(second);
            try (Socket third = tcp()) {
                assertThat(endOf(third)).isTrue();
            }
        }
    }

    // ---- addresses

    @Test
    void saysWhichAddressIsTaken() {
        InetSocketAddress taken = listeners.dnsAddress();
        assertThatThrownBy(() -> DnsListeners.open(
                        new ListenerSettings(taken, 1, ListenerSettings.Tcp.DEFAULT, null, null), handler, keepalive))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot listen on")
                .hasMessageContaining(String.valueOf(taken.getPort()));
    }

    private static byte[] response() {
        byte[] response = query("static.kingcdn.example.", Type.A, 1);
        response[2] |= (byte) 0x80;
        byte[] frame = new byte[response.length + 2];
        frame[1] = (byte) response.length;
        System.arraycopy(response, 0, frame, 2, response.length);
        return frame;
    }

    private static void assertAnswers(Socket socket) throws IOException {
        send(socket, query("static.kingcdn.example.", Type.A, 77));
        assertThat(receive(socket).getHeader().getID()).isEqualTo(77);
    }

    private DatagramSocket udp() throws IOException {
        DatagramSocket socket = new DatagramSocket();
        socket.connect(listeners.dnsAddress());
        socket.setSoTimeout(500);
        return socket;
    }

    private Socket tls() throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
        Socket plain = new Socket();
        plain.connect(listeners.dotAddress(), DEADLINE_MILLIS);
        plain.setSoTimeout(DEADLINE_MILLIS);
        SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket(plain, "localhost", plain.getPort(), true);
        socket.startHandshake();
        return socket;
    }

    private static boolean endOf(Socket socket) {
        try {
            while (socket.getInputStream().read() != -1) {
                // an alert perhaps
            }
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    private static double open(String transport) {
        return CollectorRegistry.defaultRegistry.getSampleValue(
                "kingcdn_redirector_connections", new String[] {"transport"}, new String[] {transport});
    }

    private Socket tcp() throws IOException {
        Socket socket = new Socket();
        socket.connect(listeners.dnsAddress(), DEADLINE_MILLIS);
        socket.setSoTimeout(DEADLINE_MILLIS);
        return socket;
    }

    /** Asks again when a datagram was lost, as resolvers do. */
    private static Message ask(DatagramSocket socket, byte[] query) throws IOException {
        byte[] buffer = new byte[4096];
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        @Nullable IOException last = null;
        for (int attempt = 0; attempt < 20; attempt++) {
            socket.send(new DatagramPacket(query, query.length));
            try {
                socket.receive(packet);
                return new Message(Arrays.copyOf(buffer, packet.getLength()));
            } catch (SocketTimeoutException e) {
                last = e;
            }
        }
        throw new IOException("no answer", last);
    }

    private static void send(Socket socket, byte[] query) throws IOException {
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        out.writeShort(query.length);
        out.write(query);
        out.flush();
    }

    private static Message receive(Socket socket) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        byte[] answer = new byte[in.readUnsignedShort()];
        in.readFully(answer);
        return new Message(answer);
    }

    private static byte[] query(String name, int type, int id) {
        Message message = new Message(id);
        message.addRecord(Record.newRecord(Name.fromConstantString(name), type, DClass.IN), Section.QUESTION);
        return message.toWire();
    }
}
