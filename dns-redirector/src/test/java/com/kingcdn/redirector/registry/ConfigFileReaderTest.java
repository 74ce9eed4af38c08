package com.kingcdn.redirector.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.kingcdn.topology.HealthMode;
import java.io.FileNotFoundException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class ConfigFileReaderTest {

    private static final Path FILE = Path.of("/etc/kingcdn/cdn.yaml");

    static final String WHOLE =
            """
            zones:
              - {name: kingcdn.example, file: kingcdn.example.zone, cdn: true}
              - {name: NetCinema.example., file: netcinema.example.zone}
            distributions:
              - id: a1105
                hosts: [video.netcinema.example]
                origins: [{url: "http://127.0.0.1:8600"}]
            clusters:
              - id: fra
                place: {latitude: 50.11, longitude: 8.68}
                kind: bring-home
                role: edge
                coverage: [192.0.2.0/24, "2001:db8::/32"]
                health: assumed
                nodes:
                  - {id: fra-1, ipv4: 127.0.2.1, ipv6: "2001:db8:2::1", port: 8080, weight: 1}
            ttl: {host: 1800s, edge-hostname: 2m, address: 20s}
            geo: {database: city.mmdb}
            """;

    private static ConfigFile parse(String yaml) {
        return new ConfigFileReader(zone -> {}).parse(FILE, yaml, file -> "text of " + file.getFileName());
    }

    @Test
    void readsEveryKey() {
        ConfigFile file = parse(WHOLE);

        assertThat(file.zones())
                .containsExactly(
                        new ZoneSource(
                                "kingcdn.example",
                                Path.of("/etc/kingcdn/kingcdn.example.zone"),
                                true,
                                false,
                                "text of kingcdn.example.zone",
                                ZonePolicy.CLOSED),
                        new ZoneSource(
                                "netcinema.example",
                                Path.of("/etc/kingcdn/netcinema.example.zone"),
                                false,
                                false,
                                "text of netcinema.example.zone",
                                ZonePolicy.CLOSED));
        assertThat(file.distributions()).containsExactly(Topologies.distribution("a1105", "video.netcinema.example"));
        assertThat(file.clusters()).singleElement().satisfies(cluster -> {
            assertThat(cluster.health()).isEqualTo(HealthMode.ASSUMED);
            assertThat(cluster.coverage()).hasSize(2);
            assertThat(cluster.nodes().get(0).ipv6()).isEqualTo("2001:db8:2::1");
        });
        assertThat(file.ttls())
                .isEqualTo(new Ttls(Duration.ofMinutes(30), Duration.ofMinutes(2), Duration.ofSeconds(20)));
        assertThat(file.geoDatabases()).containsExactly(Path.of("/etc/kingcdn/city.mmdb"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "cache: {maxTtl: 10}           | not a duration: a whole number",
                "cache: {maxTtl: ten}          | 'ten' is not a duration",
                "cache: {negativeTtl: 2h}      | negativeTtl is too long: at most 1h",
                "cache: {ttl: 1m}              | unknown key 'ttl'; known here: defaultTtl, maxTtl",
                "query: {mode: some}           | 'some' is not one of the values",
                "delivery: {methods: [get]}    | method 'get' is none of",
                "headers: {toClient: {set: {Via: x}}} | field 'Via' cannot be changed",
            })
    void refusesRulesWithTheLineAndTheReason(String rules, String reason) {
        String yaml = WHOLE.replace("clusters:\n", "    " + rules + "\nclusters:\n");
        assertThatThrownBy(() -> parse(yaml))
                .isInstanceOf(ConfigFileException.class)
                .hasMessageStartingWith(FILE + ":8: ")
                .hasMessageContaining(reason);
    }

    static Stream<Arguments> refusals() {
        return Stream.of(
                refusal("cluster:", "clusters:", 8, "unknown key 'cluster'; known here: clusters, distributions"),
                refusal("    colour: red\n    health:", "    health:", 14, "unknown key 'colour'"),
                refusal("kind: nearby", "kind: bring-home", 11, "'nearby' is not one of the values"),
                refusal("latitude: 95", "latitude: 50.11", 10, "latitude 95.0 is not between"),
                refusal("latitude: north", "latitude: 50.11", 10, "'north' is not a number"),
                refusal("{longitude: 8.68}", "{latitude: 50.11, longitude: 8.68}", 10, "key 'latitude' is missing"),
                refusal("192.0.2.1/24", "192.0.2.0/24", 13, "did you mean 192.0.2.0/24"),
                refusal("ipv4: localhost", "ipv4: 127.0.2.1", 16, "'localhost' is not an IP address"),
                refusal("nodes: []\n    xnodes:", "nodes:", 9, "cluster 'fra' needs at least one node"),
                refusal("url: ftp://x", "url: \"http://127.0.0.1:8600\"", 7, "must be http://host"),
                refusal("id: A1105", "id: a1105", 5, "must be 1 to 63 lower-case letters"),
                refusal("id: a1105\n    id: b", "id: a1105", 6, "key 'id' stands twice"),
                refusal("address: 20", "address: 20s", 17, "'20' is no TTL"),
                refusal("address: 8d", "address: 20s", 17, "'8d' is no TTL"),
                refusal("ttl: [1]\nx:", "ttl:", 17, "not an object with keys"),
                refusal("hosts: video", "hosts: [video.netcinema.example]", 6, "not a list"),
                refusal("hosts: [a, a]", "hosts: [video.netcinema.example]", 5, "host 'a' stands twice"),
                refusal("hosts: [null]", "hosts: [video.netcinema.example]", 5, "a list holds null"),
                refusal("clusters:\n  -\n  - id: fra", "clusters:\n  - id: fra", 8, "empty value"),
                refusal("health: \"assumed", "health: assumed", 16, "not YAML"),
                refusal("*fra", "assumed", 14, "not YAML"),
                refusal("cdn: yes", "cdn: true", 2, "'yes' is not true or false"));
    }

    private static Arguments refusal(String replacement, String replaced, int line, String reason) {
        return Arguments.of(WHOLE.replace(replaced, replacement), line, reason);
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void refusesWithTheLineAndTheReason(String yaml, int line, String reason) {
        assertThatThrownBy(() -> parse(yaml))
                .isInstanceOf(ConfigFileException.class)
                .hasMessageStartingWith(FILE + ":" + line + ": ")
                .hasMessageContaining(reason)
                .message()
                .doesNotContain("com.kingcdn");
    }

    @Test
    void refusesAliasesOfCollectionsWhichCanGrowWithoutBound() {
        assertThatThrownBy(() -> parse("zones: &a []\nclusters: *a\n"))
                .isInstanceOf(ConfigFileException.class)
                .hasMessageContaining("alias");
    }

    @Test
    void refusesAZoneFileThatIsNotThere() {
        assertThatThrownBy(() -> new ConfigFileReader(zone -> {}).parse(FILE, WHOLE, file -> {
                    throw new FileNotFoundException(file.toString());
                }))
                .isInstanceOf(ConfigFileException.class)
                .hasMessageStartingWith(FILE + ":2: ")
                .hasMessageContaining("kingcdn.example.zone cannot be read");
    }

    @Test
    void refusesAZoneThatIsNotValid() {
        ConfigFileReader reader = new ConfigFileReader(zone -> {
            throw new IllegalArgumentException(zone.file() + ":7: no SOA");
        });

        assertThatThrownBy(() -> reader.parse(FILE, WHOLE, file -> "x"))
                .isInstanceOf(ConfigFileException.class)
                .hasMessageStartingWith(FILE + ":2: ")
                .hasMessageContaining("kingcdn.example.zone:7: no SOA");
    }
}
