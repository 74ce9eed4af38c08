package com.kingcdn.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Parameter;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** docs/configuration.md lists every key of the edge with its default, and no other. */
class ConfigurationDocumentationTest {

    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(kingcdn\\.edge\\.[a-z0-9.-]+)` \\| ([^|]*)\\|");

    @Test
    void listsEveryKeyWithItsDefault() throws Exception {
        Map<String, String> documented = new TreeMap<>();
        Matcher rows = ROW.matcher(Files.readString(Path.of("..", "docs", "configuration.md")));
        while (rows.find()) {
            documented.put(rows.group(1), rows.group(2).replaceAll("[` ]", ""));
        }
        Map<String, String> defaults = new TreeMap<>();
        collect(defaults, "kingcdn.edge", EdgeProperties.class);
        assertThat(documented).isEqualTo(defaults);
    }

    private static void collect(Map<String, String> defaults, String prefix, Class<?> type)
            throws NoSuchMethodException {
        RecordComponent[] components = type.getRecordComponents();
        // where the annotations are
        Parameter[] parameters = type.getDeclaredConstructor(
                        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new))
                .getParameters();
        for (int i = 0; i < components.length; i++) {
            String key = prefix + "."
                    + components[i].getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
            if (components[i].getType().isRecord()) {
                collect(defaults, key, components[i].getType());
            } else {
                DefaultValue value = parameters[i].getAnnotation(DefaultValue.class);
                defaults.put(key, value == null ? "" : String.join(",", value.value()));
            }
        }
    }
}
