package com.kingcdn.redirector;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.redirector.server.DnsListeners;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The matrix of EDNS compliance, asked by dig and kdig: plain, unknown version, option and flag, truncation, TCP, TLS and HTTPS.
 *
 * <p>The questions are those of ISC's DNS compliance testing (ednscomp) and of the DNS flag days of 2019 and 2020.
 */
class EdnsComplianceIT {

    private static final String ZONE = "kingcdn.example";

    @TempDir
    private static Path directory;

    private static RunningRedirector redirector;

    @BeforeAll
    static void start() throws IOException {
        redirector = RunningRedirector.start(
                directory,
                "--kingcdn.redirector.nsid=ns1.test",
                "--kingcdn.redirector.dot.listen=127.0.0.1:0",
                "--kingcdn.redirector.doh.listen=127.0.0.1:0");
    }

    @AfterAll
    static void stop() {
        redirector.close();
    }

    @Test
    void plainDns_rfc1035() throws Exception {
        assertThat(dig("soa", "+noedns"))
                .contains("NOERROR", "flags: qr aa;", "SOA")
                .doesNotContain("EDNS:");
        assertThat(dig("type1000", "+noedns")).contains("NOERROR", "flags: qr aa;", "AUTHORITY: 1");
        assertThat(dig("soa", "+noedns", "+tcp")).contains("NOERROR", "flags: qr aa;", "SOA");
    }

