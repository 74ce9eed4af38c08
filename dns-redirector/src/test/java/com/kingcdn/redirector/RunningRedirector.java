package com.kingcdn.redirector;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.control.ControlJson;
import com.kingcdn.redirector.server.DnsListeners;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;

/** A whole redirector in this process on free ports of the loopback, with its files in a directory. */
final class RunningRedirector implements AutoCloseable {

    static final String ADMIN = "admin-token-0123456789";
    static final String EDGE = "edge-token-0123456789ab";

    static final String YAML =
            """
            zones:
              - {name: kingcdn.example, file: kingcdn.example.zone, cdn: true}
              - {name: netcinema.example, file: netcinema.example.zone}
            distributions:
              - id: a1105
                hosts: [video.netcinema.example]
                origins: [{url: "http://127.0.0.1:8600"}]
            clusters:
              - id: nyc
                place: {latitude: 40.7, longitude: -74}
                nodes: [{id: nyc-1, ipv4: 127.0.1.1}]
              - id: fra
                place: {latitude: 50.11, longitude: 8.68}
                coverage: [192.0.2.0/24]
                nodes: [{id: fra-1, ipv4: 127.0.2.1}, {id: fra-2, ipv4: 127.0.2.2}]
            """;

    private static final String ZONE =
            """
            $TTL 3600
            @   IN SOA ns1 hostmaster 1 7200 900 1209600 60
                IN NS ns1
            ns1 IN A 127.0.0.1
            big IN TXT %s
            """
                    .formatted(("\"" + "x".repeat(255) + "\" ").repeat(6));

    private final Path directory;
    private final ConfigurableApplicationContext context;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    private RunningRedirector(Path directory, ConfigurableApplicationContext context) {
        this.directory = directory;
        this.context = context;
    }

    /** Writes the files of an example CDN, unless they are there. */
    static void prepare(Path directory) throws IOException {
        if (Files.notExists(directory.resolve("cdn.yaml"))) {
            Files.writeString(directory.resolve("kingcdn.example.zone"), ZONE);
            Files.writeString(directory.resolve("netcinema.example.zone"), ZONE);
            Files.writeString(directory.resolve("cdn.yaml"), YAML);
            Files.writeString(directory.resolve("admin"), ADMIN);
            Files.writeString(directory.resolve("edge"), EDGE);
        }
    }

    /** Starts one, with what a former one has left in the directory. */
    static RunningRedirector start(Path directory, String... more) throws IOException {
        prepare(directory);
        String[] arguments = {
            "--server.port=0",
            "--kingcdn.redirector.listen=127.0.0.1:0",
            "--kingcdn.redirector.threads=1",
            "--kingcdn.redirector.config=" + directory.resolve("cdn.yaml"),
            "--kingcdn.redirector.state=" + directory.resolve("state"),
            "--kingcdn.redirector.admin-token-file=" + directory.resolve("admin"),
            "--kingcdn.redirector.edge-token-file=" + directory.resolve("edge")
        };
        Stream<String> others = Arrays.stream(arguments).filter(argument -> Arrays.stream(more)
                .noneMatch(another -> key(another).equals(key(argument))));
        String[] all = Stream.concat(others, Arrays.stream(more)).toArray(String[]::new);
        return new RunningRedirector(directory, new SpringApplicationBuilder(RedirectorApplication.class).run(all));
    }

    private static String key(String argument) {
        return argument.substring(0, argument.indexOf('='));
    }

    Path directory() {
        return directory;
    }

    <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    InetSocketAddress dns() {
        return bean(DnsListeners.class).dnsAddress();
    }

    HttpRequest.Builder request(String path, @Nullable String token) {
        String port = Objects.requireNonNull(context.getEnvironment().getProperty("local.server.port"));
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(20));
        return token == null ? request : request.header("Authorization", "Bearer " + token);
    }

    HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return http.send(request.build(), BodyHandlers.ofString());
    }

    HttpResponse<InputStream> stream(HttpRequest.Builder request) throws IOException, InterruptedException {
        return http.send(request.build(), BodyHandlers.ofInputStream());
    }

    /** As the operator. */
    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(request(path, ADMIN));
    }

    HttpResponse<String> send(String method, String path, String token, String json)
            throws IOException, InterruptedException {
        return send(request(path, token)
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString(json)));
    }

    HttpResponse<String> post(String path, String json) throws IOException, InterruptedException {
        return send("POST", path, ADMIN, json);
    }

    HttpResponse<String> put(String path, String json) throws IOException, InterruptedException {
        return send("PUT", path, ADMIN, json);
    }

    HttpResponse<String> delete(String path) throws IOException, InterruptedException {
        return send(request(path, ADMIN).DELETE());
    }

    static JsonNode json(HttpResponse<String> response) {
        return ControlJson.mapper().readTree(response.body());
    }

    /** It is refused as RFC 9457 has it, for a reason with these words, and without a word of our code. */
    static void assertProblem(HttpResponse<String> response, int status, String reason) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(json(response).get("status").asInt()).isEqualTo(status);
        assertThat(json(response).get("detail").asString()).contains(reason);
        assertThat(response.body()).doesNotContain("com.kingcdn").doesNotContain("\\tat ");
    }

    /** As a node that is ready. */
    void reportHealth(String node, String cluster, long applied, String more) throws IOException, InterruptedException {
        String report = "{\"node\":\"%s\",\"cluster\":\"%s\",\"ready\":true,\"appliedSequence\":%d%s}"
                .formatted(node, cluster, applied, more);
        HttpResponse<String> response = send("POST", "/v1/reports/health", EDGE, report);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(204);
    }

    @Override
    public void close() {
        context.close();
    }
}
