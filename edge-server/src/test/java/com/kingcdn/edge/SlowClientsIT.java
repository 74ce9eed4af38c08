package com.kingcdn.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.store.CacheStore;
import com.kingcdn.edge.upstream.RawOrigin;
import com.kingcdn.edge.web.ContentServer;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** A thousand clients that take one large object slowly, each from another place: they share one copy of each block. */
@Timeout(90)
class SlowClientsIT {

    private static final int FEW = 10;
    private static final int MANY = 1_000;
    private static final int SIZE = 64 << 20;

    /** What each client has read when it is counted. */
    private static final int READ = 64_000;

    /** What one client more may cost: its connection, and nothing of the object, whose blocks have 256 KiB. */
    private static final long CONNECTION_BYTES = 24 * 1024;

    private static final int RECEIVE_BUFFER = 16 * 1024;
    private static final int RESPONSE_HEAD = 8 * 1024;

    private final ByteBuffer received = ByteBuffer.allocateDirect(32 * 1024);

    private static byte octet(int offset) {
        int mixed = offset * 0x9E3779B1;
        return (byte) (mixed >>> 24 ^ mixed >>> 11);
    }

    private final RawOrigin origin = new RawOrigin((head, in, out) -> {
        out.write(
                ("HTTP/1.1 200 OK\r\nCache-Control: max-age=600\r\nETag: \"a\"\r\nContent-Length: " + SIZE + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        byte[] piece = new byte[1 << 16];
        for (int at = 0; at < SIZE; at += piece.length) {
            for (int i = 0; i < piece.length; i++) {
                piece[i] = octet(at + i);
            }
            out.write(piece);
        }
        return true;
    });

    /** One connection, read a little at a time; everything after the head is compared with what belongs there. */
    private final class SlowClient implements AutoCloseable {
        private final SocketChannel channel;
        private final int from;
        private final StringBuilder head = new StringBuilder();
        private int read;

        SlowClient(int port, int from) throws IOException {
            this.from = from;
            channel = SocketChannel.open().setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER);
            channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            String range = from == 0 ? "" : "Range: bytes=" + from + "-\r\n";
            byte[] request =
                    ("GET /title HTTP/1.1\r\nHost: h\r\n" + range + "\r\n").getBytes(StandardCharsets.US_ASCII);
            while (channel.write(ByteBuffer.wrap(request)) == 0) {
                Thread.onSpinWait();
            }
            channel.configureBlocking(false);
        }

        /** Takes what is there, one buffer at most. */
        void readSome() throws IOException {
            received.clear();
            assertThat(channel.read(received)).as("what is read").isNotNegative();
            received.flip();
            while (received.hasRemaining() && head.indexOf("\r\n\r\n") < 0) {
                head.append((char) received.get());
                assertThat(head.length()).isLessThan(RESPONSE_HEAD);
            }
            while (received.hasRemaining()) {
                int at = from + read++;
                byte octet = received.get();
                if (octet != octet(at)) {
                    throw new AssertionError("octet " + at + " is " + octet + ", not " + octet(at));
                }
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    @Test
    void memoryDoesNotGrowWithTheirNumber() throws IOException {
        try (origin;
                ConfigurableApplicationContext edge = SpringApplication.run(
                        EdgeApplication.class,
                        "--spring.main.web-application-type=none",
                        "--kingcdn.edge.listen=127.0.0.1:0",
                        "--kingcdn.edge.memory=96MB",
                        "--kingcdn.edge.origin=" + origin.endpoint().url())) {
            int port = edge.getBean(ContentServer.class).port();
            CacheStore store = edge.getBean(CacheStore.class);
            takeWhole(port);
            long content = store.memoryBytes();
            assertThat(content).isBetween((long) SIZE, SIZE + (1L << 20));
            memoryWith(MANY / 4, port);
            long few = memoryWith(FEW, port);
            long many = memoryWith(MANY, port);
            System.out.printf(
                    "slow clients: %,d bytes with %d, %,d with %d: %,d each%n",
                    few, FEW, many, MANY, (many - few) / (MANY - FEW));
            assertThat(many - few).as("heap and direct memory").isLessThan((MANY - FEW) * CONNECTION_BYTES);
            assertThat(store.memoryBytes()).isEqualTo(content);
            assertThat(origin.heads()).hasSize(1);
        }
    }

    private static void takeWhole(int port) throws IOException {
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
            client.getOutputStream()
                    .write("GET /title HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(client.getInputStream().skip(SIZE + RESPONSE_HEAD)).isGreaterThan(SIZE);
        }
    }

    /** Heap and direct memory of this process, edge and clients, while so many are in the middle of the object. */
    private long memoryWith(int count, int port) throws IOException {
        List<SlowClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                clients.add(new SlowClient(port, (int) ((long) i * (SIZE / 2) / count)));
            }
            while (clients.stream().anyMatch(client -> client.read < READ)) {
                for (SlowClient client : clients) {
                    client.readSome();
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            }
            for (SlowClient client : clients) {
                assertThat(client.head).startsWith(client.from == 0 ? "HTTP/1.1 200 " : "HTTP/1.1 206 ");
            }
            System.gc();
            long heap =
                    Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
            return heap
                    + ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT)
                            .metric()
                            .usedDirectMemory();
        } finally {
            for (SlowClient client : clients) {
                client.close();
            }
        }
    }
}
