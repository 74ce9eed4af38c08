package com.kingcdn.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DirectoryLockTest {

    private static final int TAKEN = 10;
    private static final int REFUSED = 11;

    @TempDir
    Path directory;

    /** The process that tries to take the right too, or one of several. */
    static final class Other {

        private Other() {}

        public static void main(String[] arguments) throws IOException {
            Path directory = Path.of(arguments[0]);
            boolean taken = false;
            for (int i = 1; i < arguments.length; i++) {
                taken |= DirectoryLock.take(directory, arguments[i]).isPresent();
            }
            System.exit(taken ? TAKEN : REFUSED);
        }
    }

    private int other(List<String> names) throws Exception {
        Stream<String> command = Stream.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xshare:auto",
                "-cp",
                System.getProperty("java.class.path"),
                Other.class.getName(),
                directory.toString());
        Process other = new ProcessBuilder(
                        Stream.concat(command, names.stream()).toList())
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
            assertThat(other(List.of("lock"))).isEqualTo(REFUSED);
            assertThat(held).isNotNull();
        }
        assertThat(other(List.of("lock"))).isEqualTo(TAKEN);
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

    /** The slower of the two gives back nobody's who has taken it since. */
    @Test
    void isGivenBackOnceByTwoThreadsAtOnce() throws Exception {
        List<String> names = IntStream.range(0, 200).mapToObj(i -> "lock" + i).toList();
        List<DirectoryLock> held = new ArrayList<>();
        ExecutorService second = Executors.newSingleThreadExecutor();
        try {
            for (String name : names) {
                DirectoryLock first = DirectoryLock.take(directory, name).orElseThrow();
                AtomicInteger ready = new AtomicInteger();
                Future<?> closed = second.submit(() -> {
                    closeTogether(first, ready);
                    return null;
                });
                closeTogether(first, ready);
                held.add(DirectoryLock.take(directory, name).orElseThrow());
                closed.get(10, TimeUnit.SECONDS);
                assertThat(DirectoryLock.take(directory, name)).isEmpty();
            }
            assertThat(other(names)).isEqualTo(REFUSED);
        } finally {
            second.shutdownNow();
            for (DirectoryLock lock : held) {
                lock.close();
            }
        }
    }

    private static void closeTogether(DirectoryLock lock, AtomicInteger ready) throws IOException {
        ready.incrementAndGet();
        while (ready.get() < 2) {
            Thread.onSpinWait();
        }
        lock.close();
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
