package com.kingcdn.edge.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.control.ConfigSnapshot;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.OriginEndpoint;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

@NullMarked
class DistributionTableTest {

    private static final Distribution NETCINEMA = distribution("a1105", "video.netcinema.example");
    private static final Distribution OTHER = distribution("b7", "img.other.example", "192.0.2.7");

    private final DistributionTable table = DistributionTable.empty();

    @Test
    void servesNobodyBeforeTheFirstConfiguration() {
        assertThat(table.find("video.netcinema.example")).isNull();
        assertThat(table.version()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "video.netcinema.example",
                "video.netcinema.example:8080",
                "video.netcinema.example.",
                "video.netcinema.example.:8080",
                "VIDEO.NetCinema.Example:80",
                "a1105.kingcdn.example",
                "A1105.kingcdn.example.:8080"
            })
    void findsCustomerHostsAndTheEdgeHostname(String authority) {
        table.replace(new ConfigSnapshot(3, "kingcdn.example", List.of(NETCINEMA, OTHER), List.of()));
        assertThat(table.find(authority)).isEqualTo(NETCINEMA);
        assertThat(table.version()).isEqualTo(3);
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "",
                ":",
                ".",
                "netcinema.example",
                "x.video.netcinema.example",
                "video.netcinema.example..",
                "video.netcinema.example:80:80",
                "c1.kingcdn.example",
                "kingcdn.example",
                "127.0.0.1:8080",
                "[::1]:8080",
                "[::1",
                "::1"
            })
    void knowsNoOther_rfc9110Section15_5_20(String authority) {
        table.replace(new ConfigSnapshot(3, "kingcdn.example", List.of(NETCINEMA, OTHER), List.of()));
        assertThat(table.find(authority)).isNull();
    }

    @Test
    void aHostCanBeAnAddress() {
        table.replace(new ConfigSnapshot(1, "kingcdn.example", List.of(OTHER), List.of()));
        assertThat(table.find("192.0.2.7:8080")).isEqualTo(OTHER);
    }

    @Test
    void aConfigurationReplacesTheOneBefore() {
        table.replace(new ConfigSnapshot(1, "kingcdn.example", List.of(NETCINEMA), List.of()));
        table.replace(new ConfigSnapshot(2, "kingcdn.example", List.of(OTHER), List.of()));
        assertThat(table.find("video.netcinema.example")).isNull();
        assertThat(table.distributions()).containsExactly(OTHER);
    }

    @Test
    void noHostChangesHandsWhenTwoClaimIt() {
        Distribution thief = distribution("z9", "video.netcinema.example", "a1105.kingcdn.example");
        table.replace(new ConfigSnapshot(1, "kingcdn.example", List.of(NETCINEMA, thief), List.of()));
        assertThat(table.find("video.netcinema.example")).isEqualTo(NETCINEMA);
        assertThat(table.find("a1105.kingcdn.example")).isEqualTo(NETCINEMA);
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"anything.example:81", "", "[::1]:8080"})
    void aStandaloneEdgeServesAnyHost(String authority) {
        DistributionTable standalone = DistributionTable.forAnyHost(NETCINEMA);
        assertThat(standalone.find(authority)).isEqualTo(NETCINEMA);
        assertThat(standalone.distributions()).containsExactly(NETCINEMA);
    }

    private static Distribution distribution(String id, String... hosts) {
        return new Distribution(
                id, List.of(hosts), List.of(new OriginEndpoint(URI.create("http://127.0.0.1:8600"))), null);
    }
}
