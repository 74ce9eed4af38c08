package com.kingcdn.redirector;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    @BeforeAll
    static void start() throws Exception {
        compact = SignedRedirector.start(directory, WITHIN_BUDGET);
        chained = SignedRedirector.start(other, WITHOUT_BUDGET);
    }

    @AfterAll
    static void stop() {
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
}
