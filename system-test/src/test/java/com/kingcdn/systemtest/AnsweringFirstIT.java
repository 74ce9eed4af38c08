package com.kingcdn.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On the core that all share, threads that answer queries go before the redirector's others. */
class AnsweringFirstIT {

    private static final int JAVA_WITH_INCUBATOR = 17;
    /** In {@code stat}, counted from behind the name. */
    private static final int NICE = 16;

    @TempDir
    Path directory;

    private record Named(String name, int nice) {

        static Named of(Path thread) {
            try {
                String stat = Files.readString(thread.resolve("stat"));
                int behind = stat.lastIndexOf(')');
                return new Named(
                        stat.substring(stat.indexOf('(') + 1, behind),
                        Integer.parseInt(stat.substring(behind + 2).split(" ")[NICE]));
            } catch (IOException e) {
                // it has ended since it was listed
                return new Named("", 0);
            }
        }
    }

    private static List<String> java() throws Exception {
        List<String> java = new ArrayList<>(ServiceJar.java(ServiceJar.unpacked("dns-redirector"), "192m"));
        java.replaceAll(option -> option.equals("-XX:+UseSerialGC") ? "-XX:+UseG1GC" : option);
        if (Runtime.version().feature() == JAVA_WITH_INCUBATOR) {
            java.addAll(1, List.of("--add-modules", "jdk.incubator.foreign", "--enable-native-access=ALL-UNNAMED"));
        }
        return java;
    }

    @Test
    void threadsThatAnswerKeepThePriorityOfTheProcess_compilersAndTheApiHaveALowerOne_theRebuildingTheLowest_pausesNot()
            throws Exception {
        try (LoneRedirector redirector = new LoneRedirector(directory, 1, "assumed", java())) {
            redirector.start();
            redirector.awaitReady();
            int own = Named.of(Path.of("/proc/self")).nice();
            await("lower priorities").untilAsserted(() -> {
                List<Named> threads = threads(redirector);
                assertThat(threads)
                        .filteredOn(thread -> thread.name().matches("(dns-|VM Thread|GC ).*"))
                        .hasSizeGreaterThanOrEqualTo(3)
                        .allMatch(thread -> thread.nice() == own);
                assertThat(threads)
                        .filteredOn(thread -> thread.name().matches("(C1 Comp|reactor-http|G1 (Conc|Refine)).*"))
                        .hasSizeGreaterThanOrEqualTo(4)
                        .allMatch(thread -> thread.nice() == Math.min(own + 10, 19));
                assertThat(threads)
                        .filteredOn(thread -> thread.name().startsWith("snapshot-"))
                        .singleElement()
                        .matches(thread -> thread.nice() == 19);
            });
        }
    }

    private static List<Named> threads(LoneRedirector redirector) throws IOException {
        try (Stream<Path> threads =
                Files.list(Path.of("/proc/" + redirector.process().pid() + "/task"))) {
            return threads.map(Named::of).toList();
        }
    }
}
