package com.kingcdn.redirector.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DatagramBatchTest {

    private static final int PAYLOAD = 512;

    /** Which of a batch's questions are answered. */
    static List<IntPredicate> answered() {
        return List.of(
                place -> true,
                place -> false,
                place -> place == 0,
                place -> place == 31,
                place -> place == 63,
                place -> place % 2 == 1,
                place -> place % 7 < 3,
                place -> place > 40,
                place -> place < 20 || place == 62);
    }

    @ParameterizedTest
    @MethodSource("answered")
    void onlyWhatIsAnsweredIsSentAndToWhoeverAsked(IntPredicate answered) throws IOException {
        if (!MessageCalls.isAvailable()) {
            assertThat(Runtime.version().feature()).isBetween(18, 21);
            return;
        }
        Socket socket = new Socket(MessageCalls.socket(MessageCalls.IPV4));
        try (DatagramSocket one = client();
                DatagramSocket other = client()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            DatagramBatch batch = new DatagramBatch(64, PAYLOAD, false);
            // the second batch finds what the first one has written
            for (int round = 0; round < 2; round++) {
                for (int i = 0; i < 64; i++) {
                    byte[] question = octets(i, 1 + (i + round) * 5);
                    (i % 3 == 0 ? one : other)
                            .send(new DatagramPacket(question, question.length, socket.localAddress()));
                }
                List<Integer> ofOne = new ArrayList<>();
                List<Integer> ofOther = new ArrayList<>();
                byte[] message = new byte[PAYLOAD];
                assertThat(batch.receive(socket.intValue(), MessageCalls.DO_NOT_WAIT))
                        .isEqualTo(64);
                for (int i = 0; i < 64; i++) {
                    int length = batch.message(i, message);
                    assertThat(Arrays.copyOf(message, length)).isEqualTo(octets(i, 1 + (i + round) * 5));
                    assertThat(batch.sender(i).getPort()).isEqualTo((i % 3 == 0 ? one : other).getLocalPort());
                    if (answered.test(i)) {
                        batch.answer(i, octets(i, PAYLOAD - i), PAYLOAD - i);
                        (i % 3 == 0 ? ofOne : ofOther).add(i);
                    }
                }
                assertThat(batch.send(socket.intValue())).isZero();
                assertAnswered(one, socket.localAddress(), ofOne);
                assertAnswered(other, socket.localAddress(), ofOther);
            }
        } finally {
            socket.close();
        }
    }

    /** That a client has been sent these answers, and then nothing before what it sends itself. */
    private static void assertAnswered(DatagramSocket client, InetSocketAddress from, List<Integer> numbers)
            throws IOException {
        byte[] end = {99};
        client.send(new DatagramPacket(end, 1, InetAddress.getLoopbackAddress(), client.getLocalPort()));
        DatagramPacket packet = new DatagramPacket(new byte[PAYLOAD], PAYLOAD);
        for (int number : numbers) {
            packet.setLength(PAYLOAD);
            client.receive(packet);
            assertThat(packet.getPort()).isEqualTo(from.getPort());
            assertThat(Arrays.copyOf(packet.getData(), packet.getLength())).isEqualTo(octets(number, PAYLOAD - number));
        }
        client.receive(packet);
        assertThat(packet.getPort()).isEqualTo(client.getLocalPort());
    }

    private static byte[] octets(int number, int length) {
        byte[] octets = new byte[length];
        Arrays.fill(octets, (byte) number);
        return octets;
    }

    private static DatagramSocket client() throws IOException {
        DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        socket.setSoTimeout(10_000);
        return socket;
    }
}
