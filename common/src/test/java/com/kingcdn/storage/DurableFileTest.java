package com.kingcdn.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableFileTest {

    @TempDir
    Path directory;

    @Test
    void makesAFileAndReplacesItsContent() throws IOException {
        Path file = directory.resolve("state.json");

        DurableFile.write(file, bytes("first, and longer"));
        DurableFile.write(file, bytes("second"));

        assertThat(file).hasContent("second");
        assertThat(directory).isDirectoryNotContaining(entry -> !entry.equals(file));
    }

    @Test
    void aWriteThatFailsLeavesTheOldContent() throws IOException {
        Path file = directory.resolve("state.json");
        DurableFile.write(file, bytes("old"));
        // a directory where the temporary would be: opening it for writing fails as a full or broken disk does
        Path inTheWay = Files.createDirectory(directory.resolve(".state.json.tmp"));
        Files.writeString(inTheWay.resolve("full"), "");

        assertThatThrownBy(() -> DurableFile.write(file, bytes("new"))).isInstanceOf(IOException.class);

        assertThat(file).hasContent("old");
    }

    @Test
    void contentThatBreaksOffLeavesTheOldContentAndNoTemporary() throws IOException {
        Path file = directory.resolve("state.json");
        DurableFile.write(file, bytes("old"));

        assertThatThrownBy(() -> DurableFile.write(file, channel -> {
                    channel.write(ByteBuffer.wrap(bytes("half of")));
                    throw new IllegalStateException("the other half is missing");
                }))
                .isInstanceOf(IllegalStateException.class);

        assertThat(file).hasContent("old");
        assertThat(directory).isDirectoryNotContaining(entry -> !entry.equals(file));
    }

    @Test
    void aTemporaryLeftByAKilledWriterIsOverwritten() throws IOException {
        Path file = directory.resolve("state.json");
        Files.writeString(directory.resolve(".state.json.tmp"), "half of something long that was being writ");

        DurableFile.write(file, bytes("whole"));

        assertThat(file).hasContent("whole");
        assertThat(directory.resolve(".state.json.tmp")).doesNotExist();
    }

    @Test
    void aKilledWriterLeavesAWholeContent() throws Exception {
        Path file = directory.resolve("state");
        DurableFile.write(file, filled('-'));
        for (int round = 0; round < 3; round++) {
            Process writer = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            RewritingMain.class.getName(),
                            file.toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            try {
                // it says so once it has written the file a few times and goes on
                assertThat(writer.inputReader().readLine()).isEqualTo("writing");
            } finally {
                writer.destroyForcibly();
            }
            assertThat(writer.waitFor(10, TimeUnit.SECONDS)).isTrue();

            byte[] content = Files.readAllBytes(file);
            assertThat(content).hasSize(RewritingMain.SIZE).isEqualTo(filled(content[0]));
        }
    }

    @Test
    void makesDirectoriesAsDeepAsNeeded() throws IOException {
        Path deep = directory.resolve("a/b/c");

        DurableFile.createDirectories(deep);
        DurableFile.createDirectories(deep);

        assertThat(deep).isDirectory();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] filled(int value) {
        byte[] content = new byte[RewritingMain.SIZE];
        Arrays.fill(content, (byte) value);
        return content;
    }

    /** Rewrites a file with one letter after the other until it is killed. */
    static final class RewritingMain {

        static final int SIZE = 1 << 20;

        public static void main(String[] arguments) throws IOException {
            for (int i = 0; ; i++) {
                DurableFile.write(Path.of(arguments[0]), filled('a' + i % 26));
                if (i == 3) {
                    System.out.println("writing");
                }
            }
        }
    }
}