    @Test
    void plainEdns_rfc6891_6_1_1() throws Exception {
        assertThat(dig("soa", "+edns=0")).contains("NOERROR", "flags: qr aa;", "EDNS: version: 0, flags:; udp: 1232");
        assertThat(dig("soa", "+edns=0", "+tcp")).contains("NOERROR", "EDNS: version: 0, flags:; udp: 1232");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "+ednsopt=100", "+ednsflags=0x40", "+dnssec", "+cookie"})
    void unknownVersion_rfc6891_6_1_3(String more) throws Exception {
        assertThat(dig("soa", "+edns=1", "+noednsnegotiation", more))
                .contains("status: BADVERS", "EDNS: version: 0, flags:", "ANSWER: 0")
                .doesNotContain("OPT=100", "COOKIE");
    }

    @Test
    void unknownOptionIsIgnored_rfc6891_6_1_2() throws Exception {
        assertThat(dig("soa", "+ednsopt=100")).contains("NOERROR", "SOA").doesNotContain("OPT=100");
        assertThat(dig("soa", "+ednsopt=65001:0102")).contains("NOERROR", "SOA").doesNotContain("OPT=65001");
    }

    @Test
    void unknownFlagIsNotSentBack_rfc6891_6_1_4() throws Exception {
        assertThat(dig("soa", "+ednsflags=0x40")).contains("NOERROR", "EDNS: version: 0, flags:; udp");
        assertThat(dig("soa", "+dnssec")).contains("NOERROR", "EDNS: version: 0, flags: do; udp");
    }

    @Test
    void flagsOfTheHeader_rfc4035_3_1_6() throws Exception {
        assertThat(dig("soa", "+adflag", "+cdflag", "+zflag")).contains("NOERROR", "flags: qr aa;");
        assertThat(dig("soa", "+recurse")).contains("flags: qr aa rd;");
        assertThat(dig("soa", "+opcode=15")).contains("NOTIMP", "EDNS: version: 0, flags:; udp: 1232");
        assertThat(dig("soa", "+header-only", "+nocookie")).contains("FORMERR", "EDNS: version: 0");
        assertThat(dig("soa", "+header-only", "+cookie")).contains("NOERROR", "QUERY: 0", "(good)");
    }

    @Test
    void truncation_rfc6891_6_2_5() throws Exception {
        assertThat(dig("big." + ZONE, "txt", "+ignore", "+bufsize=512")).contains("flags: qr aa tc;", "ANSWER: 0");
        assertThat(dig("big." + ZONE, "txt", "+ignore", "+noedns")).contains("flags: qr aa tc;", "ANSWER: 0");
        assertThat(dig("big." + ZONE, "txt", "+ignore", "+bufsize=4096")).contains("flags: qr aa tc;");
        assertThat(dig("big." + ZONE, "txt", "+bufsize=512")).contains("flags: qr aa;", "ANSWER: 1");
        assertThat(dig("big." + ZONE, "txt", "+tcp")).contains("flags: qr aa;", "ANSWER: 1");
    }

    @Test
    void cookies_rfc7873_5_2_3() throws Exception {
        assertThat(dig("soa", "+cookie")).containsPattern("COOKIE: [0-9a-f]{48} \\(good\\)");
        assertThat(kdig("soa", "+cookie")).containsPattern("COOKIE: [0-9A-F]{16}01000000[0-9A-F]{24}");
        assertThat(dig("soa", "+cookie=0011223344556677010000000000000000aabbccddeeff00"))
                .as("a cookie of somebody else's")
                .contains("NOERROR")
                .containsPattern("COOKIE: 001122334455667701000000[0-9a-f]{24} \\(good\\)");
        assertThat(dig("soa", "+cookie=00112233445566")).contains("FORMERR");
    }

    @Test
    void otherOptions() throws Exception {
        assertThat(dig("soa", "+nsid")).contains("(\"ns1.test\")");
        assertThat(dig("soa", "+nsid", "+tcp")).contains("(\"ns1.test\")");
        assertThat(dig("id.server", "txt", "ch")).contains("flags: qr aa;", "CH\tTXT\t\"ns1.test\"");
        assertThat(dig("version.bind", "txt", "ch")).contains("REFUSED", "ANSWER: 0");
        assertThat(dig("soa", "+subnet=0.0.0.0/0")).contains("CLIENT-SUBNET: 0.0.0.0/0/0");
        assertThat(dig("soa", "+keepalive", "+tcp")).contains("TCP KEEPALIVE: 10.0 secs");
        assertThat(dig("soa", "+keepalive")).doesNotContain("KEEPALIVE");
        assertThat(dig("soa", "+padding=64")).contains("NOERROR").doesNotContain("PAD");
    }

    @Test
    void extendedErrors_rfc8914_2() throws Exception {
        assertThat(dig(ZONE + ".elsewhere", "a")).contains("REFUSED", "EDE: 20 (Not Authoritative)");
        assertThat(dig("soa", "+opcode=15")).contains("NOTIMP", "EDE: 21");
        assertThat(kdig(ZONE + ".elsewhere", "a", "+edns")).contains("REFUSED", "EDE: 20");
        assertThat(dig(ZONE + ".elsewhere", "a", "+noedns")).contains("REFUSED").doesNotContain("EDE:");
        assertThat(dig("soa")).doesNotContain("EDE:");
    }

    @Test
    void anyIsAnsweredWithLittle_rfc8482_4_2() throws Exception {
        assertThat(dig("any", "+notcp")).contains("HINFO", "RFC8482", "ANSWER: 1");
        assertThat(dig("any", "+tcp")).contains("HINFO", "RFC8482", "ANSWER: 1");
    }

    @Test
    void spellingIsKept() throws Exception {
        assertThat(dig("NS1.KingCDN.eXAMPLE", "a")).contains(";NS1.KingCDN.eXAMPLE.", "NS1.KingCDN.eXAMPLE.\t");
    }

    @Test
    void overTls_rfc7858() throws Exception {
        String port = port(redirector.bean(DnsListeners.class).dotAddress());
        String answer = run("kdig", port, "soa", "+tls", "+padding", "+ednsopt=11", "+nsid", "+cookie");
        assertThat(answer).contains("NOERROR", "SOA", "PADDING", "ns1.test", "COOKIE", "TLS session", "Received 468 B");
        assertThat(run("kdig", port, "soa", "+tls", "+nopadding"))
                .contains("NOERROR")
                .doesNotContain("PADDING");
        assertThat(run("kdig", port, "big." + ZONE, "txt", "+tls")).contains("ANSWER: 1", "Received 1872 B");
    }

    @Test
    void overHttps_rfc8484() throws Exception {
        String port = port(redirector.bean(DnsListeners.class).dohAddress());
        assertThat(run("kdig", port, "soa", "+https", "+padding")).contains("NOERROR", "SOA", "PADDING", "HTTP/2-POST");
        assertThat(run("kdig", port, "soa", "+https-get")).contains("NOERROR", "SOA", "HTTP/2-GET");
    }

    /** DNSViz asks each name in many ways (sizes, options, cookies good and bad, TCP) and has nothing to say. */
    @Test
    void dnsvizFindsNothingWrong() throws Exception {
        String probed = directory.resolve("probed.json").toString();
        String asked = Tool.run(List.of(
                "dnsviz",
                "probe",
                "-A",
                "-E",
                "-n",
                "-a",
                ZONE,
                "-x",
                ZONE + "+:127.0.0.1:" + port(redirector.dns()),
                "-o",
                probed,
                ZONE,
                "big." + ZONE,
                "a1105." + ZONE,
                "nothing." + ZONE));
        assertThat(Tool.run(List.of("dnsviz", "grok", "-l", "warning", "-r", probed)))
                .as(asked)
                .isBlank();
        assertThat(Tool.run(List.of("dnsviz", "print", "-r", probed)))
                .contains("a1105.kingcdn.example", "127.0.1.1", "NXDOMAIN");
    }

    private static String dig(String... arguments) throws IOException, InterruptedException {
        return run("dig", port(redirector.dns()), arguments);
    }

    private static String kdig(String... arguments) throws IOException, InterruptedException {
        return run("kdig", port(redirector.dns()), arguments);
    }

    private static String run(String program, String port, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(program, "@127.0.0.1", "-p", port));
        if (Arrays.stream(arguments).noneMatch(argument -> argument.toLowerCase(java.util.Locale.ROOT)
                .contains(ZONE))) {
            command.add(ZONE);
        }
        if (program.equals("dig")) {
            command.addAll(List.of("+norecurse", "+noad", "+tries=3", "+time=5"));
        }
        Arrays.stream(arguments).filter(argument -> !argument.isEmpty()).forEach(command::add);
        return Tool.run(command);
    }

    private static String port(@Nullable InetSocketAddress address) {
        return String.valueOf(Objects.requireNonNull(address).getPort());
    }
}
