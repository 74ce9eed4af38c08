package com.kingcdn.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the pages for newcomers name is there, and what they need is named. */
final class NewcomersPagesTest {

    private static final Pattern MAP = Pattern.compile("(?s)\n```\n(.*?)\n```\n");
    private static final Pattern CLASS = Pattern.compile("\\b[A-Z][a-z]+\\d?(?:[A-Z][a-z0-9]+)+\\b");

    @ParameterizedTest
    @CsvSource({"## The way of an HTTP request, edge-server", "## The way of a DNS query, dns-redirector"})
    void theMapsOfTheArchitectureNameClassesThatAreThere(String heading, String module) throws IOException {
        String page = Files.readString(Path.of("../docs/architecture.md"));
        int begin = page.indexOf(heading);
        assertThat(begin).as(heading).isPositive();
        String section = page.substring(begin, page.indexOf("\n## ", begin));
        Set<String> named = MAP.matcher(section)
                .results()
                .flatMap(map -> CLASS.matcher(map.group(1)).results())
                .map(MatchResult::group)
                .collect(Collectors.toSet());
        assertThat(named).hasSizeGreaterThan(8).isSubsetOf(classes(module));
    }

    private static Set<String> classes(String module) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("..", module, "src", "main", "java"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".java"))
                    .map(name -> name.substring(0, name.length() - ".java".length()))
                    .collect(Collectors.toSet());
        }
    }

    /** But for Maven and the JDK, which who builds it has. */
    @Test
    void theReadmeNamesEachPackageThatTestsNeed() throws IOException {
        String readme = Files.readString(Path.of("../README.md"));
        int begin = readme.indexOf("apt-get install ");
        Set<String> named =
                Set.of(readme.substring(begin, readme.indexOf('`', begin)).split("\\s+"));
        String tools = Files.readString(Path.of("../.ci/run")).split("TOOLS")[1];
        Set<String> needed = tools.lines()
                .filter(line -> line.matches("\\w+ [\\w-]+"))
                .map(line -> line.substring(line.indexOf(' ') + 1))
                .filter(name -> !name.equals("maven") && !name.startsWith("openjdk"))
                .collect(Collectors.toSet());
        assertThat(needed).hasSizeGreaterThan(10);
        assertThat(named).containsAll(needed);
    }
}
