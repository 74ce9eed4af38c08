package com.kingcdn.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RehearsalIT {

    @Test
    void goesThroughBothTiersAndGetsWhatItHasTo(@TempDir Path directory) throws Exception {
        assertThat(Rehearsal.run(directory, Duration.ofSeconds(1))).isGreaterThan(10);
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).as("segments on disk").isNotEmpty();
        }
    }
}
