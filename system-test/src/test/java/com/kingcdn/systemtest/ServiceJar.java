package com.kingcdn.systemtest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.util.FileSystemUtils;

/** A service's jar, as the build has made it or unpacked as in its image: from plain files a JVM starts in two thirds of the time. */
final class ServiceJar {

    private static final Path ROOT =
            Path.of(System.getProperty("basedir", "")).toAbsolutePath().resolveSibling("");

    /** Of this JVM alone, and unpacked again by the next: a jar has always the same date. */
    private static final Path UNPACKED = OwnDirectory.of("unpacked");

    private static final List<String> DONE = new ArrayList<>();

    private ServiceJar() {}

    /** What starts a service, without its arguments; to be added to. */
    static List<String> java(Path jar, String heap) {
        List<String> command = new ArrayList<>(List.of(
                launcher(),
                "-Xmx" + heap,
                "-XX:+UseSerialGC",
                // short lives: quick to start counts, not quick in the end
                "-XX:TieredStopAtLevel=1",
                "-Dio.netty.leakDetection.level=paranoid"));
        if (Runtime.version().feature() >= 24) {
            command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        }
        command.addAll(List.of("-jar", jar.toString()));
        return command;
    }

    private static String launcher() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    static Path packed(String module) throws IOException {
        return find(ROOT.resolve(module).resolve("target"), module);
    }

    static synchronized Path unpacked(String module) throws IOException, InterruptedException {
        Path directory = UNPACKED.resolve(module);
        if (!DONE.contains(module)) {
            FileSystemUtils.deleteRecursively(directory);
            extract(packed(module), directory);
            DONE.add(module);
        }
        return find(directory, module);
    }

    private static void extract(Path jar, Path directory) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        launcher(),
                        "-XX:TieredStopAtLevel=1",
                        "-Djarmode=tools",
                        "-jar",
                        jar.toString(),
                        "extract",
                        "--destination",
                        directory.toString())
                .redirectErrorStream(true)
                .start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("cannot unpack " + jar + ": " + printed);
        }
    }

    private static Path find(Path directory, String module) throws IOException {
        try (Stream<Path> found = Files.list(directory)) {
            return found.filter(file -> file.getFileName().toString().matches(module + "-.*-app\\.jar"))
                    .findFirst()
                    .orElseThrow(() ->
                            new IOException("no " + module + "-*-app.jar in " + directory + ": mvn package makes it"));
        }
    }
}
