package com.kingcdn.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DirectoryLockTest {

    private static final int TAKEN = 10;
    private static final int REFUSED = 11;

    @TempDir
    Path directory;

    /** The process that tries to take the right too. */
    static final class Other {

        private Other() {}

        public static void main(String[] arguments) throws IOException {
            System.exit(DirectoryLock.take(Path.of(arguments[0]), "lock").isPresent() ? TAKEN : REFUSED);
        }
    }

    private int other() throws Exception {
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xshare:auto",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Other.class.getName(),
                        directory.toString())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(other.waitFor(40, TimeUnit.SECONDS)).isTrue();
        return other.exitValue();
    }

    /** A POSIX lock goes when the process closes any descriptor of the file, that of a refused try too. */
    @Test
    void isKeptFromOtherProcessesAfterASecondTryOfTheSame() throws Exception {
        try (DirectoryLock held = DirectoryLock.take(directory, "lock").orElseThrow()) {
            assertThat(DirectoryLock.take(directory, "lock")).isEmpty();
            assertThat(DirectoryLock.take(directory.resolve("../" + directory.getFileName()), "lock"))
                    .isEmpty();
            Path link = Files.createSymbolicLink(directory.resolve("link"), directory);
            assertThat(DirectoryLock.take(link, "lock")).isEmpty();
            assertThat(other()).isEqualTo(REFUSED);
            assertThat(held).isNotNull();
        }
        assertThat(other()).isEqualTo(TAKEN);
    }

    @Test
    void isFreeAfterItIsGivenBack() throws Exception {
        DirectoryLock first = DirectoryLock.take(directory, "lock").orElseThrow();
        assertThat(DirectoryLock.take(directory, "another")).isPresent();
        first.close();
        DirectoryLock second = DirectoryLock.take(directory, "lock").orElseThrow();
        first.close();
        assertThat(DirectoryLock.take(directory, "lock"))
                .as("closing twice gives nobody else's back")
                .isEmpty();
        second.close();
    }

    @Test
    void leavesNothingHeldWhereItFails() throws Exception {
        Path file = Files.createDirectory(directory.resolve("lock"));
        assertThatThrownBy(() -> DirectoryLock.take(directory, "lock")).isInstanceOf(IOException.class);
        Files.delete(file);
        try (DirectoryLock lock = DirectoryLock.take(directory, "lock").orElseThrow()) {
            assertThat(lock).isNotNull();
        }
    }
}
