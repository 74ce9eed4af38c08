package com.kingcdn.redirector.zone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.kingcdn.redirector.routing.PathSource;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.HealthMode;
import com.kingcdn.topology.IpPrefix;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ServingSnapshotTest {

    @Test
    void explainsAName() {
        NameExplanation explanation = SnapshotFixture.snapshot()
                .explain("Video.netcinema.example", IpPrefix.parse("203.0.113.0/24"))
                .orElseThrow();
        assertThat(explanation.distribution()).isEqualTo("a1105");
        assertThat(explanation.edgeHostname()).isEqualTo("a1105.kingcdn.example");
        assertThat(explanation.decision().chosen()).isEqualTo("sin");
        assertThat(explanation.addresses()).containsExactly("198.51.100.31");
        assertThat(SnapshotFixture.snapshot().explain("static.kingcdn.example", IpPrefix.parse("203.0.113.7")))
                .isEmpty();
    }

    @Test
    void explainsAHostOfAForeignZone() {
        assertThat(SnapshotFixture.snapshot().explain("shop.elsewhere.example", IpPrefix.parse("203.0.113.7")))
                .hasValueSatisfying(
                        explanation -> assertThat(explanation.distribution()).isEqualTo("apex"));
    }

    @Test
    void refusesADistributionWhoseNameTheZoneFileUses() {
        assertThatThrownBy(() -> compile(SnapshotFixture.distribution("static")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'static.kingcdn.example' of distribution 'static' also has records");
        assertThatThrownBy(() -> compile(SnapshotFixture.distribution("x", "www.netcinema.example")))
                .hasMessageContaining("'www.netcinema.example' of distribution 'x' also has records");
    }

    @Test
    void refusesOneHostOfTwoDistributions() {
        assertThatThrownBy(() -> compile(
                        SnapshotFixture.distribution("x", "h.test"), SnapshotFixture.distribution("y", "h.test")))
                .hasMessageContaining("'h.test' belongs to distribution 'x' and to 'y'");
    }

    @Test
    void refusesDistributionsWithoutACdnZone() {
        ServingInputs inputs = new ServingInputs(
                List.of(new ServedZone(
                        SnapshotFixture.zone("netcinema.example", SnapshotFixture.CUSTOMER_ZONE),
                        ServedZone.Kind.PRIMARY)),
                List.of(SnapshotFixture.distribution("x")),
                SnapshotFixture.clusters(HealthMode.ASSUMED),
                Ttls.DEFAULT,
                SnapshotFixture.PLACES,
                PathSource.NONE,
                Set.of());
        assertThatThrownBy(() -> ServingSnapshot.compile(inputs)).hasMessageContaining("exactly one zone");
    }

    @Test
    void leavesNamesBelowADelegationToTheirServers() {
        ServingSnapshot snapshot = compile(SnapshotFixture.distribution("x", "www.child.kingcdn.example"));
        byte[] wire = Names.of("www.child.kingcdn.example.").toWire();
        assertThat(snapshot.handoffs().find(wire, 0, wire.length)).isNull();
    }

    @Test
    void keepsTheMapWhenOnlyDistributionsChange() {
        ServingInputs inputs = SnapshotFixture.inputs(HealthMode.REPORTED, Set.of("fra-1"));
        ServingSnapshot before = ServingSnapshot.compile(inputs);
        ServingSnapshot after = before.recompile(new ServingInputs(
                inputs.zones(),
                List.of(SnapshotFixture.distribution("new")),
                inputs.clusters(),
                inputs.ttls(),
                inputs.places(),
                inputs.paths(),
                inputs.upNodes()));
        assertThat(after.director().clusters().get(1))
                .isSameAs(before.director().clusters().get(1));
        assertThat(after.explain("new.kingcdn.example", IpPrefix.parse("8.8.8.8")))
                .isPresent();
        assertThat(after.explain("a1105.kingcdn.example", IpPrefix.parse("8.8.8.8")))
                .isEmpty();
    }

    private static ServingSnapshot compile(Distribution... distributions) {
        ServingInputs inputs = SnapshotFixture.inputs(HealthMode.ASSUMED, Set.of());
        return ServingSnapshot.compile(new ServingInputs(
                inputs.zones(),
                List.of(distributions),
                inputs.clusters(),
                inputs.ttls(),
                inputs.places(),
                inputs.paths(),
                Set.of()));
    }
}
