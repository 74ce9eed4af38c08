package com.kingcdn.redirector;

import static com.kingcdn.redirector.RunningRedirector.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** What others' validators think of our signatures: BIND's delv and Unbound. */
@Timeout(120)
final class DnssecIT {

    private static final String WITHIN_BUDGET = "--kingcdn.redirector.dnssec.passing-per-second=500";
    private static final String WITHOUT_BUDGET = "--kingcdn.redirector.dnssec.passing-per-second=0";

    @TempDir
    static Path directory;

    @TempDir
    static Path other;

    private static SignedRedirector compact;
    private static SignedRedirector chained;
    private static Unbound beforeCompact;
    private static Unbound beforeChained;

    @BeforeAll
    static void start() throws Exception {
        compact = SignedRedirector.start(directory, WITHIN_BUDGET);
        chained = SignedRedirector.start(other, WITHOUT_BUDGET);
        beforeCompact = Unbound.start(directory, compact);
        beforeChained = Unbound.start(other, chained);
    }

    @AfterAll
    static void stop() {
        beforeCompact.close();
        beforeChained.close();
        compact.close();
        chained.close();
    }

    @ParameterizedTest
    @CsvSource({
        "kingcdn.example, SOA",
        "kingcdn.example, NS",
        "kingcdn.example, MX",
        "kingcdn.example, DNSKEY",
        "kingcdn.example, CDS",
        "kingcdn.example, CDNSKEY",
        "kingcdn.example, DS",
        "netcinema.example, A",
        "netcinema.example, AAAA",
        "safe.kingcdn.example, DS",
        "static.kingcdn.example, A",
        "static.kingcdn.example, TXT",
        "STATIC.kingCDN.example, A",
        "static.kingcdn.example, ANY",
        "big.kingcdn.example, TXT",
        "_dns._udp.kingcdn.example, SRV",
        "a1105.kingcdn.example, A",
        "a1105.kingcdn.example, AAAA",
        "alias.kingcdn.example, A",
        "old.kingcdn.example, A",
        "video.netcinema.example, A",
        "video.netcinema.example, CNAME",
        "www.netcinema.example, AAAA",
        "some.wild.kingcdn.example, A",
        "Other.Name.wild.kingcdn.example, MX",
        "some.cwild.kingcdn.example, A"
    })
    void answersValidate(String name, String type) {
        for (SignedRedirector redirector : List.of(compact, chained)) {
            assertThat(redirector.delv(name, type))
                    .contains("; fully validated")
                    .doesNotContain("unsigned");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "nothing.kingcdn.example, A, ncache nxdomain",
        "nothing.at.all.kingcdn.example, TXT, ncache nxdomain",
        "zzz.kingcdn.example, A, ncache nxdomain",
        "'0.kingcdn.example', A, ncache nxdomain",
        "static.kingcdn.example, AAAA, ncache nxrrset",
        "kingcdn.example, A, ncache nxrrset",
        "ent.kingcdn.example, A, ncache nxrrset",
        "wild.kingcdn.example, A, ncache nxrrset",
        "y.wild.kingcdn.example, A, ncache nxrrset",
        "some.wild.kingcdn.example, TXT, ncache nxrrset",
        "child.kingcdn.example, DS, ncache nxrrset",
        "a1105.kingcdn.example, TXT, ncache nxrrset",
        "hosts.netcinema.example, A, ncache nxrrset",
        "apex.netcinema.example, A, ncache nxdomain",
        "example, A, ncache nxrrset"
    })
    void denialsValidate(String name, String type, String result) {
        // a compact denial of a name says that it has no type at all (RFC 9824 section 2)
        assertThat(compact.delv(name, type))
                .contains("negative response, fully validated")
                .contains("ncache nxrrset");
        assertThat(chained.delv(name, type))
                .contains("negative response, fully validated")
                .contains(result);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nothing.kingcdn.example", "some.wild.kingcdn.example", "static.kingcdn.example"})
    void theNsecRecordOfEachNameValidates(String name) {
        assertThat(compact.delv(name, "NSEC")).contains("; fully validated").doesNotContain("unsigned");
    }

    @ParameterizedTest
    @CsvSource({"127.0.3.1, 198.51.100.21", "127.0.0.1, 198.51.100.1"})
    void eachClustersAddressesValidate(String client, String address) {
        assertThat(compact.delv("-b", client, "video.netcinema.example", "A"))
                .contains("; fully validated")
                .contains(address);
        // fra has no IPv6
        assertThat(compact.delv("-b", client, "video.netcinema.example", "AAAA"))
                .contains("fully validated")
                .doesNotContain("unsigned");
    }

    private static Message validated(Unbound unbound, String name, int type, @Nullable String subnet)
            throws IOException {
        Message answer = unbound.ask(name, type, subnet);
        assertThat(answer.getHeader().getFlag(Flags.AD))
                .as("%s %s: %s%n%s", name, Type.string(type), answer, unbound.log())
                .isTrue();
        return answer;
    }

    @ParameterizedTest
    @CsvSource({
        "kingcdn.example., SOA, 1",
        "kingcdn.example., NS, 1",
        "kingcdn.example., MX, 1",
        "kingcdn.example., DNSKEY, 1",
        "kingcdn.example., CDS, 1",
        "kingcdn.example., DS, 1",
        "safe.kingcdn.example., DS, 1",
        "netcinema.example., A, 1",
        "static.kingcdn.example., A, 1",
        "static.kingcdn.example., TXT, 1",
        "static.kingcdn.example., AAAA, 0",
        "big.kingcdn.example., TXT, 1",
        "alias.kingcdn.example., A, 1",
        "old.kingcdn.example., A, 1",
        "some.wild.kingcdn.example., A, 1",
        "some.wild.kingcdn.example., TXT, 0",
        "some.cwild.kingcdn.example., A, 1",
        "ent.kingcdn.example., A, 0",
        "y.wild.kingcdn.example., A, 0",
        "nothing.kingcdn.example., A, 0",
        "nothing.at.all.kingcdn.example., TXT, 0",
        "dangling.kingcdn.example., A, 1",
        "child.kingcdn.example., DS, 0",
        "www.netcinema.example., AAAA, 1",
        "hosts.netcinema.example., A, 0",
        "nothing.netcinema.example., A, 0"
    })
    void unboundValidates(String name, String type, int least) throws Exception {
        for (Unbound unbound : List.of(beforeCompact, beforeChained)) {
            Message answer = validated(unbound, name, Type.value(type), null);
            assertThat(answer.getSection(Section.ANSWER).size())
                    .as("%s", answer)
                    .isGreaterThanOrEqualTo(least);
            assertThat(answer.getSection(Section.ANSWER).isEmpty()).isEqualTo(least == 0);
        }
    }

    @ParameterizedTest
    @CsvSource({"192.0.2.0, 198.51.100.21", "203.0.113.0, 198.51.100.1"})
    void unboundValidatesWhatEachClientSubnetGets(String subnet, String address) throws Exception {
        for (Unbound unbound : List.of(beforeCompact, beforeChained)) {
            for (String name : List.of(
                    "a1105.kingcdn.example.",
                    "video.netcinema.example.",
                    "netcinema.example.",
                    "shop.kingcdn.example.",
                    "shop.netcinema.example.")) {
                Message answer = validated(unbound, name, Type.A, subnet);
                assertThat(answer.getSection(Section.ANSWER)).as("%s", answer).anyMatch(record -> record.rdataToString()
                        .equals(address));
                // fra has no IPv6
                validated(unbound, name, Type.AAAA, subnet);
            }
        }
    }

    @Test
    void signedAnswersKeepToTheSizeThatTheClientCanTake() throws Exception {
        for (int payload : new int[] {512, 1232, 4096}) {
            for (String transport : List.of("+ignore", "+tcp")) {
                String output = Tool.run(List.of(
                        "dig",
                        "@127.0.0.1",
                        "-p",
                        String.valueOf(compact.port()),
                        "+dnssec",
                        "+bufsize=" + payload,
                        transport,
                        "big.kingcdn.example",
                        "TXT"));
                Matcher size = Pattern.compile("MSG SIZE +rcvd: (\\d+)").matcher(output);
                assertThat(size.find()).as(output).isTrue();
                if (transport.equals("+tcp")) {
                    assertThat(output).contains("RRSIG");
                } else {
                    assertThat(Integer.parseInt(size.group(1))).isLessThanOrEqualTo(Math.min(payload, 1232));
                    assertThat(output).contains(" tc").doesNotContain("IN\tTXT\t\"");
                }
            }
        }
    }

    @Test
    void saysWhatBelongsAtTheParentAndReplacesKeys() throws Exception {
        RunningRedirector redirector = chained.redirector();
        HttpResponse<String> ds = redirector.get("/v1/zones/netcinema.example/ds");
        assertThat(ds.statusCode()).isEqualTo(200);
        assertThat(json(ds).at("/ds/0").asString())
                .matches("netcinema\\.example\\.\\s3600\\sIN\\sDS\\s\\d+ 13 2 [0-9A-F]{64}");
        assertThat(json(ds).at("/keys/0/role").asString()).isEqualTo("csk");
        assertThat(redirector.get("/v1/zones/elsewhere.example/ds").statusCode())
                .isEqualTo(404);
        assertThat(redirector
                        .post("/v1/zones/netcinema.example/rollover", "{\"key\": \"zsk\"}")
                        .statusCode())
                .isEqualTo(409);
        assertThat(redirector
                        .post("/v1/zones/netcinema.example/rollover", "{\"key\": \"rsa\"}")
                        .statusCode())
                .isEqualTo(400);
        assertThat(redirector
                        .post("/v1/zones/netcinema.example/ds-published", "")
                        .statusCode())
                .isEqualTo(409);

        HttpResponse<String> rolling = redirector.post("/v1/zones/netcinema.example/rollover", "{\"key\": \"csk\"}");
        assertThat(rolling.statusCode()).isEqualTo(200);
        assertThat(json(rolling).at("/keys").size()).isEqualTo(2);
        await("the new key is published").atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(
                        chained.delv("netcinema.example", "DNSKEY").split("IN\\s+DNSKEY", -1))
                .hasSize(3));
        assertThat(chained.delv("video.netcinema.example", "A")).contains("; fully validated");
        assertThat(chained.delv("netcinema.example", "CDS")).contains("; fully validated");
    }
}
