package com.kingcdn.edge;

import com.kingcdn.edge.web.ContentServer;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * A run for the JVM to learn from: an edge with both tiers, its clients and its origin in one process, on loopback.
 *
 * <p>Under {@code -XX:AOTCacheOutput=FILE} (JEP 514, 515) the JVM leaves in FILE what it loaded and which methods were hot in which
 * way. An edge started with {@code -XX:AOTCache=FILE} begins with that: it is ready sooner, and compiles the right code first. Clients
 * and origin are plain sockets, so that next to nothing but the edge is hot, and what comes is framed as real ones frame it.
 */
public final class Rehearsal {

    /** Each with a connection of its own: enough for several events in one turn of the event loop. */
    private static final int CLIENTS = 16;

    private static final Pattern LENGTH = Pattern.compile("content-length: (\\d+)");

    private final int port;
    private final LongAdder responses = new LongAdder();

    private Rehearsal(int port) {
        this.port = port;
    }

    /**
     * Rehearses, and ends the process.
     *
     * @param args a directory that may be filled, and for how many seconds to rehearse
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length != 2) {
            throw new IllegalArgumentException("usage: Rehearsal DIRECTORY SECONDS");
        }
        long responses = run(Path.of(args[0]), Duration.ofSeconds(Long.parseLong(args[1])));
        System.out.println("rehearsed with " + responses + " responses");
        System.exit(0);
    }

    /**
     * Rehearses.
     *
     * @return how many responses clients got, all of which were as they had to be
     * @throws IOException when one was not
     */
    static long run(Path directory, Duration time) throws IOException, InterruptedException {
        try (RehearsalOrigin origin = new RehearsalOrigin();
                ConfigurableApplicationContext context = SpringApplication.run(
                        EdgeApplication.class,
                        "--spring.main.web-application-type=none",
                        "--spring.main.banner-mode=off",
                        "--kingcdn.edge.listen=127.0.0.1:0",
                        "--kingcdn.edge.origin=http://127.0.0.1:" + origin.port(),
                        "--kingcdn.edge.memory=64MB",
                        "--kingcdn.edge.disk.directory=" + directory)) {
            int port = context.getBean(ContentServer.class).port();
            return new Rehearsal(port).ask(System.nanoTime() + time.toNanos());
        }
    }

    private long ask(long deadline) throws IOException, InterruptedException {
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            Client client = new Client(i, deadline);
            clients.add(client);
            client.start();
        }
        for (Client client : clients) {
            client.join();
            if (client.failure != null) {
                throw new IOException("the rehearsal failed: " + client.failure, client.failure);
            }
        }
        return responses.sum();
    }

    /** Asks for one thing after the other, on one connection. */
    private final class Client extends Thread {

        private final int number;
        private final long deadline;
        private final byte[] buffer = new byte[64 << 10];
        private volatile @Nullable Exception failure;

        Client(int number, long deadline) {
            super("rehearsal-" + number);
            this.number = number;
            this.deadline = deadline;
        }

        @Override
        public void run() {
            try (Socket edge = new Socket(InetAddress.getLoopbackAddress(), port)) {
                edge.setTcpNoDelay(true);
                edge.setSoTimeout((int) TimeUnit.SECONDS.toMillis(10));
                for (int round = 0; round == 0 || System.nanoTime() < deadline; round++) {
                    String object = "/1024/" + number + "-" + round;
                    expect(200, edge, object, ""); // a miss
                    expect(200, edge, object + "a", "");
                    expect(200, edge, object, ""); // a hit
                    if (round % 4 == 0) {
                        expect(304, edge, object, "If-None-Match: \"" + RehearsalOrigin.TAG + "\"\r\n");
                        expect(200, edge, "/65536/a", "");
                    }
                    if (round % 64 == 0) {
                        expect(206, edge, "/2097152/" + round % 256, "Range: bytes=65536-1114111\r\n");
                    }
                }
            } catch (IOException e) {
                failure = e;
            }
        }

        private void expect(int status, Socket edge, String path, String field) throws IOException {
            String request = "GET " + path + " HTTP/1.1\r\nHost: rehearsal\r\n" + field + "\r\n";
            edge.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            int answered = answer(edge.getInputStream());
            if (answered != status) {
                throw new IOException(path + " was answered with " + answered + ", not " + status);
            }
            responses.increment();
        }

        /** Reads a response. @return its status */
        private int answer(InputStream in) throws IOException {
            int received = 0;
            int end;
            String head;
            do {
                received += read(in, received);
                head = new String(buffer, 0, received, StandardCharsets.ISO_8859_1);
                end = head.indexOf("\r\n\r\n");
            } while (end < 0);
            Matcher length = LENGTH.matcher(head.substring(0, end));
            int left = (length.find() ? Integer.parseInt(length.group(1)) : 0) - (received - end - 4);
            while (left > 0) {
                left -= read(in, 0);
            }
            return Integer.parseInt(head.substring(9, 12));
        }

        private int read(InputStream in, int offset) throws IOException {
            int count = in.read(buffer, offset, buffer.length - offset);
            if (count <= 0) {
                throw new EOFException("the edge has closed the connection");
            }
            return count;
        }
    }
}
