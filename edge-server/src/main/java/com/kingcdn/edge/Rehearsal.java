package com.kingcdn.edge;

import com.kingcdn.edge.web.ContentServer;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * A run for the JVM to learn from: an edge with both tiers, its clients and its origin in one process, on loopback.
 *
 * <p>Under {@code -XX:AOTCacheOutput=FILE} (JEP 514, 515) the JVM leaves in FILE what it loaded and which methods were hot in which
 * way. An edge started with {@code -XX:AOTCache=FILE} begins with that: it is ready sooner, and compiles the right code first.
 */
public final class Rehearsal {

    private static final int CLIENTS = 4;
    private static final int LARGE = 2 << 20;
    private static final byte[] CONTENT = new byte[LARGE];

    private final URI edge;
    private final LongAdder responses = new LongAdder();

    private Rehearsal(URI edge) {
        this.edge = edge;
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
        HttpServer origin = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
        ExecutorService threads = Executors.newFixedThreadPool(2 * CLIENTS);
        origin.setExecutor(threads);
        origin.createContext("/", Rehearsal::answer);
        origin.start();
        try (ConfigurableApplicationContext context = SpringApplication.run(
                EdgeApplication.class,
                "--spring.main.web-application-type=none",
                "--spring.main.banner-mode=off",
                "--kingcdn.edge.listen=127.0.0.1:0",
                "--kingcdn.edge.origin=http://127.0.0.1:" + origin.getAddress().getPort(),
                "--kingcdn.edge.memory=64MB",
                "--kingcdn.edge.disk.directory=" + directory)) {
            int port = context.getBean(ContentServer.class).port();
            return new Rehearsal(URI.create("http://127.0.0.1:" + port)).ask(System.nanoTime() + time.toNanos());
        } finally {
            origin.stop(0);
            threads.shutdownNow();
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
        private volatile @Nullable Exception failure;

        Client(int number, long deadline) {
            super("rehearsal-" + number);
            this.number = number;
            this.deadline = deadline;
        }

        @Override
        public void run() {
            HttpClient http =
                    HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
            try {
                for (int round = 0; round == 0 || System.nanoTime() < deadline; round++) {
                    String object = "/1024/" + number + "-" + round;
                    for (int i = 0; i < 3; i++) {
                        // a miss, and hits
                        expect(200, http, object, null, null);
                    }
                    expect(304, http, object, "if-none-match", "\"of-" + object + "\"");
                    expect(200, http, "/65536/a", null, null);
                    if (round % 16 == 0) {
                        expect(206, http, "/" + LARGE + "/" + round % 64, "range", "bytes=65536-1114111");
                    }
                }
            } catch (IOException | InterruptedException e) {
                failure = e;
            }
        }

        private void expect(int status, HttpClient http, String path, @Nullable String field, @Nullable String value)
                throws IOException, InterruptedException {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(edge.resolve(path)).timeout(Duration.ofSeconds(10));
            if (field != null && value != null) {
                request.header(field, value);
            }
            HttpResponse<Void> response = http.send(request.build(), HttpResponse.BodyHandlers.discarding());
            if (response.statusCode() != status) {
                throw new IOException(path + " was answered with " + response.statusCode() + ", not " + status);
            }
            responses.increment();
        }
    }

    /** The origin: as much content as the path's first segment says. */
    private static void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        int size = Integer.parseInt(path.substring(1, path.indexOf('/', 1)));
        exchange.getResponseHeaders().add("etag", "\"of-" + path + "\"");
        exchange.getResponseHeaders().add("cache-control", "public, max-age=3600");
        exchange.getResponseHeaders().add("last-modified", "Mon, 02 Nov 2026 10:00:00 GMT");
        exchange.getResponseHeaders().add("content-type", "application/octet-stream");
        exchange.sendResponseHeaders(200, size);
        try (OutputStream content = exchange.getResponseBody()) {
            content.write(CONTENT, 0, size);
        }
    }
}
