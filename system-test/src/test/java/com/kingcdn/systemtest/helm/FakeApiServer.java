package com.kingcdn.systemtest.helm;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * As much of a Kubernetes API server as a chart's {@code lookup} of a Secret asks for. Helm finds it by the file that the variable
 * KUBECONFIG names, which the build sets for these tests, so that no cluster of the developer's is ever asked.
 */
final class FakeApiServer implements AutoCloseable {

    private static final String RESOURCES =
            "{\"kind\":\"APIResourceList\",\"apiVersion\":\"v1\",\"groupVersion\":\"v1\","
                    + "\"resources\":[{\"name\":\"secrets\",\"singularName\":\"secret\",\"namespaced\":true,\"kind\":\"Secret\","
                    + "\"verbs\":[\"get\"]}]}";
    private static final String NOT_FOUND = "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\","
            + "\"reason\":\"NotFound\",\"code\":404,\"message\":\"not found\"}";

    private final HttpServer server;
    private final Map<String, String> secrets = new ConcurrentHashMap<>();

    FakeApiServer() throws IOException {
        String kubeconfig = System.getenv("KUBECONFIG");
        if (kubeconfig == null) {
            throw new IllegalStateException("set KUBECONFIG to a file that this test may write, as the build does");
        }
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
        Files.writeString(
                Path.of(kubeconfig),
                "{apiVersion: v1, kind: Config, current-context: fake,"
                        + " clusters: [{name: fake, cluster: {server: \"http://127.0.0.1:"
                        + server.getAddress().getPort() + "\"}}],"
                        + " contexts: [{name: fake, context: {cluster: fake, user: fake}}], users: [{name: fake, user: {}}]}");
    }

    /** Has a Secret from now on. */
    void put(String namespace, String name, Map<String, String> data) {
        String fields = data.entrySet().stream()
                .map(entry -> "\"" + entry.getKey() + "\":\"" + entry.getValue() + "\"")
                .collect(Collectors.joining(",", "{", "}"));
        secrets.put(
                "/api/v1/namespaces/" + namespace + "/secrets/" + name,
                "{\"kind\":\"Secret\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"" + name + "\",\"namespace\":\""
                        + namespace + "\"},\"data\":" + fields + "}");
    }

    void clear() {
        secrets.clear();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String body = path.equals("/api/v1") ? RESOURCES : secrets.get(path);
        byte[] bytes = (body == null ? NOT_FOUND : body).getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(body == null ? 404 : 200, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
