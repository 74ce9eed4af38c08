package com.kingcdn.origin;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.origin.content.CatalogEntry;
import com.kingcdn.origin.content.ContentPath;
import com.kingcdn.origin.content.ContentStore;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.HexFormat;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoTitleTest {

    @TempDir
    Path directory;

    @Test
    void isStoredOnceWithTheBytesEveryoneCanCompute() throws Exception {
        byte[] bytes = DemoTitle.bytes();
        ContentPath path = new ContentPath(DemoTitle.PATH);
        try (ContentStore store = ContentStore.open(directory, Clock.systemUTC())) {
            DemoTitle.putIfAbsent(store);
            CatalogEntry first = Objects.requireNonNull(store.catalog().find(path));
            DemoTitle.putIfAbsent(store);

            assertThat(store.catalog().find(path)).isEqualTo(first);
            assertThat(first.size()).isEqualTo(bytes.length).isGreaterThan(20_000_000);
            assertThat(first.sha256())
                    .isEqualTo(HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)));
        }
    }

    @Test
    void isTheSameOnEveryMachineAndInEveryRelease() {
        // the first two numbers of SplitMix64 with seed 0, as its authors' code gives them
        assertThat(DemoTitle.bytes()).startsWith(HexFormat.of().parseHex("e220a8397b1dcdaf6e789e6aa1b965f4"));
    }
}
