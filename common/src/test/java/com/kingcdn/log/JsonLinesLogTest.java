package com.kingcdn.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class JsonLinesLogTest {

    @TempDir
    Path directory;

    @Test
    void writesOneObjectALineInOrder() throws Exception {
        Path file = directory.resolve("access.log");
        Files.writeString(file, "{\"before\":true}\n");

        try (JsonLinesLog log = JsonLinesLog.open(file.toString(), 100)) {
            log.write(json -> json.writeStringProperty("path", "/a\"b\nc").writeNumberProperty("bytes", 12L));
            log.write(line(2));
        }

        List<JsonNode> lines = read(file);
        assertThat(lines).hasSize(3);
        assertThat(lines.get(1).get("path").stringValue()).isEqualTo("/a\"b\nc");
        assertThat(lines.get(1).get("bytes").longValue()).isEqualTo(12);
        assertThat(lines.get(2).get("n").intValue()).isEqualTo(2);
    }

    @Test
    void manyThreadsLoseNothingBelowTheLimit() throws Exception {
        Path file = directory.resolve("access.log");
        int each = 5_000;
        try (JsonLinesLog log = JsonLinesLog.open(file.toString(), 4 * each)) {
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                Thread thread = new Thread(() -> {
                    for (int i = 0; i < each; i++) {
                        log.write(line(i));
                    }
                });
                threads.add(thread);
                thread.start();
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(log.dropped()).isZero();
        }
        assertThat(read(file)).hasSize(4 * each);
    }

    @Test
    void dropsAndCountsWhenTheDeviceIsSlowerThanTheTraffic() throws Exception {
        CountDownLatch stuck = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        JsonLinesLog log = new JsonLinesLog(
                LogSink.stream(new OutputStream() {
                    @Override
                    public void write(int b) {
                        written.write(b);
                    }

                    @Override
                    public void write(byte[] bytes, int offset, int length) throws IOException {
                        stuck.countDown();
                        try {
                            released.await();
                        } catch (InterruptedException e) {
                            throw new IOException(e);
                        }
                        written.write(bytes, offset, length);
                    }
                }),
                10);
        log.start();
        assertThat(log.write(line(0))).isTrue();
        stuck.await();

        int taken = 0;
        for (int i = 1; i <= 15; i++) {
            taken += log.write(line(i)) ? 1 : 0;
        }

        assertThat(taken).isEqualTo(10);
        assertThat(log.dropped()).isEqualTo(5);
        released.countDown();
        log.close();
        assertThat(written.toString(UTF_8).lines()).hasSize(11);
        assertThat(log.write(line(99))).isFalse();
    }

    @Test
    void aRotatedFileIsMadeAnew() throws Exception {
        Path file = directory.resolve("access.log");
        Path rotated = directory.resolve("access.log.1");
        try (JsonLinesLog log = JsonLinesLog.open(file.toString(), 100)) {
            log.write(line(1));
            await().until(() -> Files.size(file) > 0);
            Files.move(file, rotated);

            await().until(() -> {
                log.write(line(2));
                return Files.exists(file) && Files.size(file) > 0;
            });
        }
        assertThat(read(rotated).get(0).get("n").intValue()).isEqualTo(1);
        assertThat(read(file)).isNotEmpty().allMatch(line -> line.get("n").intValue() == 2);
    }

    @Test
    void aFullDiskIsCountedAndTheLogGoesOnAfterwards() {
        AtomicBoolean full = new AtomicBoolean(true);
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        try (JsonLinesLog log = new JsonLinesLog(
                new LogSink() {
                    @Override
                    public OutputStream open() throws IOException {
                        if (full.get()) {
                            throw new IOException("No space left on device");
                        }
                        return written;
                    }

                    @Override
                    public void close() {}
                },
                100)) {
            log.start();
            log.write(line(1));
            await().until(() -> log.dropped() == 1);
            full.set(false);
            log.write(line(2));
        }
        assertThat(written).hasToString("{\"n\":2}\n");
    }

    @Test
    void aLineThatFailsLeavesNoTornJson() throws Exception {
        Path file = directory.resolve("access.log");
        try (JsonLinesLog log = JsonLinesLog.open(file.toString(), 100)) {
            log.write(json -> {
                json.writeStringProperty("half", "of");
                throw new IllegalStateException("made to fail");
            });
            log.write(line(7));
            await().until(() -> log.dropped() == 1);
        }
        assertThat(file).hasContent("{\"n\":7}\n");
    }

    @Test
    void aFileThatCannotBeOpenedIsSaidAtOnce() {
        assertThatThrownBy(() ->
                        JsonLinesLog.open(directory.resolve("none/access.log").toString(), 1))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("none/access.log");
    }

    private static LogLine line(int n) {
        return json -> json.writeNumberProperty("n", n);
    }

    private static List<JsonNode> read(Path file) throws IOException {
        JsonMapper mapper = new JsonMapper();
        return Files.readAllLines(file).stream().map(mapper::readTree).toList();
    }
}
