package com.kingcdn.systemtest;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A {@link DnsLoad} in a process of its own, so that it has no other's pauses. It stands for other machines: where it may, it goes before
 * all others on this one, so that what it measures is the server's. Not in real time, since the scheduler would leave the server where it
 * can never run beside it.
 */
final class LoadProcess {

    private static final int WARM_UP_SECONDS = 3;
    private static final List<String> FIRST = List.of("nice", "-n", "-20");

    private LoadProcess() {}

    /**
     * Asks for the clients of {@link ReportingEdges#prefixes} at a steady rate, after some seconds to warm up.
     *
     * @return the result in words
     */
    static String run(InetSocketAddress server, int perSecond, int seconds, int prefixes)
            throws IOException, InterruptedException {
        String other = System.getProperty("load", "").strip();
        return other.isEmpty()
                ? output(ofThisJava(server, perSecond, seconds, prefixes))
                : output(ofAnother(other, server, perSecond, seconds, prefixes));
    }

    /** Reads the prefixes from a file. */
    private static List<String> ofAnother(
            String load, InetSocketAddress server, int perSecond, int seconds, int prefixes) throws IOException {
        Path file = Files.createTempFile("prefixes", ".txt");
        file.toFile().deleteOnExit();
        Files.write(
                file,
                ReportingEdges.prefixes(prefixes).stream().map(Object::toString).toList());
        List<String> command = new ArrayList<>(List.of(load.split("\\s+")));
        command.addAll(List.of(
                server.getAddress().getHostAddress(),
                String.valueOf(server.getPort()),
                String.valueOf(perSecond),
                String.valueOf(seconds),
                file.toString()));
        return command;
    }

    /** What says who goes before whom: {@code -Dload.first}, where the processors are shared out by hand. */
    private static List<String> first() {
        String first = System.getProperty("load.first", "").strip();
        return first.isEmpty() ? FIRST : List.of(first.split("\\s+"));
    }

    private static List<String> ofThisJava(InetSocketAddress server, int perSecond, int seconds, int prefixes) {
        List<String> command = new ArrayList<>(first());
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // room for all that it notes: it never has to stop
        command.addAll(List.of("-Xms300m", "-Xmx300m", "-Xmn250m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), LoadProcess.class.getName()));
        command.addAll(List.of(
                server.getAddress().getHostAddress(),
                String.valueOf(server.getPort()),
                String.valueOf(perSecond),
                String.valueOf(seconds),
                String.valueOf(prefixes)));
        return command;
    }

    private static String output(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.waitFor() != 0) {
            throw new IOException("the load has ended by " + process.exitValue());
        }
        return said;
    }

    /** The process. */
    public static void main(String[] arguments) throws IOException {
        InetSocketAddress server = new InetSocketAddress(arguments[0], Integer.parseInt(arguments[1]));
        int perSecond = Integer.parseInt(arguments[2]);
        int prefixes = Integer.parseInt(arguments[4]);
        load(server, perSecond, WARM_UP_SECONDS, prefixes).run();
        System.out.println(load(server, perSecond, Integer.parseInt(arguments[3]), prefixes)
                .run());
    }

    private static DnsLoad load(InetSocketAddress server, int perSecond, int seconds, int prefixes) throws IOException {
        return new DnsLoad(new DnsLoad.Plan(
                List.of(server),
                perSecond,
                perSecond * seconds,
                LoneRedirector.question(ReportingEdges.prefixes(prefixes)),
                Duration.ofSeconds(2),
                false));
    }
}
