package com.kingcdn.edge;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/** An edge in a process of its own, in front of one origin, with a disk tier; it can be killed and started again. */
@NullMarked
final class StandaloneEdge implements AutoCloseable {

    private final Path directory;
    private final URI origin;
    private final List<String> wrapper;
    private final List<String> settings;
    private final int port = freePort();
    private final int management = freePort();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private @Nullable Process process;

    /**
     * Starts it.
     *
     * @param wrapper a command that runs the one which follows it; empty for none
     */
    StandaloneEdge(Path directory, URI origin, List<String> wrapper, String... settings) throws IOException {
        this.directory = directory;
        this.origin = origin;
        this.wrapper = wrapper;
        this.settings = List.of(settings);
        start();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Starts it, and waits until it answers. */
    void start() throws IOException {
        List<String> command = new ArrayList<>(wrapper);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx192m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dio.netty.leakDetection.level=paranoid",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                EdgeApplication.class.getName(),
                "--server.port=" + management,
                "--server.address=127.0.0.1",
                "--kingcdn.edge.listen=127.0.0.1:" + port,
                "--kingcdn.edge.origin=" + origin,
                "--kingcdn.edge.disk.directory=" + directory.resolve("disk")));
        command.addAll(settings);
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("edge.log").toFile()))
                .start();
        await("the edge")
                .atMost(Duration.ofMinutes(1))
                .ignoreExceptions()
                .until(() -> get("/ready", "HEAD").statusCode() > 0);
    }

    /** Waits until it has read what it had stored before. */
    void awaitLoaded() {
        await("the disk tier's index")
                .atMost(Duration.ofMinutes(1))
                .until(() -> metric("kingcdn_edge_disk_loading") == 0);
    }

    void kill9() throws InterruptedException {
        if (process != null) {
            process.destroyForcibly().waitFor();
        }
    }

    Path disk() {
        return directory.resolve("disk");
    }

    HttpResponse<byte[]> get(String target) throws IOException, InterruptedException {
        return get(target, "GET");
    }

    private HttpResponse<byte[]> get(String target, String method) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + target))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .timeout(Duration.ofSeconds(20))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofByteArray());
    }

    /** A metric's value, by its name with its labels as they are exported. */
    double metric(String name) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + management + "/metrics"))
                .timeout(Duration.ofSeconds(20))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString())
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .sum();
    }

    /** The lines it has logged that have one of these in them. */
    List<String> logged(String... words) throws IOException {
        return Files.readAllLines(directory.resolve("edge.log")).stream()
                .filter(line -> Stream.of(words).anyMatch(line::contains))
                .toList();
    }

    /** Stack traces, leaks and errors that it has logged. */
    List<String> complaints() throws IOException {
        return logged("LEAK", "ERROR", "\tat ");
    }

    @Override
    public void close() {
        if (process != null) {
            process.destroy();
            try {
                process.waitFor();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
