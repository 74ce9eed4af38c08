package com.kingcdn.redirector.zone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.kingcdn.redirector.routing.Addresses;
import com.kingcdn.redirector.routing.ChoiceReason;
import com.kingcdn.redirector.routing.ClusterChoice;
import com.kingcdn.redirector.routing.FixedPlaces;
import com.kingcdn.redirector.routing.PathSource;
import com.kingcdn.redirector.routing.ServingCluster;
import com.kingcdn.redirector.routing.TrafficDirector;
import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.GeoPoint;
import com.kingcdn.topology.HealthMode;
import com.kingcdn.topology.IpPrefix;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Type;

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

    @Test
    void keepsAnswersWhenOnlyTheMapChanges() {
        ServingInputs inputs = SnapshotFixture.inputs(HealthMode.ASSUMED, Set.of());
        ServingSnapshot before = ServingSnapshot.compile(inputs);
        PreparedAnswer mapped = mapped(before);
        ReadyAnswer made = made(before);
        ServingSnapshot after =
                before.recompile(with(inputs, inputs.ttls(), inputs.clusters())).signedBy(Map.of());
        assertThat(after.director()).isNotSameAs(before.director());
        assertThat(mapped(after)).isSameAs(mapped);
        assertThat(ready(after)).isSameAs(made);
    }

    @Test
    void makesAnswersAnewWhenWhatTheySayChanges() {
        ServingInputs inputs = SnapshotFixture.inputs(HealthMode.ASSUMED, Set.of());
        ServingSnapshot before = ServingSnapshot.compile(inputs);
        PreparedAnswer mapped = mapped(before);
        made(before);

        Ttls others = new Ttls(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(3));
        ServingSnapshot otherTtls = before.recompile(with(inputs, others, inputs.clusters()));
        assertThat(mapped(otherTtls).body()).isNotEqualTo(mapped.body());
        assertThat(ready(otherTtls)).isNull();

        List<Cluster> clusters = new ArrayList<>(inputs.clusters());
        clusters.add(0, clusters.remove(1));
        ServingSnapshot otherOrder = before.recompile(with(inputs, inputs.ttls(), clusters));
        assertThat(mapped(otherOrder).madeFor())
                .isNotNull()
                .extracting(ServingCluster::cluster)
                .isEqualTo(clusters.get(0));
        clusters.remove(0);
        assertThat(mapped(before.recompile(with(inputs, inputs.ttls(), clusters)))
                        .madeFor())
                .isNotNull()
                .extracting(ServingCluster::cluster)
                .isEqualTo(clusters.get(0));

        ServingInputs otherZone = new ServingInputs(
                List.of(
                        new ServedZone(
                                SnapshotFixture.zone(
                                        "kingcdn.example",
                                        SnapshotFixture.CDN_ZONE.replace(
                                                "static IN A   192.0.2.9", "static IN A   192.0.2.8")),
                                ServedZone.Kind.CDN),
                        inputs.zones().get(1)),
                inputs.distributions(),
                inputs.clusters(),
                inputs.ttls(),
                inputs.places(),
                inputs.paths(),
                Set.of());
        assertThat(ready(before.recompile(otherZone))).isNull();
    }

    @Test
    void namesWithTheSameAddressesShareAnAnswer() {
        ServingSnapshot snapshot =
                compile(SnapshotFixture.distribution("one"), SnapshotFixture.distribution("another-name"));
        ClusterChoice sin = snapshot.director()
                .route(true, Addresses.high(new byte[] {127, 0, 3, 1}), 0)
                .choice(TrafficDirector.EVERYWHERE);
        assertThat(sin).isNotNull();
        PreparedAnswer one = snapshot.prepared(entry(snapshot, "one.kingcdn.example."), Type.A, sin);
        PreparedAnswer other = snapshot.prepared(entry(snapshot, "another-name.kingcdn.example."), Type.A, sin);
        assertThat(one.madeFor())
                .isNotNull()
                .extracting(cluster -> cluster.cluster().id())
                .isEqualTo("sin");
        assertThat(other).isSameAs(one);
        // nothing of the kind for IPv6: the SOA record's name is in another place
        assertThat(snapshot.prepared(entry(snapshot, "one.kingcdn.example."), Type.AAAA, sin)
                        .body())
                .isNotEqualTo(snapshot.prepared(entry(snapshot, "another-name.kingcdn.example."), Type.AAAA, sin)
                        .body());
    }

    /** Other paths and places, since they are other objects, that say the same. */
    private static ServingInputs with(ServingInputs inputs, Ttls ttls, List<Cluster> clusters) {
        return new ServingInputs(
                inputs.zones(),
                inputs.distributions(),
                clusters,
                ttls,
                new FixedPlaces().with("8.8.8.0/24", new GeoPoint(1, 2)),
                PathSource.NONE,
                Set.of());
    }

    private static HandoffTable.Entry entry(ServingSnapshot snapshot, String name) {
        byte[] wire = Names.of(name).toWire();
        return Objects.requireNonNull(snapshot.handoffs().find(wire, 0, wire.length));
    }

    private static PreparedAnswer mapped(ServingSnapshot snapshot) {
        ClusterChoice first =
                new ClusterChoice(0, snapshot.director().clusters().get(0), ChoiceReason.DEFAULT_ORDER, true, false);
        return snapshot.prepared(entry(snapshot, "a1105.kingcdn.example."), Type.A, first);
    }

    private static ReadyAnswer made(ServingSnapshot snapshot) {
        return snapshot.answered(
                Names.of("static.kingcdn.example."), Type.A, snapshot.director().route(true, 0, 0), false, false);
    }

    private static @Nullable ReadyAnswer ready(ServingSnapshot snapshot) {
        byte[] wire = Names.of("static.kingcdn.example.").toWire();
        return snapshot.ready(wire, 0, wire.length, Type.A, false, false);
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
