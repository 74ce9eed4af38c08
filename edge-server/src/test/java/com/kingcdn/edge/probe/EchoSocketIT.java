package com.kingcdn.edge.probe;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.foreign.ForeignFunctions;
import io.netty.channel.epoll.EpollDatagramChannel;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Probes by ICMP where the kernel lets this process, and by the next way where it does not: which it is depends on the machine, so that
 * processes in network namespaces of their own have it both ways.
 */
final class EchoSocketIT {

    private static final boolean ROOT = "root".equals(System.getProperty("user.name"));
    private static final int MOST_PRINTED = 1 << 20;
    private static final String NO_ICMP = "no probes by ICMP echo: ";

    @TempDir
    Path directory;

    private static boolean isToBeHad() {
        try {
            EpollDatagramChannel socket = EchoSocket.open(true);
            socket.unsafe().closeForcibly();
            return true;
        } catch (IOException e) {
            assertThat(e)
                    .hasMessageContainingAll(ForeignFunctions.areAvailable() ? "net.ipv4.ping_group_range" : "Java 22");
            return false;
        }
    }

    /** What is printed by a process that probes 127.0.0.1 and ::1, where groups of that range may ask for echoes. */
    private String probed(String groups, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                ROOT ? List.of("unshare", "--net") : List.of("unshare", "--user", "--map-root-user", "--net"));
        command.addAll(List.of(
                "sh",
                "-c",
                "ip link set lo up && echo \"$0\" >/proc/sys/net/ipv4/ping_group_range && exec \"$@\"",
                groups,
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of(options));
        command.addAll(List.of(
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                ProbeOnce.class.getName(),
                "127.0.0.1",
                "::1"));
        Path output = directory.resolve("printed");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            process.getOutputStream().close();
            boolean ended = process.waitFor(60, TimeUnit.SECONDS);
            String printed = printed(output);
            assertThat(ended).as(printed).isTrue();
            assertThat(process.exitValue()).as(printed).isZero();
            return printed;
        } finally {
            process.destroyForcibly();
        }
    }

    private static String printed(Path output) throws IOException {
        try (InputStream in = Files.newInputStream(output)) {
            return new String(in.readNBytes(MOST_PRINTED), StandardCharsets.UTF_8);
        }
    }

    /** What lets a process call the C library, if this Java can at all. */
    private static String[] foreignFunctions() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument ->
                        argument.startsWith("--add-modules") || argument.startsWith("--enable-native-access"))
                .toArray(String[]::new);
    }

    @Test
    void byIcmpWhereTheProcessMay_elseByTcp() throws Exception {
        assertThat(ProbeOnce.measured("127.0.0.1"))
                .extracting(measurement -> measurement.method().text())
                .containsOnly(isToBeHad() ? "icmp" : "tcp");
    }

    @Test
    void bothFamiliesAreProbedByIcmpWhereItsGroupMay() throws Exception {
        String way = ForeignFunctions.areAvailable() ? "ICMP" : "TCP";
        assertThat(probed("0 0", foreignFunctions()))
                .contains("measured 127.0.0.0/24 by " + way, "measured ::/48 by " + way);
    }

    @Test
    void byTcpWhereNobodyMay_andOneLineSaysWhatToDo() throws Exception {
        assertThat(probed("1 0", foreignFunctions()))
                .containsOnlyOnce(NO_ICMP)
                .contains(ForeignFunctions.areAvailable() ? "net.ipv4.ping_group_range" : "Java 22")
                .contains("measured 127.0.0.0/24 by TCP", "measured ::/48 by TCP");
    }
}
