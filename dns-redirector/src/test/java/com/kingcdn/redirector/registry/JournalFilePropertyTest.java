package com.kingcdn.redirector.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

final class JournalFilePropertyTest {

    private static Path write(List<byte[]> payloads) throws IOException {
        Path path = Files.createTempFile("journal", ".test");
        try (JournalFile file = JournalFile.create(path)) {
            for (byte[] payload : payloads) {
                file.append(payload);
            }
        }
        return path;
    }

    private static List<byte[]> read(Path path) throws IOException {
        List<byte[]> found = new ArrayList<>();
        JournalFile.open(path, found::add).close();
        return found;
    }

    private static void assertPrefix(List<byte[]> found, List<byte[]> written) {
        assertThat(found).hasSizeLessThanOrEqualTo(written.size());
        for (int i = 0; i < found.size(); i++) {
            assertThat(found.get(i)).isEqualTo(written.get(i));
        }
    }

    @Property(tries = 300)
    void afterACutAtAnyByteAPrefixIsReadAndAppendingGoesOn(
            @ForAll @Size(max = 8) List<@Size(min = 1, max = 40) byte[]> payloads, @ForAll @IntRange(max = 500) int cut)
            throws IOException {
        Path path = write(payloads);
        byte[] whole = Files.readAllBytes(path);
        int kept = Math.min(cut, whole.length);
        Files.write(path, Arrays.copyOf(whole, kept));

        List<byte[]> found = read(path);
        assertPrefix(found, payloads);
        try (JournalFile file = JournalFile.open(path, payload -> {})) {
            file.append(new byte[] {42});
        }
        found.add(new byte[] {42});

        List<byte[]> again = read(path);
        assertThat(again).hasSameSizeAs(found);
        assertPrefix(again, found);
        Files.delete(path);
    }

    @Property(tries = 300)
    void afterAFlippedBitAPrefixIsReadOrTheFileIsRefused(
            @ForAll @Size(min = 1, max = 8) List<@Size(min = 1, max = 40) byte[]> payloads,
            @ForAll @IntRange(max = 100_000) int where)
            throws IOException {
        Path path = write(payloads);
        byte[] bytes = Files.readAllBytes(path);
        bytes[where / 8 % bytes.length] ^= (byte) (1 << where % 8);
        Files.write(path, bytes);

        try {
            List<byte[]> found = read(path);
            assertPrefix(found, payloads);
            // only the last frame may go without a word: a crash could have spoilt it
            assertThat(found.size()).isGreaterThanOrEqualTo(payloads.size() - 1);
        } catch (ControlStoreException e) {
            assertThat(e.kind()).isEqualTo(ControlStoreException.Kind.DAMAGED);
            assertThat(e).hasMessageContaining(path.toString());
        }
        Files.delete(path);
    }
}
