package com.kingcdn.origin;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.kingcdn.origin.content.ContentStore;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The origin as a process of its own: killed, out of space, wrongly set up. */
@EnabledOnOs({OS.LINUX, OS.MAC})
class OriginProcessIT {

    private static final Duration START = Duration.ofSeconds(60);
    private static final String AUTHORIZATION = "Authorization: Bearer " + RunningOrigin.TOKEN + "\r\n";

    @TempDir
    Path directory;

    @Test
    void anOriginKilledDuringAnUploadHasNothingOfItAfterwards() throws Exception {
        int port = freePort();
        Process process = start(port, "");
        try (Socket socket = connect(port)) {
            OutputStream out = socket.getOutputStream();
            out.write(("PUT /content/cut HTTP/1.1\r\nHost: o\r\n" + AUTHORIZATION + "Content-Length: 9000000\r\n\r\n")
                    .getBytes(ISO_8859_1));
            out.write(new byte[3_000_000]);
            out.flush();
            Path store = directory.resolve("store");
            await().atMost(START).until(() -> Files.isDirectory(store) && RunningOrigin.objectsIn(store) == 1);
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();

        try (ContentStore store = ContentStore.open(directory.resolve("store"), Clock.systemUTC())) {
            assertThat(store.catalog().size()).isZero();
            assertThat(RunningOrigin.objectsIn(directory.resolve("store"))).isZero();
        }
    }

    /** A limit on the size of files stands for the full disk: the write fails in the same place, and no root is needed. */
    @Test
    void anUploadThatDoesNotFitIsA507AndLeavesNothing() throws Exception {
        int port = freePort();
        Process process = start(port, "ulimit -f 2048 && ");
        try {
            String head = "PUT /content/large HTTP/1.1\r\nHost: o\r\nConnection: close\r\n" + AUTHORIZATION;
            String refused = exchange(port, head + "Content-Length: 4000000\r\n\r\n" + "x".repeat(4_000_000));
            assertThat(refused).startsWith("HTTP/1.1 507 ").contains("the content store is full");
            await().until(() -> RunningOrigin.objectsIn(directory.resolve("store")) == 0);

            assertThat(exchange(port, head + "Content-Length: 4\r\n\r\nfits")).startsWith("HTTP/1.1 201 ");
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void aSettingThatCannotBeUsedIsSaidInWords() throws Exception {
        Path store = directory.resolve("store");
        Path token = Files.writeString(directory.resolve("token"), RunningOrigin.TOKEN);
        Path shortToken = Files.writeString(directory.resolve("short"), "short");
        Path occupied = Files.writeString(directory.resolve("occupied"), "a file in the way");

        assertThat(refusal(java(freePort(), store, shortToken)))
                .contains("kingcdn.origin.token-file: ")
                .contains("fewer than 16");
        assertThat(refusal(java(freePort(), store, token) + " --kingcdn.origin.colour=red"))
                .contains("kingcdn.origin.colour");
        assertThat(refusal(java(freePort(), occupied, token))).contains("kingcdn.origin.store: ");
    }

    /** What an origin says that does not start. */
    private static String refusal(String command) throws Exception {
        Process process = shell(command);
        String output = new String(process.getInputStream().readAllBytes(), ISO_8859_1);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isNotZero();
        assertThat(output).contains("APPLICATION FAILED TO START").doesNotContain("\tat ");
        return output;
    }

    private Process start(int port, String before) throws IOException {
        Path token = Files.writeString(directory.resolve("token"), RunningOrigin.TOKEN);
        return shell(before + java(port, directory.resolve("store"), token));
    }

    private static String java(int port, Path store, Path token) {
        return "exec '" + Path.of(System.getProperty("java.home"), "bin", "java")
                + "' -Xmx96m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp '"
                + System.getProperty("java.class.path") + "' com.kingcdn.origin.OriginApplication --server.port=" + port
                + " --kingcdn.origin.store='" + store + "' --kingcdn.origin.token-file='" + token + "'";
    }

    private static Process shell(String command) throws IOException {
        return new ProcessBuilder("bash", "-c", command)
                .redirectErrorStream(true)
                .start();
    }

    private static String exchange(int port, String request) throws IOException {
        try (Socket socket = connect(port)) {
            return RunningOrigin.exchange(socket, request);
        }
    }

    private static Socket connect(int port) {
        Socket[] connected = new Socket[1];
        await().atMost(START).ignoreExceptions().until(() -> {
            connected[0] = new Socket(InetAddress.getLoopbackAddress(), port);
            connected[0].setSoTimeout(30_000);
            return true;
        });
        return connected[0];
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
