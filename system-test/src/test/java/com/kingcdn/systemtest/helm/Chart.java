package com.kingcdn.systemtest.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.redirector.registry.ConfigFile;
import com.kingcdn.redirector.registry.ConfigFileReader;
import com.kingcdn.redirector.zone.ZoneFile;
import com.marcnuri.helm.Helm;
import io.fabric8.kubernetes.api.model.ConfigMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The chart as Helm renders it for a release named {@code cdn}. */
final class Chart {

    static final Path FILES = Path.of("../helm/kingcdn");
    static final String KUBERNETES = "1.31.0";
    static final String NAME = "cdn-kingcdn";

    /** For parameterized tests. */
    static final String ALL_VALUES = "com.kingcdn.systemtest.helm.Chart#values";

    /** For parameterized tests that look at the redirector. */
    static final String VALUES_WITH_REDIRECTOR = "com.kingcdn.systemtest.helm.Chart#valuesWithRedirector";

    /** A release of edges alone. */
    static final String ELSEWHERE = "edges-elsewhere-values.yaml";

    private static final String KEYS = "/run/kingcdn/keys/";

    private Chart() {}

    /** The chart's own values, and each file of ci/. */
    static List<Path> values() throws IOException {
        try (Stream<Path> files = Files.list(FILES.resolve("ci"))) {
            List<Path> all = new ArrayList<>(files.sorted().toList());
            assertThat(all).hasSizeGreaterThanOrEqualTo(3);
            all.add(FILES.resolve("values.yaml"));
            return all;
        }
    }

    /** Those of releases with a redirector. */
    static List<Path> valuesWithRedirector() throws IOException {
        return values().stream().filter(values -> !values.endsWith(ELSEWHERE)).toList();
    }

    static String render(Path values) {
        return new Helm(FILES)
                .template()
                .withName("cdn")
                .withNamespace("demo")
                .withKubeVersion(KUBERNETES)
                .withValuesFile(values)
                .call();
    }

    static Manifests full() {
        return Manifests.parse(render(FILES.resolve("ci/full-values.yaml")));
    }

    /** As the redirector's own reader takes it, with a secret in the place of each key's file. */
    static ConfigFile configuration(Manifests rendered, Path directory) throws IOException {
        for (Map.Entry<String, String> file : rendered.one(ConfigMap.class, NAME + "-dns-redirector")
                .getData()
                .entrySet()) {
            Files.writeString(directory.resolve(file.getKey()), file.getValue().replace(KEYS, directory + "/key-"));
        }
        for (String key : List.of("xfr", "dyn.kingcdn.example")) {
            Files.writeString(directory.resolve("key-" + key), "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=");
        }
        return new ConfigFileReader(zone -> ZoneFile.read(zone.name(), zone.file()))
                .read(directory.resolve("cdn.yaml"));
    }
}
