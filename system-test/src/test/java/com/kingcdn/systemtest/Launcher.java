package com.kingcdn.systemtest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs {@code ./kingcdn} and other programs as a person at a terminal would, with state and ports of their own. */
final class Launcher {

    private static final Path ROOT =
            Path.of(System.getProperty("basedir", "")).toAbsolutePath().resolveSibling("");

    private static final long MOST_MINUTES = 5;

    private final Path checkout;
    private final Map<String, String> environment;

    /** @param environment what is set beside the present one */
    Launcher(Map<String, String> environment) {
        this(ROOT, environment);
    }

    /** @param checkout where it lies */
    Launcher(Path checkout, Map<String, String> environment) {
        this.checkout = checkout;
        this.environment = environment;
    }

    /** How a program ended, and all it printed. */
    record Outcome(int exit, String printed) {}

    Outcome kingcdn(String... arguments) throws IOException, InterruptedException {
        Process process = start(arguments);
        process.getOutputStream().close();
        return outcome(process);
    }

    /** Leaves it running: the caller ends it. */
    Process start(String... arguments) throws IOException {
        // a build in the background has SIGINT ignored, and bash cannot trap what was ignored when it started
        List<String> command = new ArrayList<>(List.of(
                "env", "--default-signal=INT", checkout.resolve("kingcdn").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** Runs a line of a README, split at white space. */
    static Outcome run(String line) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(line.strip().split("\\s+"))
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        return outcome(process);
    }

    private static Outcome outcome(Process process) throws IOException, InterruptedException {
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(MOST_MINUTES, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new IOException("not ended after " + MOST_MINUTES + " minutes, having printed:\n" + printed);
        }
        return new Outcome(process.exitValue(), printed);
    }
}
