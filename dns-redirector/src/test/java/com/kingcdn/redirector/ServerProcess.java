package com.kingcdn.redirector;

import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Another server's process with its output, ended with the test. */
record ServerProcess(Process process, Path output) implements AutoCloseable {

    private static final long SECONDS = 10;

    static ServerProcess start(Path output, String... command) throws IOException {
        return new ServerProcess(
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start(),
                output);
    }

    /** A port of the loopback that nobody has, neither of TCP nor of UDP. */
    static int freePort() throws IOException {
        while (true) {
            try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                    DatagramSocket same = new DatagramSocket(socket.getLocalPort(), InetAddress.getLoopbackAddress())) {
                return same.getLocalPort();
            } catch (BindException e) {
                // somebody's, of UDP: another one
            }
        }
    }

    /** What it has printed. */
    String log() {
        try {
            // not all that programs print is UTF-8
            return Files.readString(output, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "no output: " + e;
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
    }
}
