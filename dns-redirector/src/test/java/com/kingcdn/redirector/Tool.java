package com.kingcdn.redirector;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs other people's programs: dig, kdig, Unbound, BIND. */
final class Tool {

    private static final long SECONDS = 30;

    private Tool() {}

    /** What a program prints, both streams together, in the order it came. */
    static String run(List<String> command) throws IOException, InterruptedException {
        Path output = Files.createTempFile("tool", ".out");
        try {
            Process process = start(command, output);
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(command + " is still running; it printed " + Files.readString(output));
            }
            // not all that programs print is UTF-8
            return Files.readString(output, StandardCharsets.ISO_8859_1);
        } finally {
            Files.delete(output);
        }
    }

    /** Starts a program that goes on running, with its output in a file. */
    static Process start(List<String> command, Path output) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        process.getOutputStream().close();
        return process;
    }

    /** Ends a program that {@link #start} started. */
    static void stop(Process process) throws InterruptedException {
        process.destroy();
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
