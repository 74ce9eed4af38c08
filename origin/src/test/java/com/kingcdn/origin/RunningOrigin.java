package com.kingcdn.origin;

import com.kingcdn.origin.content.CatalogEntry;
import com.kingcdn.origin.content.ContentStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** An origin in this process, on a free port, with a store of its own. */
final class RunningOrigin implements AutoCloseable {

    static final String TOKEN = "0123456789abcdef0123456789abcdef";

    private final Path directory;
    private final ConfigurableApplicationContext context;
    private final HttpClient client = HttpClient.newBuilder()
            .connectTimeout(Duration.ofSeconds(5))
            .version(HttpClient.Version.HTTP_1_1)
            .build();

    RunningOrigin(Path directory, String... settings) throws IOException {
        this.directory = directory;
        Path token = Files.writeString(directory.resolve("token"), TOKEN + "\n");
        List<String> arguments = new ArrayList<>(List.of(
                "--server.address=127.0.0.1",
                "--server.port=0",
                "--kingcdn.origin.store=" + directory.resolve("store"),
                "--kingcdn.origin.token-file=" + token));
        arguments.addAll(List.of(settings));
        context = SpringApplication.run(OriginApplication.class, arguments.toArray(String[]::new));
    }

    int port() {
        return context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
    }

    HttpRequest.Builder request(String target) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + target))
                .timeout(Duration.ofSeconds(30));
    }

    HttpResponse<byte[]> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        // the request's own timeout ends with the head of the response
        return client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofByteArray())
                .orTimeout(30, TimeUnit.SECONDS)
                .join();
    }

    HttpResponse<byte[]> get(String target, String... fields) throws IOException, InterruptedException {
        HttpRequest.Builder request = request(target);
        return send(fields.length == 0 ? request : request.headers(fields));
    }

    /** PUT with the token. */
    HttpResponse<byte[]> put(String path, byte[] content, String... fields) throws IOException, InterruptedException {
        HttpRequest.Builder request =
                authorized("/content" + path).PUT(HttpRequest.BodyPublishers.ofByteArray(content));
        return send(fields.length == 0 ? request : request.headers(fields));
    }

    HttpRequest.Builder authorized(String target) {
        return request(target).header("Authorization", "Bearer " + TOKEN);
    }

    /** Files of content on disk, committed or not. */
    long objects() throws IOException {
        return objectsIn(directory.resolve("store"));
    }

    static long objectsIn(Path store) throws IOException {
        try (Stream<Path> files = Files.walk(store.resolve("objects"))) {
            return files.filter(Files::isRegularFile).count();
        }
    }

    /** The paths that an origin started on a copy of the store would know. */
    List<String> catalogueAfterARestart() throws IOException {
        Path copy = directory.resolve("copy");
        try (Stream<Path> files = Files.walk(directory.resolve("store"))) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(directory.resolve("store").relativize(file)));
            }
        }
        try (ContentStore store = ContentStore.open(copy, Clock.systemUTC())) {
            return store.catalog().page("", "", 1000).entries().stream()
                    .map(CatalogEntry::path)
                    .toList();
        }
    }

    Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port());
        socket.setSoTimeout(10_000);
        return socket;
    }

    /** Sends bytes as they are and reads until the origin closes. */
    String raw(String request) throws IOException {
        try (Socket socket = connect()) {
            return exchange(socket, request);
        }
    }

    /** Sends bytes and reads until the other side closes, or resets because it did not want all of them. */
    static String exchange(Socket socket, String request) throws IOException {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        try {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        } catch (SocketException e) {
            // refused before all was sent: what was answered can still be read
        }
        try {
            socket.getInputStream().transferTo(answer);
        } catch (SocketException e) {
            // reset behind the answer
        }
        return answer.toString(StandardCharsets.ISO_8859_1);
    }

    double metric(String series) throws IOException, InterruptedException {
        return metrics().getOrDefault(series, 0.0);
    }

    /** All series that {@code /metrics} prints, and their values. */
    Map<String, Double> metrics() throws IOException, InterruptedException {
        Map<String, Double> values = new HashMap<>();
        new String(get("/metrics").body(), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.startsWith("#"))
                .forEach(line -> {
                    int space = line.lastIndexOf(' ');
                    values.put(line.substring(0, space), Double.valueOf(line.substring(space + 1)));
                });
        return values;
    }

    @Override
    public void close() {
        context.close();
    }
}
