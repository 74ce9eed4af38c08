package com.kingcdn.redirector.zone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.kingcdn.redirector.registry.Topologies;
import com.kingcdn.redirector.routing.ClusterChoice;
import com.kingcdn.redirector.routing.PathSource;
import com.kingcdn.redirector.routing.PlaceSource;
import com.kingcdn.redirector.routing.TrafficDirector;
import com.kingcdn.topology.AnswerSettings;
import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.EdgeNode;
import com.kingcdn.topology.GeoPoint;
import com.kingcdn.topology.HealthMode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

class WeightedAnswerTest {

    private static final int QUERIES = 10_000;

    private final List<EdgeNode> nodes = new ArrayList<>();

    private ServingSnapshot snapshot(int addresses, AnswerSettings.Order order) {
        Distribution distribution = Topologies.distribution("a1105", new AnswerSettings(addresses, order));
        ServingInputs like = SnapshotFixture.inputs(HealthMode.ASSUMED, Set.of());
        return ServingSnapshot.compile(new ServingInputs(
                like.zones(),
                List.of(distribution),
                List.of(new Cluster("fra", new GeoPoint(50, 8), null, null, null, HealthMode.ASSUMED, false, nodes)),
                like.ttls(),
                PlaceSource.NONE,
                PathSource.NONE,
                Set.of()));
    }

    private void node(int weight) {
        int number = nodes.size() + 1;
        nodes.add(new EdgeNode("n" + number, "192.0.2." + number, null, 0, weight));
    }

    private static List<String> ask(ServingSnapshot snapshot) {
        byte[] name = Names.of("a1105.kingcdn.example.").toWire();
        HandoffTable.Entry entry = snapshot.handoffs().find(name, 0, name.length);
        ClusterChoice choice =
                snapshot.director().route(true, 0x0808080800000000L, 0).choice(TrafficDirector.EVERYWHERE);
        assertThat(entry).isNotNull();
        assertThat(choice).isNotNull();
        try {
            return WholeMessage.of(
                            snapshot.prepared(entry, Type.A, choice).body(), Names.of("a1105.kingcdn.example."), Type.A)
                    .getSection(Section.ANSWER)
                    .stream()
                    .map(record -> ((ARecord) record).getAddress().getHostAddress())
                    .toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Map<String, Integer> first(ServingSnapshot snapshot) {
        Map<String, Integer> counts = new TreeMap<>();
        for (int i = 0; i < QUERIES; i++) {
            counts.merge(ask(snapshot).get(0), 1, Integer::sum);
        }
        return counts;
    }

    @Test
    void nodesStandFirstAsOftenAsTheirWeightSays() {
        int[] weights = {1, 2, 5, 12};
        for (int weight : weights) {
            node(weight);
        }
        for (int addresses : new int[] {1, 3}) {
            Map<String, Integer> counts = first(snapshot(addresses, AnswerSettings.Order.WEIGHT));
            for (int i = 0; i < weights.length; i++) {
                double expected = QUERIES * weights[i] / 20.0;
                assertThat((double) counts.getOrDefault("192.0.2." + (i + 1), 0))
                        .as("answers that begin with weight %s of 20", weights[i])
                        .isCloseTo(expected, within(expected * 0.03));
            }
        }
    }

    @Test
    void byNameTheSameNodeStandsFirst() {
        node(1);
        node(1);
        node(1);
        assertThat(first(snapshot(0, AnswerSettings.Order.NAME))).hasSize(1);
    }

    @Test
    void anAnswerHasAsManyAddressesAsAreAskedFor() {
        for (int i = 0; i < 30; i++) {
            node(1);
        }
        for (AnswerSettings.Order order : AnswerSettings.Order.values()) {
            assertThat(ask(snapshot(24, order))).hasSize(24).doesNotHaveDuplicates();
            assertThat(ask(snapshot(0, order))).hasSize(4);
        }
    }
}
