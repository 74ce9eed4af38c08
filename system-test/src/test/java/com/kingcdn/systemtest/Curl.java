package com.kingcdn.systemtest;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Runs the real curl. */
final class Curl {

    private Curl() {}

    /**
     * What came back.
     *
     * @param exit curl's own exit code; 0 when there was a response
     * @param version of the last response, such as {@code HTTP/1.1} or {@code HTTP/2}; empty for none
     * @param status of the last response; 0 for none
     * @param fields of the last response, names in lower case; lines of one name joined
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared as a whole
    record Response(int exit, String version, int status, Map<String, String> fields, byte[] body, String error) {

        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        String field(String name) {
            return fields.getOrDefault(name, "");
        }
    }

    /** Waits for the response, for at most 30 s. */
    static Response get(String... arguments) throws IOException, InterruptedException {
        return start(arguments).await();
    }

    static Running start(String... arguments) throws IOException {
        Path directory = Files.createTempDirectory("curl");
        List<String> command = new ArrayList<>(List.of(
                "curl",
                "-sS",
                "--max-time",
                "30",
                "-D",
                directory + "/head",
                "-o",
                directory + "/body",
                "--noproxy",
                "*"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectError(directory.resolve("error").toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        return new Running(process, directory);
    }

    /** A curl under way. */
    record Running(Process process, Path directory) {

        Response await() throws IOException, InterruptedException {
            int exit = process.waitFor();
            String head = read("head", StandardCharsets.ISO_8859_1);
            String version = "";
            int status = 0;
            Map<String, String> fields = new TreeMap<>();
            for (String line : head.split("\r?\n", -1)) {
                if (line.startsWith("HTTP/")) {
                    version = line.substring(0, line.indexOf(' '));
                    status = Integer.parseInt(line.split(" ", 3)[1]);
                    fields.clear();
                } else if (line.indexOf(':') > 0) {
                    int colon = line.indexOf(':');
                    fields.merge(
                            line.substring(0, colon).toLowerCase(Locale.ROOT),
                            line.substring(colon + 1).strip(),
                            (one, two) -> one + ", " + two);
                }
            }
            Path body = directory.resolve("body");
            byte[] bytes = Files.exists(body) ? Files.readAllBytes(body) : new byte[0];
            return new Response(exit, version, status, fields, bytes, read("error", StandardCharsets.UTF_8));
        }

        private String read(String file, Charset charset) throws IOException {
            Path path = directory.resolve(file);
            return Files.exists(path) ? Files.readString(path, charset) : "";
        }
    }
}
