package com.kingcdn.systemtest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One service's process, with its log; it can be killed and started again with the same command, and does not outlive this JVM. */
final class ServiceProcess {

    private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        // where a test is broken off, nobody else ends them
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> RUNNING.forEach(Process::destroyForcibly), "processes-end"));
    }

    private final String name;
    private final List<String> command;
    private final Path log;
    private @Nullable Process process;

    ServiceProcess(String name, List<String> command, Path log) {
        this.name = name;
        this.command = command;
        this.log = log;
    }

    String name() {
        return name;
    }

    Path log() {
        return log;
    }

    void start() throws IOException {
        if (isAlive()) {
            throw new IllegalStateException(name + " runs already");
        }
        Process started = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        process = started;
        RUNNING.add(started);
        started.onExit().thenRun(() -> RUNNING.remove(started));
    }

    boolean isAlive() {
        return process != null && process.isAlive();
    }

    /** Of the process that runs, or ran last. */
    long pid() {
        return Objects.requireNonNull(process, name).pid();
    }

    /** What it has used of the processors so far. */
    Duration cpu() {
        return process == null
                ? Duration.ZERO
                : process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /** Ends it without any chance to clean up: SIGKILL. */
    void kill9() throws InterruptedException {
        if (process != null) {
            process.destroyForcibly().waitFor();
        }
    }

    /** Asks it to end: SIGTERM. */
    void terminate() {
        if (process != null) {
            process.destroy();
        }
    }

    /** The exit status of the process that ran last. */
    int exitStatus() {
        return Objects.requireNonNull(process, name).exitValue();
    }

    /** Asks it to end; then makes it. */
    void stop() throws InterruptedException {
        terminate();
        if (process != null) {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                kill9();
            }
        }
    }

    String logged() throws IOException {
        return Files.readString(log, StandardCharsets.UTF_8);
    }

    /** The end of the log, for a message. */
    String logTail() throws IOException {
        List<String> lines = logged().lines().toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 25), lines.size()));
    }
}
