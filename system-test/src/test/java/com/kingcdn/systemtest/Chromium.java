package com.kingcdn.systemtest;

import com.kingcdn.control.ControlJson;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.JsonNode;

/** A real browser without a window, with one page, steered over the DevTools protocol. */
final class Chromium implements AutoCloseable {

    private static final long SECONDS = 30;

    private final Path profile = Files.createTempDirectory("kingcdn-chromium");
    private final Process process;
    private final WebSocket page;
    private final AtomicInteger calls = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> open = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<String> complaints = new ConcurrentLinkedQueue<>();

    Chromium() throws IOException, InterruptedException {
        process = new ProcessBuilder(List.of(
                        "chromium",
                        "--headless",
                        // tests may run as root, in a container without user namespaces
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--disable-quic",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--disable-sync",
                        "--user-data-dir=" + profile,
                        "--remote-debugging-port=0",
                        "about:blank"))
                .redirectErrorStream(true)
                .redirectOutput(LocalCdn.log("chromium").toFile())
                .start();
        try {
            page = connect();
            call("Runtime.enable", Map.of());
            call("Log.enable", Map.of());
            call("Page.enable", Map.of());
        } catch (IOException | InterruptedException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private WebSocket connect() throws IOException, InterruptedException {
        Path port = profile.resolve("DevToolsActivePort");
        HttpClient http = HttpClient.newHttpClient();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (System.nanoTime() < deadline) {
            if (!process.isAlive()) {
                throw new IOException("chromium has ended; see its log");
            }
            if (Files.exists(port)) {
                List<String> lines = Files.readAllLines(port);
                if (lines.size() >= 2) {
                    URI list = URI.create("http://127.0.0.1:" + lines.get(0) + "/json/list");
                    String pages = http.send(HttpRequest.newBuilder(list).build(), BodyHandlers.ofString())
                            .body();
                    for (JsonNode target : ControlJson.mapper().readTree(pages)) {
                        if ("page".equals(target.path("type").asString())) {
                            String url = target.get("webSocketDebuggerUrl").asString();
                            return http.newWebSocketBuilder()
                                    .connectTimeout(Duration.ofSeconds(SECONDS))
                                    .buildAsync(URI.create(url), new Messages())
                                    .join();
                        }
                    }
                }
            }
            Thread.sleep(50);
        }
        throw new IOException("chromium opens no page; see its log");
    }

    private final class Messages implements WebSocket.Listener {

        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
            text.append(part);
            if (last) {
                take(ControlJson.mapper().readTree(text.toString()));
                text.setLength(0);
            }
            socket.request(1);
            return CompletableFuture.completedStage("");
        }
    }

    private void take(JsonNode message) {
        if (message.has("id")) {
            CompletableFuture<JsonNode> call = open.remove(message.get("id").asInt());
            if (call != null) {
                call.complete(message);
            }
            return;
        }
        String method = message.path("method").asString();
        JsonNode said = message.path("params");
        if ("Runtime.exceptionThrown".equals(method)
                || ("Log.entryAdded".equals(method)
                        && "error".equals(said.at("/entry/level").asString()))) {
            complaints.add(said.toString());
        }
    }

    private JsonNode call(String method, Map<String, Object> parameters) {
        int id = calls.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        open.put(id, answer);
        page.sendText(
                ControlJson.mapper().writeValueAsString(Map.of("id", id, "method", method, "params", parameters)),
                true);
        try {
            JsonNode message = answer.get(SECONDS, TimeUnit.SECONDS);
            if (message.has("error")) {
                throw new IllegalStateException(method + ": " + message.get("error"));
            }
            return message.get("result");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException(method + " is not answered", e);
        }
    }

    void open(String url) {
        call("Page.navigate", Map.of("url", url));
    }

    /** What an expression of JavaScript is in the page, as text; promises are waited for. */
    String evaluate(String expression) {
        JsonNode result = call(
                "Runtime.evaluate",
                Map.of("expression", "(async () => String(" + expression + "))()", "awaitPromise", true));
        if (result.has("exceptionDetails")) {
            throw new IllegalStateException(expression + ": " + result.get("exceptionDetails"));
        }
        return result.at("/result/value").asString();
    }

    /** Errors of scripts, and what the browser refused or could not load, since the start. */
    List<String> complaints() {
        return List.copyOf(complaints);
    }

    /** A picture of the whole page, as a screen of that width shows it. */
    byte[] screenshot(int width, int height, boolean dark) {
        call(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
        call(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
        String data = call("Page.captureScreenshot", Map.of("format", "png"))
                .get("data")
                .asString();
        return Base64.getDecoder().decode(data);
    }

    @Override
    public void close() {
        // those that it has started write to its profile too, and are nobody's children when it has ended
        List<ProcessHandle> all = Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                .toList();
        process.destroy();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
            for (ProcessHandle each : all) {
                each.destroyForcibly();
                each.onExit().get(10, TimeUnit.SECONDS);
            }
            FileSystemUtils.deleteRecursively(profile);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("chromium does not end", e);
        } catch (IOException e) {
            throw new IllegalStateException("cannot remove " + profile, e);
        }
    }
}
