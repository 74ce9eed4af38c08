package com.kingcdn.edge.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.kingcdn.control.ProbeTarget;
import com.kingcdn.control.ProbeTargets;
import com.kingcdn.control.RttMethod;
import com.kingcdn.control.RttReport.Measurement;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class RttProberTest {

    private static final String SOURCE = "127.77.1.1";
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final BlockingQueue<DatagramPacket> queries = new LinkedBlockingQueue<>();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private DatagramSocket resolver;

    @BeforeEach
    void openResolver() throws IOException {
        resolver = new DatagramSocket(0, InetAddress.getByName("127.77.1.2"));
        opened.add(resolver);
        Thread receiver = new Thread(this::receive);
        receiver.setDaemon(true);
        receiver.start();
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
    }

    private void receive() {
        try {
            while (true) {
                DatagramPacket packet = new DatagramPacket(new byte[512], 512);
                resolver.receive(packet);
                queries.add(packet);
            }
        } catch (IOException e) {
            queries.clear();
        }
    }

    private RttProber prober(List<RttMethod> methods, int dnsPort, int tcpPort) {
        return prober(methods, dnsPort, tcpPort, SOURCE);
    }

    private RttProber prober(List<RttMethod> methods, int dnsPort, int tcpPort, String... sources) {
        RttProber prober = new RttProber(new ProbeProperties(
                true,
                Duration.ofSeconds(1),
                2,
                Duration.ofMillis(400),
                50,
                16,
                10,
                methods,
                dnsPort,
                List.of(tcpPort),
                List.of(sources),
                List.of(),
                true,
                Duration.ofSeconds(30),
                Duration.ZERO));
        opened.add(0, prober);
        return prober;
    }

    private static void probe(RttProber prober, String address) {
        prober.replace(new ProbeTargets(List.of(new ProbeTarget(address, null)), null));
    }

    private static Measurement measured(RttProber prober) {
        List<Measurement> all = new ArrayList<>();
        await().atMost(PATIENCE).until(() -> {
            all.addAll(prober.measurements().toCompletableFuture().get());
            return !all.isEmpty();
        });
        return all.get(0);
    }

    @Test
    void aRefusalByDnsTellsTheDelay_andAnAnswerFromElsewhereOrToAnotherQuestionDoesNot() throws Exception {
        RttProber prober = prober(List.of(RttMethod.DNS), resolver.getLocalPort(), 1);
        probe(prober, "127.77.1.2");
        DatagramSocket stranger = new DatagramSocket(0, InetAddress.getByName("127.77.1.3"));
        opened.add(stranger);
        for (int i = 0; i < 2; i++) {
            DatagramPacket query = queries.take();
            assertThat(query.getAddress().getHostAddress()).isEqualTo(SOURCE);
            assertThat(query.getLength()).as("a header and the root's name").isEqualTo(17);
            assertThat(query.getData()[2] & 1).as("no recursion is asked for").isZero();
            byte[] answer = query.getData();
            resolver.send(query);
            answer[2] |= (byte) 0x80;
            answer[3] = 5;
            stranger.send(query);
            answer[0] ^= 1;
            resolver.send(query);
            answer[0] ^= 1;
            if (i == 0) {
                resolver.send(query);
            }
        }
        Measurement measurement = measured(prober);
        assertThat(measurement.prefix()).hasToString("127.77.1.0/24");
        assertThat(measurement.method()).isEqualTo(RttMethod.DNS);
        assertThat(measurement.rttMillis()).isBetween(0.001, 400.0);
        assertThat(measurement.probes()).isEqualTo(2);
        assertThat(measurement.loss()).as("the second was not answered").isEqualTo(0.5);
    }

    @Test
    void aConnectionAndARefusalOfOneTellTheDelay() throws Exception {
        try (ServerSocket listening = new ServerSocket()) {
            listening.bind(new InetSocketAddress("127.77.1.2", 0));
            RttProber prober = prober(List.of(RttMethod.TCP), 1, listening.getLocalPort());
            probe(prober, "127.77.1.2");
            assertThat(listening.accept().getInetAddress().getHostAddress()).isEqualTo(SOURCE);
            assertThat(measured(prober).method()).isEqualTo(RttMethod.TCP);
            // nobody listens on that address
            probe(prober, "127.77.1.4");
            await().atMost(PATIENCE).untilAsserted(() -> {
                Measurement measurement = measured(prober);
                assertThat(measurement.loss()).isZero();
                assertThat(measurement.rttMillis()).isBetween(0.001, 400.0);
            });
        }
    }

    @Test
    void whoDoesNotAnswerByDnsIsTriedByTcp() throws Exception {
        try (ServerSocket listening = new ServerSocket()) {
            listening.bind(new InetSocketAddress("127.77.1.2", 0));
            RttProber prober =
                    prober(List.of(RttMethod.DNS, RttMethod.TCP), resolver.getLocalPort(), listening.getLocalPort());
            probe(prober, "127.77.1.2");
            assertThat(measured(prober)).satisfies(measurement -> {
                assertThat(measurement.method()).isEqualTo(RttMethod.TCP);
                assertThat(measurement.loss()).isZero();
            });
            assertThat(queries).hasSizeGreaterThanOrEqualTo(2);
        }
    }

    @Test
    void overIpv6Too() throws Exception {
        byte[] loopback = new byte[16];
        loopback[15] = 1;
        try (DatagramSocket other = new DatagramSocket(0, InetAddress.getByAddress(loopback))) {
            RttProber prober = prober(List.of(RttMethod.DNS), other.getLocalPort(), 1, "::1");
            probe(prober, "::1");
            DatagramPacket query = new DatagramPacket(new byte[512], 512);
            for (int i = 0; i < 2; i++) {
                other.receive(query);
                query.getData()[2] |= (byte) 0x80;
                other.send(query);
            }
            assertThat(measured(prober)).satisfies(measurement -> {
                assertThat(measurement.prefix()).hasToString("::/48");
                assertThat(measurement.loss()).isZero();
            });
            // nobody listens there
            RttProber byTcp = prober(List.of(RttMethod.TCP), 1, 1, "::1");
            probe(byTcp, "::1");
            assertThat(measured(byTcp).loss()).isZero();
        }
    }

    @Test
    void aSourceThatThisMachineHasNot_takesItsProbesAndNotTheEdge() throws Exception {
        RttProber prober = prober(List.of(RttMethod.DNS, RttMethod.ICMP), resolver.getLocalPort(), 1, "192.0.2.77");
        probe(prober, "127.77.1.2");
        assertThat(prober.measurements().toCompletableFuture().get()).isEmpty();
    }

    @Test
    void nothingIsMeasuredOnceItIsClosed() throws Exception {
        RttProber prober = prober(List.of(RttMethod.DNS), resolver.getLocalPort(), 1);
        prober.close();
        probe(prober, "127.77.1.2");
        assertThat(prober.measurements().toCompletableFuture().get()).isEmpty();
    }
}
