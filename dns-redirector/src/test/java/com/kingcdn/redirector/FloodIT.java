package com.kingcdn.redirector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** One /24 floods the redirector with the question that has the longest answer, and others ask it meanwhile. */
class FloodIT {

    private static final int SOURCES = 64;
    private static final int QUERIES_OF_OTHERS = 400;
    private static final long ANSWER_MILLIS = 2_000;

    @TempDir
    private Path directory;

    @Test
    void aFloodFromOneNetworkIsNotAmplifiedAndLeavesOthersTheirAnswers() throws Exception {
        try (RunningRedirector redirector = RunningRedirector.start(
                directory,
                "--kingcdn.redirector.rate-limit.rate=100",
                "--kingcdn.redirector.rate-limit.burst=100",
                "--kingcdn.redirector.rate-limit.exempt=")) {
            double truncated = limited("truncated");
            double unanswered = limited("dropped");
            double dropped = metric("udp_dropped_total");
            AtomicBoolean stop = new AtomicBoolean();
            CompletableFuture<Flood> flood = CompletableFuture.supplyAsync(
                    () -> flood(redirector.dns(), stop), task -> thread(task).start());
            long[] nanos;
            try {
                nanos = askPatiently(redirector.dns());
            } finally {
                stop.set(true);
            }
            Flood result = flood.get();
            Arrays.sort(nanos);
            System.out.printf(
                    "flood from %d addresses of one /24: %d queries, %d bytes; %d answers, %d bytes: factor %.2f; others'"
                            + " p50 %.2f ms, p99 %.2f ms%n",
                    SOURCES,
                    result.queries,
                    result.sent,
                    result.answers,
                    result.received,
                    result.received / (double) result.sent,
                    nanos[nanos.length / 2] / 1e6,
                    nanos[nanos.length * 99 / 100] / 1e6);
            assertThat(result.queries).isGreaterThan(5_000);
            assertThat(result.whole).as("answers that were not withheld").isLessThan(result.queries / 2);
            assertThat(result.received / (double) result.sent).isLessThanOrEqualTo(2.5);
            assertThat(limited("truncated") - truncated).isPositive();
            // whoever is let in is told at least to come over TCP
            assertThat(limited("dropped") - unanswered).isZero();
            // what is counted lags behind by half a second
            await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> assertThat(metric("udp_dropped_total") - dropped)
                    .as("kept away by the kernel")
                    .isGreaterThan(result.queries / 4.0));
            await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> assertThat(metric("filtered_prefixes"))
                    .as("filtered after the flood")
                    .isZero());
        }
    }

    private static double metric(String name) {
        return CollectorRegistry.defaultRegistry.getSampleValue("kingcdn_redirector_" + name);
    }

    private static double limited(String action) {
        return CollectorRegistry.defaultRegistry.getSampleValue(
                "kingcdn_redirector_limited_answers_total", new String[] {"action"}, new String[] {action});
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "flood");
        thread.setDaemon(true);
        return thread;
    }

    /** How long each answer took, in nanoseconds; every one of them is whole. */
    private static long[] askPatiently(InetSocketAddress server) throws IOException {
        long[] nanos = new long[QUERIES_OF_OTHERS];
        try (DatagramChannel channel = open("127.0.9.1", server);
                Selector selector = Selector.open()) {
            channel.register(selector, SelectionKey.OP_READ);
            for (int i = 0; i < QUERIES_OF_OTHERS; i++) {
                byte[] query = query("video.netcinema.example.", Type.A, i);
                long start = System.nanoTime();
                int tries = 0;
                @Nullable Message message = null;
                while (message == null && tries++ < 10) {
                    channel.write(ByteBuffer.wrap(query));
                    message = receive(channel, selector, i);
                }
                nanos[i] = System.nanoTime() - start;
                assertThat(message).as("answer %d", i).isNotNull();
                assertThat(message.getHeader().getFlag(Flags.TC)).isFalse();
                assertThat(message.getSection(Section.ANSWER)).hasSizeGreaterThan(1);
                pause(selector);
            }
        }
        return nanos;
    }

    /** The answer of that number, or null when it does not come; one that was asked for twice may come twice. */
    private static @Nullable Message receive(DatagramChannel channel, Selector selector, int id) throws IOException {
        ByteBuffer answer = ByteBuffer.allocate(1500);
        long deadline = System.nanoTime() + ANSWER_MILLIS * 1_000_000;
        for (long left = ANSWER_MILLIS; left > 0; left = (deadline - System.nanoTime()) / 1_000_000) {
            selector.select(left);
            selector.selectedKeys().clear();
            answer.clear();
            while (channel.read(answer) > 0) {
                Message message = new Message(Arrays.copyOf(answer.array(), answer.position()));
                if (message.getHeader().getID() == id) {
                    return message;
                }
                answer.clear();
            }
        }
        return null;
    }

    /** Others ask some 80 questions a second: less than their rate. */
    private static void pause(Selector selector) throws IOException {
        selector.select(12);
        selector.selectedKeys().clear();
    }

    private static Flood flood(InetSocketAddress server, AtomicBoolean stop) {
        Flood flood = new Flood();
        List<DatagramChannel> channels = new ArrayList<>();
        try {
            for (int i = 1; i <= SOURCES; i++) {
                channels.add(open("127.0.7." + i, server));
            }
            ByteBuffer query = ByteBuffer.wrap(query("big.kingcdn.example.", Type.ANY, 7));
            ByteBuffer longest = ByteBuffer.wrap(query("video.netcinema.example.", Type.A, 7));
            while (!stop.get()) {
                for (DatagramChannel channel : channels) {
                    for (ByteBuffer each : List.of(query, longest)) {
                        flood.sent += channel.write(each.rewind());
                        flood.queries++;
                    }
                    flood.read(channel);
                }
                // some 40,000 queries a second: more is only a test of who gets the processor
                LockSupport.parkNanos(3_000_000);
            }
            for (DatagramChannel channel : channels) {
                flood.read(channel);
                channel.close();
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return flood;
    }

    private static DatagramChannel open(String source, InetSocketAddress server) throws IOException {
        DatagramChannel channel = DatagramChannel.open();
        channel.bind(new InetSocketAddress(InetAddress.getByName(source), 0));
        channel.connect(server);
        channel.configureBlocking(false);
        return channel;
    }

    private static byte[] query(String name, int type, int id) {
        Message message = new Message(id);
        message.addRecord(Record.newRecord(Name.fromConstantString(name), type, DClass.IN), Section.QUESTION);
        return message.toWire();
    }

    /** What a flood sent and got. */
    private static final class Flood {

        private final ByteBuffer answer = ByteBuffer.allocate(1500);
        private int queries;
        private int answers;
        private int whole;
        private long sent;
        private long received;

        void read(DatagramChannel channel) throws IOException {
            while (true) {
                answer.clear();
                int length = channel.read(answer);
                if (length <= 0) {
                    return;
                }
                answers++;
                received += length;
                whole += (answer.get(2) & 2) == 0 ? 1 : 0;
            }
        }
    }
}
