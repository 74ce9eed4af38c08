package com.kingcdn.redirector.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.kingcdn.redirector.registry.ConfigFile;
import com.kingcdn.redirector.registry.ConfigFileException;
import com.kingcdn.redirector.registry.ConfigFileReader;
import com.kingcdn.redirector.registry.ConfigRegistry;
import com.kingcdn.redirector.registry.ConflictException;
import com.kingcdn.redirector.registry.ControlChange.DistributionPut;
import com.kingcdn.redirector.registry.MemoryControlStore;
import com.kingcdn.redirector.registry.Registries;
import com.kingcdn.redirector.registry.Topologies;
import com.kingcdn.topology.Distribution;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What could not be served is not taken: it would keep every later change from being served, and the redirector from starting again. */
class MappedNameRuleTest {

    private static final String FILE =
            """
            zones:
              - {name: kingcdn.example, file: cdn.zone, cdn: true}
              - {name: netcinema.example, file: zone}
            distributions: [{id: a1105, hosts: [%s], origins: [{url: "http://127.0.0.1:8600"}]}]
            """;

    private static final String ZONE =
            """
            $TTL 60
            @ SOA ns1 host 7 7200 900 1209600 60
            @ NS ns1
            ns1 A 192.0.2.1
            www A 192.0.2.1
            mail MX 10 www
            *.wild A 192.0.2.1
            """;

    private final ZoneParser parser = new ZoneParser();
    private final MemoryControlStore store = new MemoryControlStore();
    private final Registries registries = new Registries(store, Clock.systemUTC());
    private final ConfigRegistry config = registries.config();

    private ConfigFile file(String host) {
        return new ConfigFileReader(parser::parse).parse(Path.of("/cdn.yaml"), FILE.formatted(host), path -> ZONE);
    }

    @BeforeEach
    void open() {
        store.open(registries);
        config.subject(new MappedNameRule(parser));
        config.replaceFile(file("video.netcinema.example"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"www.netcinema.example", "mail.netcinema.example", "ns1.kingcdn.example"})
    void aHostThatHasRecordsIsRefused(String host) {
        assertThatThrownBy(() -> config.putDistribution(Topologies.distribution("b2", host)))
                .isInstanceOf(ConflictException.class)
                .hasMessageContaining("'" + host + "' of distribution 'b2' also has records in the file of zone");
        assertThat(config.require().distribution("b2")).isEmpty();
        assertThat(keeps(registries, "b2")).isFalse();

        assertThatThrownBy(() -> config.replaceFile(file(host)))
                .isInstanceOf(ConfigFileException.class)
                .hasMessageContaining("also has records");
        assertThat(config.require().distributions().get(0).hosts()).containsExactly("video.netcinema.example");
    }

    @Test
    void anEdgeHostnameThatHasRecordsIsRefused() {
        assertThatThrownBy(() -> config.putDistribution(Topologies.distribution("www", "b.example")))
                .isInstanceOf(ConflictException.class)
                .hasMessageContaining("'www.kingcdn.example'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"netcinema.example", "new.netcinema.example", "x.wild.netcinema.example", "elsewhere.example"})
    void otherHostsAreTaken(String host) {
        assertThat(config.putDistribution(Topologies.distribution("b2", host))).isTrue();
    }

    /** A registry whose journal has what earlier versions took. */
    private static Registries registriesWith(Distribution... distributions) {
        MemoryControlStore journal = new MemoryControlStore();
        Registries opened = new Registries(journal, Clock.systemUTC());
        journal.open(opened);
        for (Distribution distribution : distributions) {
            opened.apply(new DistributionPut(distribution));
        }
        opened.config().subject(new MappedNameRule(new ZoneParser()));
        return opened;
    }

    private static boolean keeps(Registries registries, String id) {
        return registries.changes().stream()
                .anyMatch(change -> change instanceof DistributionPut put
                        && put.distribution().id().equals(id));
    }

    @Test
    void whatIsInTheJournalAlreadyKeepsNoRedirectorFromStarting() {
        Distribution clash = Topologies.distribution("b2", "www.netcinema.example");
        Distribution other = Topologies.distribution("c3", "c.netcinema.example");
        Registries next = registriesWith(clash, other);
        ConfigRegistry started = next.config();
        ConfigFile file = file("video.netcinema.example");
        assertThatThrownBy(() -> started.replaceFile(file)).isInstanceOf(ConfigFileException.class);

        started.startWith(file);
        assertThat(started.require().distributions()).extracting("id").containsExactly("a1105", "c3");
        assertThat(keeps(next, "b2")).isTrue();

        started.putDistribution(Topologies.distribution("d4", "d.netcinema.example"));
        started.replaceFile(file("new.netcinema.example"));
        assertThat(started.require().distributions()).extracting("id").containsExactly("a1105", "c3", "d4");
        assertThatThrownBy(() -> started.putDistribution(clash)).isInstanceOf(ConflictException.class);
        started.putDistribution(Topologies.distribution("b2", "b.netcinema.example"));
        assertThat(started.require().distribution("b2")).isPresent();
    }

    @Test
    void whatIsNotServedForAClashCanBeRemoved() {
        Registries next = registriesWith(Topologies.distribution("b2", "www.netcinema.example"));
        next.config().startWith(file("video.netcinema.example"));
        assertThat(next.config().removeDistribution("b2")).isTrue();
        assertThat(next.config().removeDistribution("b2")).isFalse();
        assertThat(keeps(next, "b2")).isFalse();
    }

    @Test
    void aFileThatContradictsItselfIsNotStartedWith() {
        ConfigRegistry started = registriesWith().config();
        ConfigFile file = file("www.netcinema.example");
        assertThatThrownBy(() -> started.startWith(file)).isInstanceOf(ConfigFileException.class);
    }
}
