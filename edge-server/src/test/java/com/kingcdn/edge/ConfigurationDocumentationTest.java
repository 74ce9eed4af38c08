package com.kingcdn.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
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
    void listsEveryKeyWithItsDefault() throws IOException {
        Map<String, String> documented = new TreeMap<>();
        Matcher rows = ROW.matcher(Files.readString(Path.of("..", "docs", "configuration.md")));
        while (rows.find()) {
            documented.put(rows.group(1), rows.group(2).replaceAll("[` ]", ""));
        }
        Map<String, String> defaults = new TreeMap<>();
        collect("kingcdn.edge", EdgeProperties.class, defaults);
        assertThat(documented).isEqualTo(defaults);
    }

    private static void collect(String prefix, Class<?> type, Map<String, String> defaults) {
        for (RecordComponent component : type.getRecordComponents()) {
            String key = prefix + "."
                    + component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
            if (component.getType().isRecord()) {
                collect(key, component.getType(), defaults);
            } else {
                DefaultValue value = component.getAnnotation(DefaultValue.class);
                defaults.put(key, value == null ? "" : String.join(",", value.value()));
            }
        }
    }
}
