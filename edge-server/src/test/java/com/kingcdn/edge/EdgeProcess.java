package com.kingcdn.edge;

import com.kingcdn.edge.agent.FakeRedirector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;

/** A whole edge in a process of its own, a node of a cluster, which can be killed or frozen. */
final class EdgeProcess implements AutoCloseable {

    static final String HOST = "video.netcinema.example";

    private static final Duration DEADLINE = Duration.ofSeconds(20);
    private static final HttpClient CLIENT = HttpClient.newConnection();

    private final String node;
    private final int port;
    private final Path log;
    private final Process process;

    /** What a client was sent. */
    record Answer(int status, List<String> cacheStatus, List<String> via, ByteBuffer body) {}

    /** @param directory of this node alone */
    EdgeProcess(String node, String cluster, int port, URI control, Path directory, String... settings)
            throws IOException {
        this.node = node;
        this.port = port;
        this.log = directory.resolve("log");
        Files.createDirectories(directory);
        Path token = Files.writeString(
                directory.resolve("token"),
                FakeRedirector.TOKEN.authorizationHeader().substring("Bearer ".length()));
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx96m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dio.netty.leakDetection.level=paranoid",
                "-cp",
                classPath,
                EdgeApplication.class.getName(),
                "--spring.main.web-application-type=none",
                "--kingcdn.edge.listen=127.0.0.1:" + port,
                "--kingcdn.edge.node=" + node,
                "--kingcdn.edge.cluster=" + cluster,
                "--kingcdn.edge.control.url=" + control,
                "--kingcdn.edge.control.token-file=" + token,
                "--kingcdn.edge.state=" + directory.resolve("state"),
                "--kingcdn.edge.memory=32MB"));
        command.addAll(List.of(settings));
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String node() {
        return node;
    }

    Mono<Answer> get(String target, String... fields) {
        return CLIENT.headers(headers -> {
                    headers.set("Host", HOST);
                    for (int i = 0; i < fields.length; i += 2) {
                        headers.set(fields[i], fields[i + 1]);
                    }
                })
                .get()
                .uri("http://127.0.0.1:" + port + target)
                .responseSingle((head, body) -> body.asByteArray()
                        .defaultIfEmpty(new byte[0])
                        .map(octets -> new Answer(
                                head.status().code(),
                                head.responseHeaders().getAll("cache-status"),
                                head.responseHeaders().getAll("via"),
                                ByteBuffer.wrap(octets))))
                .timeout(DEADLINE);
    }

    Answer fetch(String target, String... fields) {
        Answer answer = get(target, fields).block();
        if (answer == null) {
            throw new AssertionError("no answer");
        }
        return answer;
    }

    boolean serves(String target) {
        try {
            return fetch(target).status() == 200;
        } catch (RuntimeException notYet) {
            if (!process.isAlive()) {
                throw new IllegalStateException(node + " has ended:\n" + log(), notYet);
            }
            return false;
        }
    }

    String log() {
        try {
            return Files.readString(log, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void kill9() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Tells it to end: SIGTERM. */
    void terminate() throws IOException, InterruptedException {
        signal("TERM");
    }

    /** Waits until it has ended. @return its exit status */
    int awaitEnd() throws InterruptedException {
        if (!process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError(node + " has not ended:\n" + log());
        }
        return process.exitValue();
    }

    /** Freezes it: its kernel still accepts connections, and nobody answers on them. */
    void freeze() throws IOException, InterruptedException {
        signal("STOP");
    }

    void thaw() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
        if (!kill.waitFor(10, TimeUnit.SECONDS) || kill.exitValue() != 0) {
            throw new IOException("kill -" + name + " failed");
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
