package com.kingcdn.redirector.server;

import static com.kingcdn.redirector.server.DnsMessages.receive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.kingcdn.redirector.query.QueryHandler;
import com.kingcdn.redirector.query.QueryLog;
import com.kingcdn.redirector.transfer.ZoneRequests;
import com.kingcdn.redirector.zone.ServingSnapshot;
import com.kingcdn.redirector.zone.SnapshotFixture;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** Both ways to answer UDP are held to the same. Java 18 to 21 has but one of them. */
class UdpListenerTest {

    private static final byte[] IPV6_LOOPBACK = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

    private final ServingSnapshot snapshot = SnapshotFixture.snapshot();
    private final QueryTaker queries =
            new QueryTaker(new QueryHandler(() -> snapshot, QueryLog.NONE), UdpListenerTest::answerLater);
    private final EventLoopGroup group =
            new MultiThreadIoEventLoopGroup(2, DnsTransport.best().ioHandlers());

    @AfterEach
    void end() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Test
    void theKernelIsCalledDirectlyOnJava17AndFromJava22On() {
        boolean linux = System.getProperty("os.name").equals("Linux");
        int java = Runtime.version().feature();
        assertThat(MessageCalls.isAvailable()).isEqualTo(linux && (java == 17 || java >= 22) && Epoll.isAvailable());
    }

    @ParameterizedTest
    @MethodSource("com.kingcdn.redirector.server.UdpWay#all")
    void aBurstOfTwoClientsIsAnsweredToEach(UdpWay way) throws IOException {
        try (UdpListener listener = way.open(settings("127.0.0.1", 2), queries, group);
                DatagramSocket one = client();
                DatagramSocket other = client()) {
            for (int id = 0; id < 300; id++) {
                send(one, listener.address(), "static.kingcdn.example.", id);
                send(other, listener.address(), "a1105.kingcdn.example.", 1000 + id);
            }
            Set<Integer> ofOne = new HashSet<>();
            Set<Integer> ofOther = new HashSet<>();
            for (int i = 0; i < 300; i++) {
                ofOne.add(receive(one).getHeader().getID());
                Message mapped = receive(other);
                assertThat(mapped.getSection(Section.ANSWER)).hasSize(4);
                ofOther.add(mapped.getHeader().getID());
            }
            assertThat(ofOne).hasSize(300).allMatch(id -> id < 300);
            assertThat(ofOther).hasSize(300).allMatch(id -> id >= 1000 && id < 1300);
        }
    }

