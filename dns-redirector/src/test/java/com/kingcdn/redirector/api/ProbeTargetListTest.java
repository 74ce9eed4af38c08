package com.kingcdn.redirector.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.control.ProbeTarget;
import com.kingcdn.control.ProbeTargets;
import com.kingcdn.redirector.registry.ConfigFileReader;
import com.kingcdn.redirector.registry.ConfigRegistry;
import com.kingcdn.redirector.registry.Configuration;
import com.kingcdn.redirector.registry.MemoryControlStore;
import com.kingcdn.redirector.registry.Registries;
import com.kingcdn.topology.IpPrefix;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class ProbeTargetListTest {

    private static Configuration configuration(String probe) {
        MemoryControlStore store = new MemoryControlStore();
        Registries registries = new Registries(store, Clock.systemUTC());
        store.open(registries);
        ConfigRegistry config = registries.config();
        String yaml =
                """
                clusters:
                  - id: fra
                    place: {latitude: 50.11, longitude: 8.68}
                    nodes: [{id: fra-1, ipv4: 9.9.9.1, ipv6: "2620:fe::9"}]
                probe: {%s}
                """
                        .formatted(probe);
        config.replaceFile(new ConfigFileReader(zone -> {}).parse(Path.of("cdn.yaml"), yaml, file -> ""));
        return config.require();
    }

    private static ProbeTargets targets(String probe, String... resolvers) {
        return ProbeTargetList.of(
                configuration(probe),
                Stream.of(resolvers).map(ProbeTargetListTest::address).toList());
    }

    private static InetAddress address(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static List<String> addresses(ProbeTargets targets) {
        return targets.targets().stream().map(ProbeTarget::address).toList();
    }

    @Test
    void thoseTheOperatorNamesComeFirst_thenResolversByTheirWeight() {
        ProbeTargets targets = targets(
                "targets: [{prefix: 198.0.0.0/22}, {prefix: 8.8.0.0/16, address: 8.8.4.4}, {address: 4.4.4.4}]",
                "1.1.1.1",
                "2606:4700:4700::1111",
                "8.8.4.4");
        assertThat(targets.targets())
                .containsExactly(
                        new ProbeTarget("198.0.0.1", IpPrefix.parse("198.0.0.0/22")),
                        new ProbeTarget("8.8.4.4", IpPrefix.parse("8.8.0.0/16")),
                        new ProbeTarget("4.4.4.4", IpPrefix.parse("4.4.4.0/24")),
                        new ProbeTarget("1.1.1.1", IpPrefix.parse("1.1.1.0/24")),
                        new ProbeTarget("2606:4700:4700::1111", IpPrefix.parse("2606:4700:4700::/48")));
    }

    @Test
    void nobodyWhoHasOptedOut_noPrivateAddress_andNoneOfOurOwn() {
        ProbeTargets targets = targets(
                "optOut: [1.1.1.0/24], targets: [{address: 1.1.1.1}, {address: 127.0.0.1}]",
                "1.1.1.2",
                "10.0.0.1",
                "9.9.9.1",
                "2620:fe::9",
                "fe80::1",
                "9.9.9.9");
        assertThat(addresses(targets)).containsExactly("9.9.9.9");
        assertThat(targets.optOut()).hasToString("[1.1.1.0/24]");
    }

    @Test
    void localAddressesWhenTheOperatorSaysSo_exceptThoseThatHaveOptedOut() {
        assertThat(addresses(targets("localTargets: true, optOut: [10.0.0.0/8]", "127.0.0.7", "10.0.0.1")))
                .containsExactly("127.0.0.7");
    }

    @Test
    void aFarmOfResolversDoesNotTakeAllOfTheBudget() {
        assertThat(addresses(targets("mostTargets: 3", "1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.2.1", "1.1.3.1")))
                .containsExactly("1.1.1.1", "1.1.1.2", "1.1.2.1");
    }

    @Test
    void resolversAreLeftOutWhenTheOperatorSaysSo() {
        assertThat(addresses(targets("resolvers: false, targets: [{address: 4.4.4.4}]", "1.1.1.1")))
                .containsExactly("4.4.4.4");
    }

    @Test
    void theEntityTagIsOfTheContent() {
        ProbeTargets targets = targets("", "1.1.1.1");
        assertThat(ProbeTargetList.tag(targets))
                .isEqualTo(ProbeTargetList.tag(targets("", "1.1.1.1")))
                .isNotEqualTo(ProbeTargetList.tag(targets("", "1.1.2.1")));
    }
}
