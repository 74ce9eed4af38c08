package com.kingcdn.systemtest.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.IpPrefix;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Whatever the services can be told, the chart's values can say. */
class ChartSchemaTest {

    /** What the chart writes itself. */
    private static final Set<String> OF_CHART =
            Set.of("clusters.nodes.id", "clusters.nodes.port", "clusters.nodes.peer");

    /** What does not belong into a ConfigMap. */
    private static final Set<String> SECRET = Set.of("distributions.signing.keys.k");

    private static @Nullable JsonNode schema;

    @BeforeAll
    static void read() throws IOException {
        schema = new JsonMapper().readTree(Files.readAllBytes(Chart.FILES.resolve("values.schema.json")));
    }

    private static JsonNode schema() {
        if (schema == null) {
            throw new IllegalStateException("read before all");
        }
        return schema;
    }

    @Test
    void hasEachPropertyOfDistributionsAndClusters() {
        compare("distributions", schema().at("/properties/distributions/items"), Distribution.class);
        compare("clusters", schema().at("/properties/clusters/items"), Cluster.class);
    }

    private static void compare(String where, JsonNode node, Class<?> type) {
        Set<String> expected = new TreeSet<>();
        for (RecordComponent component : type.getRecordComponents()) {
            String name = component.getName();
            String path = where + "." + name;
            if (OF_CHART.contains(path) || SECRET.contains(path)) {
                continue;
            }
            expected.add(name);
            @Nullable Class<?> part = part(component.getGenericType());
            JsonNode of = node.at("/properties/" + name);
            if (part != null && !of.isMissingNode()) {
                compare(path, of.has("items") ? of.get("items") : of, part);
            }
        }
        assertThat(node.at("/properties").propertyNames()).as(where).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(node.at("/additionalProperties").asBoolean(true)).as(where).isFalse();
    }

    /** The record that is written there as an object, or as objects in a list; null when it is written as text or a number. */
    private static @Nullable Class<?> part(Type type) {
        if (type instanceof ParameterizedType list) {
            return list.getRawType() == List.class ? part(list.getActualTypeArguments()[0]) : null;
        }
        boolean isObject = type instanceof Class<?> found && found.isRecord() && !found.equals(IpPrefix.class);
        return isObject ? (Class<?>) type : null;
    }

    /** Spring makes a list of an argument that is there twice. */
    @ParameterizedTest
    @CsvSource({"edge, edge", "dns, redirector", "origin, origin"})
    void eachSettingIsTheChartsOwnOrOneOfSettings(String values, String service) throws IOException {
        JsonNode names = schema().at("/properties/" + values + "/properties/settings/propertyNames");
        Pattern allowed = Pattern.compile(names.get("pattern").asString());
        Pattern ofChart = Pattern.compile(names.at("/not/pattern").asString());
        Map<?, ?> full = (Map<?, ?>) Manifests.documents(Files.readString(Chart.FILES.resolve("ci/full-values.yaml")))
                .iterator()
                .next();
        Map<?, ?> own = (Map<?, ?>) Objects.requireNonNull(full.get(values));
        Set<String> given = new TreeSet<>();
        ((Map<?, ?>) Objects.requireNonNull(own.get("settings"))).keySet().forEach(name -> given.add((String) name));
        Set<String> rendered = new TreeSet<>();
        Chart.full()
                .properties()
                .map(property -> property.substring(0, property.indexOf('=')))
                .filter(name -> name.startsWith("kingcdn." + service + "."))
                .forEach(rendered::add);
        assertThat(rendered).containsAll(given);
        rendered.removeAll(given);
        assertThat(rendered).allMatch(name -> ofChart.matcher(name).find());
        assertThat(Documentation.settings())
                .filteredOn(name -> name.startsWith("kingcdn." + service + "."))
                .isNotEmpty()
                .allMatch(name -> allowed.matcher(name.replace("[N]", "[0]")).find());
    }
}
