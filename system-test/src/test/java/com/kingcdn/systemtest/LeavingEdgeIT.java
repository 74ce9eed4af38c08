package com.kingcdn.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** An edge that is told to end is named no more, and serves those who have been sent to it for as long as answers live. */
@ExtendWith(LocalCdnExtension.class)
class LeavingEdgeIT {

    private static final String PATH = "/while-it-leaves";
    private static final int LONGEST_PAUSE_MILLIS = 20;
    private static final int BY_SIGTERM = 128 + 15;

    /** Less than the silence that tells of a node which has died. */
    private static final Duration LEAVES_ANSWERS = Duration.ofSeconds(2);

    private final LocalCdn cdn;
    private final byte[] content = ServeTitleIT.bytes(20_000);
    private final CountDownLatch done = new CountDownLatch(1);
    private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    private volatile boolean leaving;

    LeavingEdgeIT(LocalCdn cdn) {
        this.cdn = cdn;
    }

    @Test
    void noRequestFails() throws Exception {
        cdn.store(PATH, content);
        List<Client> clients = List.of(new Client(false), new Client(false), new Client(true), new Client(true));
        ExecutorService threads = Executors.newFixedThreadPool(clients.size());
        clients.forEach(threads::execute);
        threads.shutdown();
        try {
            await().until(() -> !failures.isEmpty() || clients.stream().allMatch(client -> client.asked));

            leaving = true;
            long at = System.nanoTime();
            cdn.process("fra").terminate();
            await().pollInterval(Duration.ofMillis(50)).until(() -> !address().equals(cdn.edge("fra")));
            Duration named = Duration.ofNanos(System.nanoTime() - at);
            System.out.printf("an edge that leaves was named for %d ms more%n", named.toMillis());
            assertThat(named).isLessThan(LEAVES_ANSWERS);
            assertThat(health("readiness")).isEqualTo(503);
            assertThat(health("liveness")).isEqualTo(200);
            assertThat(cdn.process("fra").isAlive()).isTrue();

            await().atMost(Duration.ofMinutes(1))
                    .until(() -> !cdn.process("fra").isAlive());
            assertThat(cdn.process("fra").exitStatus()).isEqualTo(BY_SIGTERM);
            await().until(() -> !failures.isEmpty() || clients.stream().allMatch(client -> client.elsewhere));
        } finally {
            done.countDown();
            assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
        }
        assertThat(failures).isEmpty();
        assertThat(clients).allSatisfy(client -> {
            assertThat(client.whileLeaving).as("by answers of before").isTrue();
            assertThat(!client.keeps || client.toldToClose).as("told").isTrue();
        });

        cdn.restart("fra");
        await("it is named again").atMost(Duration.ofMinutes(1)).until(() -> address()
                .equals(cdn.edge("fra")));
    }

    private String address() throws IOException, InterruptedException {
        return Dig.query(cdn, LocalCdn.HOST, "+subnet=" + LocalCdn.subnet("fra"))
                .data("A")
                .get(0);
    }

    private int health(String probe) throws IOException, InterruptedException {
        return Curl.get(cdn.management("fra") + "/actuator/health/" + probe).status();
    }

    /** Asks all the time, and for an address whenever the one that it has may live no longer. */
    private final class Client implements Runnable {

        /** Whether it keeps its connection for as long as it is let, even longer than the address, as browsers do. */
        private final boolean keeps;

        private String address = "";
        private long addressUntil = System.nanoTime();
        private @Nullable Socket connection;
        private boolean toldToClose;
        private volatile boolean asked;
        private volatile boolean whileLeaving;
        private volatile boolean elsewhere;

        Client(boolean keeps) {
            this.keeps = keeps;
        }

        @Override
        public void run() {
            try {
                do {
                    ask();
                } while (!done.await(LONGEST_PAUSE_MILLIS, TimeUnit.MILLISECONDS));
                hangUp();
            } catch (IOException | InterruptedException | RuntimeException e) {
                failures.add(address + ": " + e);
            }
        }

        private void ask() throws IOException, InterruptedException {
            boolean left = leaving;
            Socket open = connection;
            if (open == null) {
                resolve();
                open = new Socket();
                open.setSoTimeout((int) TimeUnit.SECONDS.toMillis(20));
                open.connect(new InetSocketAddress(address, cdn.contentPort()));
                connection = open;
            }
            open.getOutputStream()
                    .write(("GET " + PATH + " HTTP/1.1\r\nHost: " + LocalCdn.HOST + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            DataInputStream in = new DataInputStream(open.getInputStream());
            List<String> head = head(in);
            byte[] body = new byte[content.length];
            in.readFully(body);
            if (!head.get(0).startsWith("http/1.1 200 ") || !Arrays.equals(body, content)) {
                failures.add(address + ": " + head);
            }
            count(left);
            boolean told = head.contains("connection: close");
            toldToClose |= told;
            if (told || !keeps) {
                hangUp();
            }
        }

        private void count(boolean left) {
            asked = true;
            if (!address.equals(cdn.edge("fra"))) {
                elsewhere = true;
            } else if (left) {
                whileLeaving = true;
            }
        }

        private void resolve() throws IOException, InterruptedException {
            if (System.nanoTime() - addressUntil >= 0) {
                Dig.ResourceRecord record =
                        Dig.query(cdn, LocalCdn.HOST, "+subnet=" + LocalCdn.subnet("fra")).records().stream()
                                .filter(each -> each.type().equals("A"))
                                .findFirst()
                                .orElseThrow();
                address = record.data();
                addressUntil = System.nanoTime() + TimeUnit.SECONDS.toNanos(record.ttl());
            }
        }

        private void hangUp() throws IOException {
            if (connection != null) {
                connection.close();
                connection = null;
            }
        }

        private static List<String> head(DataInputStream in) throws IOException {
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                head.append((char) in.readUnsignedByte());
            }
            return Stream.of(head.toString().toLowerCase(Locale.ROOT).split("\r\n"))
                    .toList();
        }
    }
}
