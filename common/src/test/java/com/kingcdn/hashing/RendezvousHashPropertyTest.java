package com.kingcdn.hashing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class RendezvousHashPropertyTest {

    private record Node(String name, int weight) {}

    private static List<Node> nodes(int count) {
        return IntStream.range(0, count).mapToObj(i -> new Node("node-" + i, 1)).toList();
    }

    private static List<Node> rank(String key, List<Node> nodes) {
        return RendezvousHash.rank(key, nodes, Node::name, Node::weight);
    }

    @Property(tries = 200)
    void aNodeThatLeavesMovesOnlyItsOwnKeys(
            @ForAll String key, @ForAll @IntRange(min = 2, max = 12) int count, @ForAll @IntRange(max = 11) int index) {
        List<Node> all = nodes(count);
        Node leaving = all.get(index % count);
        List<Node> left = all.stream().filter(node -> !node.equals(leaving)).toList();

        List<Node> before = rank(key, all);

        assertThat(before).containsExactlyInAnyOrderElementsOf(all);
        assertThat(rank(key, left))
                .isEqualTo(before.stream().filter(node -> !node.equals(leaving)).toList());
    }

    @Property(tries = 200)
    void theOrderNodesAreGivenInDoesNotMatter(@ForAll String key, @ForAll @IntRange(min = 1, max = 12) int count) {
        List<Node> nodes = nodes(count);
        List<Node> reversed = IntStream.range(0, count)
                .mapToObj(i -> nodes.get(count - 1 - i))
                .toList();
        assertThat(rank(key, reversed)).isEqualTo(rank(key, nodes));
    }

    @Example
    void twiceTheWeightOwnsTwiceTheKeys() {
        List<Node> nodes = List.of(new Node("a", 1), new Node("b", 2), new Node("c", 5));
        int keys = 40_000;
        Map<String, Integer> owned = new HashMap<>();
        for (int i = 0; i < keys; i++) {
            owned.merge(rank("title-" + i, nodes).get(0).name(), 1, Integer::sum);
        }
        // expected share +- 2 % of all keys: more than eight standard deviations
        assertThat(owned.get("a")).isBetween(keys * 105 / 1000, keys * 145 / 1000);
        assertThat(owned.get("b")).isBetween(keys * 230 / 1000, keys * 270 / 1000);
        assertThat(owned.get("c")).isBetween(keys * 605 / 1000, keys * 645 / 1000);
    }
}
