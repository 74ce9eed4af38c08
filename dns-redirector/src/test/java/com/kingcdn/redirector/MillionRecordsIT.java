package com.kingcdn.redirector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedWriter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

/** A zone file of a million records, with the heap that the launcher gives a redirector: how long until it is served. */
@Timeout(180)
final class MillionRecordsIT {

    private static final int RECORDS = 1_000_000;
    private static final int LARGE_SET = 2_000;

    @TempDir
    Path directory;

    @Test
    void areServedSoonAfterAStart() throws Exception {
        RunningRedirector.prepare(directory);
        writeZone(directory.resolve("kingcdn.example.zone"));
        InetSocketAddress dns = new InetSocketAddress(InetAddress.getLoopbackAddress(), ServerProcess.freePort());
        long begin = System.nanoTime();
        try (ServerProcess redirector = ServerProcess.start(
                directory.resolve("log"),
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-Xss512k",
                "-XX:+ExitOnOutOfMemoryError",
                "-cp",
                System.getProperty("java.class.path"),
                RedirectorApplication.class.getName(),
                "--spring.main.web-application-type=none",
                "--kingcdn.redirector.listen=127.0.0.1:" + dns.getPort(),
                "--kingcdn.redirector.threads=1",
                "--kingcdn.redirector.config=" + directory.resolve("cdn.yaml"),
                "--kingcdn.redirector.state=" + directory.resolve("state"))) {
            await("it answers")
                    .atMost(Duration.ofSeconds(150))
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> {
                        assertThat(redirector.process().isAlive())
                                .as(redirector.log())
                                .isTrue();
                        return answers(dns);
                    });
            double seconds = (System.nanoTime() - begin) / 1e9;

            Random random = new Random(42);
            for (int i = 0; i < 500; i++) {
                int number = random.nextInt(RECORDS - LARGE_SET - 10);
                List<Record> found =
                        ask(dns, host(number), Type.value(type(number))).getSection(Section.ANSWER);
                assertThat(found).as(host(number)).isNotEmpty();
                assertThat(found.get(0).rdataToString()).isEqualTo(data(number));
            }
            assertThat(ask(dns, "nothing.kingcdn.example.", Type.A).getRcode()).isEqualTo(Rcode.NXDOMAIN);
            assertThat(ask(dns, "large.kingcdn.example.", Type.A).getSection(Section.ANSWER))
                    .hasSize(LARGE_SET);
            System.out.printf(
                    Locale.ROOT,
                    "%,d records: served %.1f s after the start of the process, %d MB resident at most%n",
                    RECORDS,
                    seconds,
                    residentMegabytes(redirector.process()));
        }
    }

    private static void writeZone(Path file) throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            out.write("$TTL 300\n@ SOA ns1 hostmaster 1 7200 900 1209600 60\n@ NS ns1\nns1 A 127.0.0.1\n");
            for (int i = 0; i < RECORDS - LARGE_SET - 3; i++) {
                out.write(host(i).replace(".kingcdn.example.", "") + " " + type(i) + " " + data(i) + "\n");
            }
            for (int i = 0; i < LARGE_SET; i++) {
                out.write("large A 198.18." + (i >> 8) + "." + (i & 255) + "\n");
            }
        }
    }

    /** Four of five names own one record, and every tenth name lies deeper. */
    private static String host(int number) {
        int name = number % 5 == 4 ? number - 1 : number;
        return "host-" + name + (name % 10 == 0 ? ".pop" + name % 1000 : "") + ".kingcdn.example.";
    }

    private static String type(int number) {
        return switch (number % 5) {
            case 0, 1 -> "A";
            case 2 -> "TXT";
            case 3 -> "AAAA";
            default -> "MX";
        };
    }

    private static String data(int number) {
        return switch (type(number)) {
            case "A" -> "10." + (number >> 16 & 255) + "." + (number >> 8 & 255) + "." + (number & 255);
            case "TXT" -> "\"the text of host " + number + "\"";
            case "AAAA" -> "2001:db8:0:0:0:0:" + Integer.toHexString(1 + (number >> 16)) + ":1";
            default -> "10 ns1.kingcdn.example.";
        };
    }

    private static boolean answers(InetSocketAddress dns) {
        try {
            return ask(dns, "ns1.kingcdn.example.", Type.A).getRcode() == Rcode.NOERROR;
        } catch (IOException e) {
            return false;
        }
    }

    private static Message ask(InetSocketAddress dns, String name, int type) throws IOException {
        SimpleResolver resolver = new SimpleResolver(dns);
        resolver.setTimeout(Duration.ofSeconds(5));
        return resolver.send(Message.newQuery(Record.newRecord(Name.fromString(name), type, DClass.IN)));
    }

    private static long residentMegabytes(Process process) throws IOException {
        Matcher peak = Pattern.compile("VmHWM:\\s+(\\d+) kB")
                .matcher(Files.readString(Path.of("/proc", String.valueOf(process.pid()), "status")));
        return peak.find() ? Long.parseLong(peak.group(1)) / 1024 : 0;
    }
}