    @ParameterizedTest
    @MethodSource("com.kingcdn.redirector.server.UdpWay#all")
    void aWildcardAddressIsBothFamilies(UdpWay way) throws IOException {
        try (UdpListener listener = way.open(settings("0.0.0.0", 1), queries, group);
                DatagramSocket client = client()) {
            int port = listener.address().getPort();
            send(
                    client,
                    new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port),
                    "static.kingcdn.example.",
                    1);
            assertThat(receive(client).getHeader().getID()).isEqualTo(1);
            send(
                    client,
                    new InetSocketAddress(InetAddress.getByAddress(IPV6_LOOPBACK), port),
                    "static.kingcdn.example.",
                    2);
            assertThat(receive(client).getHeader().getID()).isEqualTo(2);
        }
    }

    /** RFC 2181 section 4.1: else whoever asks takes the answer for another's, at once and later alike. */
    @Test
    void anAnswerLeavesFromTheAddressThatWasAsked() throws IOException {
        try (UdpListener listener = BatchUdpServer.open(settings("0.0.0.0", 1), queries)) {
            for (byte[] asked : List.of(new byte[] {127, 0, 0, 5}, new byte[] {127, 0, 0, 1}, IPV6_LOOPBACK)) {
                InetSocketAddress to = new InetSocketAddress(
                        InetAddress.getByAddress(asked), listener.address().getPort());
                try (DatagramSocket client = client()) {
                    // so that the kernel drops what comes from elsewhere
                    client.connect(to);
                    send(client, to, "static.kingcdn.example.", 7);
                    assertThat(receive(client).getHeader().getID()).isEqualTo(7);
                    update(client, to, 8);
                    assertThat(receive(client).getHeader().getID()).isEqualTo(8);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("com.kingcdn.redirector.server.UdpWay#all")
    void anIpv6AddressAloneIsAnswered(UdpWay way) throws IOException {
        try (UdpListener listener = way.open(settings("::1", 1), queries, group);
                DatagramSocket client = client()) {
            send(client, listener.address(), "static.kingcdn.example.", 3);
            assertThat(receive(client).getHeader().getID()).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @MethodSource("com.kingcdn.redirector.server.UdpWay#all")
    void whatIsNoQueryIsLeftAndTheNextOneAnswered(UdpWay way) throws IOException {
        try (UdpListener listener = way.open(settings("127.0.0.1", 1), queries, group);
                DatagramSocket client = client()) {
            client.send(new DatagramPacket(new byte[0], 0, listener.address()));
            byte[] response = new byte[9000];
            response[2] = (byte) 0x80;
            client.send(new DatagramPacket(response, response.length, listener.address()));
            send(client, listener.address(), "static.kingcdn.example.", 4);
            assertThat(receive(client).getHeader().getID()).isEqualTo(4);
        }
    }

    @ParameterizedTest
    @MethodSource("com.kingcdn.redirector.server.UdpWay#all")
    void aZoneRequestIsAnsweredFromAnotherThread(UdpWay way) throws IOException {
        try (UdpListener listener = way.open(settings("127.0.0.1", 1), queries, group);
                DatagramSocket client = client()) {
            update(client, listener.address(), 5);
            Message answer = receive(client);
            assertThat(answer.getHeader().getID()).isEqualTo(5);
            assertThat(answer.getRcode()).isEqualTo(Rcode.NOTAUTH);
        }
    }

    @ParameterizedTest
    @MethodSource("com.kingcdn.redirector.server.UdpWay#all")
    void aDefectCostsNoMoreThanItsDatagram(UdpWay way) throws IOException {
        QueryTaker defective = new QueryTaker(queries.handler(), (request, client, answer) -> {
            throw new AssertionError("a defect, for this test");
        });
        MessageFailures.register();
        double before = unanswered();
        try (UdpListener listener = way.open(settings("127.0.0.1", 1), defective, group);
                DatagramSocket client = client()) {
            update(client, listener.address(), 6);
            send(client, listener.address(), "static.kingcdn.example.", 7);
            assertThat(receive(client).getHeader().getID()).isEqualTo(7);
        }
        assertThat(unanswered() - before).isEqualTo(1);
    }

    /** Closed under a thread that reads it, its number would be the next file's. */
    @ParameterizedTest
    @MethodSource("com.kingcdn.redirector.server.UdpWay#all")
    void aSocketStaysOpenWhileItsThreadAnswers(UdpWay way) throws Exception {
        CountDownLatch answering = new CountDownLatch(1);
        CountDownLatch held = new CountDownLatch(1);
        QueryTaker slow = new QueryTaker(queries.handler(), (request, client, answer) -> {
            answering.countDown();
            try {
                held.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        UdpListener listener = way.open(settings("127.0.0.1", 1), slow, group);
        InetSocketAddress address = listener.address();
        Thread closing = new Thread(listener::close);
        try (DatagramSocket client = client()) {
            update(client, address, 8);
            assertThat(answering.await(10, TimeUnit.SECONDS)).isTrue();
            closing.start();
            // as long as closing waits
            closing.join(4_000);
            assertThatThrownBy(() -> new DatagramSocket(address)).isInstanceOf(BindException.class);
        } finally {
            held.countDown();
        }
        closing.join(10_000);
        await("closed").atMost(Duration.ofSeconds(10)).untilAsserted(() -> new DatagramSocket(address).close());
    }

    private static double unanswered() {
        return CollectorRegistry.defaultRegistry.getSampleValue("kingcdn_redirector_unanswered_total");
    }

    private static void update(DatagramSocket socket, InetSocketAddress to, int id) throws IOException {
        Message update = new Message(id);
        update.getHeader().setOpcode(Opcode.UPDATE);
        update.addRecord(Record.newRecord(Name.fromString("kingcdn.example."), Type.SOA, DClass.IN), Section.QUESTION);
        byte[] wire = update.toWire();
        socket.send(new DatagramPacket(wire, wire.length, to));
    }

    /** Says NOTAUTH to whatever comes. */
    private static void answerLater(byte[] request, InetSocketAddress client, ZoneRequests.Answer answer) {
        byte[] refusal = Arrays.copyOf(request, 12);
        refusal[2] |= (byte) 0x80;
        refusal[3] = Rcode.NOTAUTH;
        Arrays.fill(refusal, 4, 12, (byte) 0);
        assertThat(answer.isDatagram()).isTrue();
        new Thread(() -> answer.send(refusal)).start();
    }

    @ParameterizedTest
    @MethodSource("com.kingcdn.redirector.server.UdpWay#all")
    void closingFreesThePort(UdpWay way) throws IOException {
        InetSocketAddress address;
        try (UdpListener listener = way.open(settings("127.0.0.1", 2), queries, group)) {
            address = listener.address();
            assertThatThrownBy(() -> way.open(new ListenerSettings(address, 1, DEFAULT, null, null), queries, group))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("cannot listen on UDP")
                    .hasMessageContaining(String.valueOf(address.getPort()));
        }
        try (DatagramSocket again = new DatagramSocket(address)) {
            assertThat(again.getLocalPort()).isEqualTo(address.getPort());
        }
    }

    private static final ListenerSettings.Tcp DEFAULT = ListenerSettings.Tcp.DEFAULT;

    private static ListenerSettings settings(String host, int threads) {
        return new ListenerSettings(new InetSocketAddress(host, 0), threads, DEFAULT, null, null);
    }

    private static DatagramSocket client() throws IOException {
        DatagramSocket socket = new DatagramSocket();
        socket.setReceiveBufferSize(1 << 20);
        socket.setSoTimeout(10_000);
        return socket;
    }

    private static void send(DatagramSocket socket, InetSocketAddress to, String name, int id) throws IOException {
        byte[] wire = DnsMessages.query(name, Type.A, id);
        socket.send(new DatagramPacket(wire, wire.length, to));
    }
}
