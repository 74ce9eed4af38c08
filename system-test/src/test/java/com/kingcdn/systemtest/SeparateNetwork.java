package com.kingcdn.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * An Internet of some hosts, each a network namespace with one IPv4 and one IPv6 address, all wired to one in the middle. Addresses and
 * ports are theirs alone: any address may be had, port 53 too. Needs Linux, and root or user namespaces.
 *
 * <p>A namespace is held by a process that reads from a pipe of this one, so that nothing is left of it however this process ends.
 */
final class SeparateNetwork implements AutoCloseable {

    static final String MIDDLE = "middle";

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration LONGEST = Duration.ofMinutes(4);
    private static final boolean ROOT = "root".equals(System.getProperty("user.name"));

    private final Map<String, Process> holders = new HashMap<>();

    /** @param addresses of the middle */
    SeparateNetwork(String... addresses) throws IOException, InterruptedException {
        hold(
                MIDDLE,
                ROOT
                        ? List.of("unshare", "--net", "cat")
                        : List.of("unshare", "--user", "--map-root-user", "--net", "cat"));
        run(MIDDLE, "ip", "link", "set", "lo", "up");
        for (String address : addresses) {
            run(MIDDLE, "ip", "address", "add", address, "dev", "lo");
        }
    }

    /** One host more. */
    void add(String host, String ipv4, String ipv6) throws IOException, InterruptedException {
        hold(host, in(MIDDLE, "unshare", "--net", "cat"));
        String wire = "to-" + host;
        String end = String.valueOf(holder(host).pid());
        run(MIDDLE, "ip", "link", "add", wire, "type", "veth", "peer", "name", "net0", "netns", end);
        run(MIDDLE, "ip", "address", "add", "fe80::1/64", "dev", wire, "nodad");
        run(MIDDLE, "ip", "link", "set", wire, "up");
        run(host, "ip", "link", "set", "lo", "up");
        run(host, "ip", "address", "add", ipv4, "dev", "net0");
        run(host, "ip", "address", "add", ipv6, "dev", "net0", "nodad");
        run(host, "ip", "link", "set", "net0", "up");
        run(host, "ip", "route", "add", "default", "dev", "net0");
        run(host, "ip", "-6", "route", "add", "default", "via", "fe80::1", "dev", "net0");
        run(MIDDLE, "ip", "route", "add", ipv4, "dev", wire);
        run(MIDDLE, "ip", "-6", "route", "add", ipv6, "dev", wire);
    }

    private void hold(String host, List<String> command) throws IOException {
        Process holder = new ProcessBuilder(command).redirectErrorStream(true).start();
        holders.put(host, holder);
        Path ours = Files.readSymbolicLink(Path.of("/proc/self/ns/net"));
        Path middles = host.equals(MIDDLE) ? ours : namespace(MIDDLE);
        await("a network namespace for " + host)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> {
                    assertThat(holder.isAlive())
                            .as("%s made a network namespace, which takes root or user namespaces", command)
                            .isTrue();
                    Path now = namespace(host);
                    return !now.equals(ours) && !now.equals(middles);
                });
    }

    private Path namespace(String host) throws IOException {
        return Files.readSymbolicLink(
                Path.of("/proc", String.valueOf(holder(host).pid()), "ns", "net"));
    }

    private Process holder(String host) {
        return Objects.requireNonNull(holders.get(host), host);
    }

    /** The command that runs a command on a host; the process is that of the command itself. */
    List<String> in(String host, String... command) {
        List<String> whole = new ArrayList<>(
                List.of("nsenter", "--target", String.valueOf(holder(host).pid()), "--net"));
        if (!ROOT) {
            whole.addAll(List.of("--user", "--preserve-credentials"));
        }
        whole.addAll(List.of(command));
        return whole;
    }

    /** Runs a command on a host to its good end, and returns all it printed. */
    String run(String host, String... command) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(in(host, command)).redirectErrorStream(true).start();
        process.getOutputStream().close();
        // reading what it prints cannot be interrupted
        CompletableFuture.delayedExecutor(LONGEST.toSeconds(), TimeUnit.SECONDS).execute(process::destroyForcibly);
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue())
                .as("%s on %s: %s", String.join(" ", command), host, printed)
                .isZero();
        return printed;
    }

    @Override
    public void close() {
        holders.values().forEach(Process::destroyForcibly);
    }
}
