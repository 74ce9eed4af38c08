package com.kingcdn.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.systemtest.Launcher.Outcome;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code ./kingcdn} asks of the control API for a command, and what it refuses to ask. */
class LauncherCommandsIT {

    @TempDir
    Path state;

    private final List<String> asked = new CopyOnWriteArrayList<>();
    /** Said one after the other; then always the same. */
    private final Queue<String> answers = new ConcurrentLinkedQueue<>();

    private HttpServer api;
    private Launcher launcher;
    private volatile int status = 200;

    @BeforeEach
    void start() throws IOException {
        api = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        api.createContext("/", this::answer);
        api.start();
        Files.writeString(state.resolve("admin-token"), "secret");
        launcher = new Launcher(Map.of(
                "KINGCDN_STATE",
                state.toString(),
                "KINGCDN_API_PORT",
                String.valueOf(api.getAddress().getPort())));
    }

    @AfterEach
    void stop() {
        api.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            asked.add(String.join(
                    " ",
                    exchange.getRequestHeaders().getFirst("Authorization"),
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().toString(),
                    exchange.getRequestHeaders().getFirst("Content-Type"),
                    body));
            String next = answers.poll();
            byte[] answer = (next == null ? "{\"answer\":true}" : next).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, answer.length);
            exchange.getResponseBody().write(answer);
        }
    }

    private Outcome kingcdn(String command) throws IOException, InterruptedException {
        return launcher.kingcdn(command.split(" "));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ds kingcdn.example             | GET /v1/zones/kingcdn.example/ds null",
                "ds kingcdn.example --published | POST /v1/zones/kingcdn.example/ds-published null",
                "rollover kingcdn.example csk   | POST /v1/zones/kingcdn.example/rollover application/json {\"key\":\"csk\"}",
                "rollover kingcdn.example zsk   | POST /v1/zones/kingcdn.example/rollover application/json {\"key\":\"zsk\"}",
                "drain fra                      | POST /v1/clusters/fra/drain null",
                "fills                          | GET /v1/fills null",
                "fills 0a1b                     | GET /v1/fills/0a1b null",
                "fill --cluster fra /a          | POST /v1/fills application/json"
                        + " {\"distribution\":\"a1105\",\"paths\":[\"/a\"],\"clusters\":[\"fra\"]}"
            })
    void commandsAskTheApiWithTheOperatorsToken(String command, String request) throws Exception {
        Outcome outcome = kingcdn(command);

        assertThat(outcome.exit()).as(outcome.printed()).isZero();
        assertThat(outcome.printed().strip()).isEqualTo("{\"answer\":true}");
        assertThat(asked).map(String::strip).containsExactly("Bearer secret " + request);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"complete\":true,\"progress\":[{\"node\":\"n\",\"cluster\":\"c\",\"state\":\"done\",\"pathsDone\":1}]}     | 0",
                "{\"complete\":false,\"progress\":[{\"node\":\"n\",\"cluster\":\"c\",\"state\":\"failed\",\"error\":\"404\"}]} | 1",
                "{\"cancelled\":true,\"progress\":[{\"node\":\"n\",\"cluster\":\"c\",\"pathsDone\":0}]}                         | 1"
            })
    void aFillThatIsWaitedForSaysHowItWent(String end, int exit) throws Exception {
        String node = "{\"complete\":false,\"progress\":[{\"node\":\"n\",\"cluster\":\"c\",%s\"pathsDone\":0}]}";
        answers.addAll(List.of(
                "{\"id\":\"0a1b\",\"sequence\":1}", node.formatted(""), node.formatted("\"state\":\"running\","), end));
        Outcome outcome = kingcdn("fill --wait /a");

        assertThat(outcome.exit()).as(outcome.printed()).isEqualTo(exit);
        assertThat(outcome.printed()).startsWith(end);
        assertThat(asked).hasSize(4).last().isEqualTo("Bearer secret GET /v1/fills/0a1b null ");
    }

    @Test
    void aChangedFileIsSentAsItIs() throws Exception {
        Path changed = Files.createDirectory(state.resolve("of mine")).resolve("changed 1.yaml");
        Files.writeString(changed, "clusters:\n  - {id: \"fra\"}\n");

        assertThat(launcher.kingcdn("dry-run", changed.toString()).exit()).isZero();
        assertThat(launcher.kingcdn("dry-run", changed.toString(), "a1105").exit())
                .isZero();

        String sent = " application/yaml clusters:\n  - {id: \"fra\"}\n";
        assertThat(asked)
                .containsExactly(
                        "Bearer secret POST /v1/config/dry-run" + sent,
                        "Bearer secret POST /v1/config/dry-run?distribution=a1105" + sent);
    }

    /** The token is for nobody but the control API, and that is on this machine. */
    @Test
    void proxiesAndDefaultsOfCurlAreLeftAside() throws Exception {
        Files.writeString(state.resolve(".curlrc"), "include\n");
        launcher = new Launcher(Map.of(
                "KINGCDN_STATE", state.toString(),
                "KINGCDN_API_PORT", String.valueOf(api.getAddress().getPort()),
                "CURL_HOME", state.toString(),
                "http_proxy", "http://127.0.0.1:9",
                "no_proxy", ""));

        Outcome outcome = kingcdn("drain fra");

        assertThat(outcome.printed().strip()).isEqualTo("{\"answer\":true}");
        assertThat(asked).hasSize(1);
    }

    /** As a newcomer has it with a desktop's newest Java and the JDK that the README names. */
    @Test
    void whereTheNewestJavaHasNoCompilerAnotherOneBuilds() throws Exception {
        Path newest = state.resolve(".sdkman/candidates/java/99");
        program(newest.resolve("bin/java"), "exit 1");
        Files.writeString(newest.resolve("release"), "JAVA_VERSION=\"99.0.1\"\n");
        Path seen = state.resolve("seen");
        program(state.resolve("bin/mvn"), "ls \"$JAVA_HOME/bin/javac\" >" + seen + "; exit 1");
        Path checkout = Files.createDirectory(state.resolve("checkout"));
        Files.copy(Path.of("../kingcdn"), checkout.resolve("kingcdn"), StandardCopyOption.COPY_ATTRIBUTES);

        Outcome outcome = new Launcher(
                        checkout,
                        Map.of(
                                "HOME",
                                state.toString(),
                                "JAVA_HOME",
                                "",
                                "KINGCDN_JAVA",
                                "",
                                "KINGCDN_STATE",
                                state.toString(),
                                "PATH",
                                state.resolve("bin") + ":" + System.getenv("PATH")))
                .kingcdn("edge", "--listen", "127.0.0.1:1", "--origin", "http://127.0.0.1:9");

        assertThat(outcome.printed()).contains("the build failed");
        assertThat(seen).content().endsWith("/bin/javac\n");
    }

    private static void program(Path file, String script) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    @Test
    void theHelpNamesEachOptionAndEachVariable() throws Exception {
        String script = Files.readString(Path.of("../kingcdn"));
        String help = kingcdn("help").printed();

        assertThat(Pattern.compile("(?m)^ +(--[a-z0-9-]+)\\)").matcher(script).results())
                .hasSizeGreaterThan(15)
                .allSatisfy(option -> assertThat(help).containsPattern("\\Q" + option.group(1) + "\\E\\b(?!-)"));
        assertThat(Pattern.compile("\\$\\{(KINGCDN_[A-Z_]+)(?<!_PORT)\\b")
                        .matcher(script)
                        .results())
                .hasSizeGreaterThan(5)
                .allSatisfy(variable -> assertThat(help).contains(variable.group(1)));
    }

    @Test
    void aRefusalIsPrintedAndIsAFailure() throws Exception {
        status = 409;
        Outcome outcome = kingcdn("ds kingcdn.example --published");

        assertThat(outcome.exit()).isNotZero();
        assertThat(outcome.printed()).contains("{\"answer\":true}", "refused with HTTP status 409");
    }

    /** A build takes minutes, and what is built is unpacked. */
    @Test
    void aPortThatIsNoneIsNamedBeforeAnythingIsBuilt() throws Exception {
        Outcome outcome =
                new Launcher(Map.of("KINGCDN_STATE", state.toString(), "KINGCDN_DNS_PORT", "many")).kingcdn("up");

        assertThat(outcome.exit()).isNotZero();
        assertThat(outcome.printed()).contains("'many' is no port").doesNotContain("Building");
        assertThat(state.resolve("app")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ds                               | which zone?",
                "ds a/../b                        | is no zone name",
                "ds kingcdn.example --publish     | does not know --publish",
                "rollover kingcdn.example         | which zone and key?",
                "rollover kingcdn.example key     | which zone and key?",
                "dry-run                          | which file?",
                "dry-run /nowhere.yaml            | is no file that can be read",
                "dry-run /tmp                     | is no file that can be read",
                "dry-run /etc/hostname a?b=c      | is no distribution id",
                "purge --tag                      | kingcdn: --tag needs a value",
                "explain video.example --ecs      | kingcdn: --ecs needs a value",
                "fill --cluster                   | kingcdn: --cluster needs a value",
                "fills ../clusters                | is no fill",
                "edge --listen :1 --origin u --memory much | is no size",
                "dns --listen :1 --config /nowhere | is no file that can be read",
                "status edges                     | kingcdn: status takes no",
                "drain fra sin                    | kingcdn: drain takes no 'sin'",
                "undrain fra sin                  | kingcdn: undrain takes no 'sin'",
                "ds kingcdn.example --published b | kingcdn: ds takes no 'b'",
                "rollover kingcdn.example csk zsk | kingcdn: rollover takes no 'zsk'",
                "dry-run /etc/hostname a1105 b    | kingcdn: dry-run takes no 'b'",
                "up --detach 3                    | kingcdn: up takes no '3'",
                "restart fra                      | nothing runs",
                "pruge                            | kingcdn: there is no"
            })
    void whatMakesNoSenseIsNotAsked(String command, String reason) throws Exception {
        Outcome outcome = kingcdn(command);

        assertThat(outcome.exit()).isNotZero();
        assertThat(outcome.printed()).contains(reason);
        assertThat(asked).isEmpty();
    }
}
