package com.kingcdn.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each client is sent to its nearest cluster, by a CNAME handover. */
@ExtendWith(LocalCdnExtension.class)
class ChooseClusterIT {

    private final LocalCdn cdn;

    ChooseClusterIT(LocalCdn cdn) {
        this.cdn = cdn;
    }

    @ParameterizedTest
    @ValueSource(strings = {"nyc", "fra", "sin"})
    void theSubnetChoosesTheCluster(String cluster) throws Exception {
        String subnet = LocalCdn.subnet(cluster);
        for (String transport : new String[] {"+notcp", "+tcp"}) {
            Dig.Answer answer = Dig.query(cdn, LocalCdn.HOST, "+subnet=" + subnet, transport);
            assertThat(answer.status()).as(answer.printed()).isEqualTo("NOERROR");
            assertThat(answer.flags()).contains("qr", "aa").doesNotContain("ra");
            assertThat(answer.data("CNAME")).containsExactly(LocalCdn.EDGE_HOSTNAME + ".");
            assertThat(answer.data("A")).containsExactly(cdn.edge(cluster));
            assertThat(answer.ecsSource()).isEqualTo(Integer.parseInt(subnet.substring(subnet.indexOf('/') + 1)));
            assertThat(answer.ecsScope()).as("RFC 7871 section 7.2.1").isPositive();
            assertThat(answer.records().get(0).ttl()).isEqualTo(1800);
            assertThat(answer.records().get(1).ttl()).isLessThanOrEqualTo(20);
        }
    }

    @Test
    void aClientTheDatabaseLacksGetsAnAnswerOfItsOwn() throws Exception {
        Dig.Answer answer = Dig.query(cdn, LocalCdn.HOST, "+subnet=203.0.113.0/24");
        assertThat(answer.data("A")).hasSize(1);
        assertThat(answer.ecsScope())
                .as("with scope 0 a resolver gives everyone this answer")
                .isPositive();
    }

    @Test
    void staticNamesAreTheSameForAll_rfc7871Section7_2_1() throws Exception {
        Dig.Answer answer = Dig.query(cdn, "kingcdn.example", "MX", "+subnet=8.8.8.0/24");
        assertThat(answer.data("MX")).containsExactly("10 mail.kingcdn.example.");
        assertThat(answer.ecsScope()).isZero();
    }

    @Test
    void namesOutsideOurZonesAreRefused_andNamesThatAreNoneSaySo() throws Exception {
        assertThat(Dig.query(cdn, "www.elsewhere.example").status()).isEqualTo("REFUSED");
        assertThat(Dig.query(cdn, "no-such.kingcdn.example").status()).isEqualTo("NXDOMAIN");
        Dig.Answer noData = Dig.query(cdn, "mail.kingcdn.example", "TXT");
        assertThat(noData.status()).isEqualTo("NOERROR");
        assertThat(noData.records()).isEmpty();
        assertThat(noData.printed()).contains("SOA");
    }
}
