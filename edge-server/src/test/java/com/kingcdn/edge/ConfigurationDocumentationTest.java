package com.kingcdn.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/configuration.md lists every key of the edge, and no other. */
class ConfigurationDocumentationTest {

    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(kingcdn\\.edge\\.[a-z0-9.-]+)`");

    @Test
    void listsEveryKey() throws IOException {
        Set<String> documented = new TreeSet<>();
        Matcher rows = ROW.matcher(Files.readString(Path.of("..", "docs", "configuration.md")));
        while (rows.find()) {
            documented.add(rows.group(1));
        }
        Set<String> keys = new TreeSet<>();
        collect("kingcdn.edge", EdgeProperties.class, keys);
        assertThat(documented).isEqualTo(keys);
    }

    private static void collect(String prefix, Class<?> type, Set<String> keys) {
        for (RecordComponent component : type.getRecordComponents()) {
            String key = prefix + "."
                    + component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(java.util.Locale.ROOT);
            if (component.getType().isRecord()) {
                collect(key, component.getType(), keys);
            } else {
                keys.add(key);
            }
        }
    }
}
