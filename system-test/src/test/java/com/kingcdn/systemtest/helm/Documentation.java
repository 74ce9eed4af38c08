package com.kingcdn.systemtest.helm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The names that the pages under docs/ list; tests in the modules hold those pages against the code. */
final class Documentation {

    private static final Pattern METRIC = Pattern.compile("(?m)^\\| `(kingcdn_\\w+)` \\| (\\w+) \\|");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| (`[^|]+) \\|");
    private static final Pattern KEY = Pattern.compile("`([a-zA-Z0-9.\\[\\]-]+)`");

    private Documentation() {}

    /** The time series: of a histogram its three. */
    static Set<String> series() throws IOException {
        Set<String> series = new TreeSet<>();
        Matcher metric = METRIC.matcher(Files.readString(Path.of("../docs/metrics.md")));
        while (metric.find()) {
            if (metric.group(2).equals("histogram")) {
                series.add(metric.group(1) + "_bucket");
                series.add(metric.group(1) + "_sum");
                series.add(metric.group(1) + "_count");
            } else {
                series.add(metric.group(1));
            }
        }
        return series;
    }

    /** The settings; of a row {@code `a.b.c`, `.d`} both a.b.c and a.b.d. */
    static Set<String> settings() throws IOException {
        Set<String> settings = new TreeSet<>();
        String page = Files.readString(Path.of("../docs/configuration.md"));
        Matcher row = ROW.matcher(page);
        while (row.find()) {
            String first = "";
            Matcher key = KEY.matcher(row.group(1));
            while (key.find()) {
                if (key.group(1).startsWith(".")) {
                    settings.add(first.substring(0, first.lastIndexOf('.')) + key.group(1));
                } else {
                    first = key.group(1);
                    settings.add(first);
                }
            }
        }
        return settings;
    }
}
