package com.kingcdn.edge.agent;

import com.kingcdn.control.ControlJson;
import com.kingcdn.storage.DurableFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * One value in one file that survives kills and power cuts: a line with the format's version and the CRC-32C of the rest, then JSON.
 * A file that is damaged, or of a version this one cannot read, is set aside under another name and counts as absent.
 */
final class StateFile<T> {

    private static final Logger log = LoggerFactory.getLogger(StateFile.class);
    private static final String FORMAT = "kingcdn-edge-state 1 ";

    /** Lenient, so that an older edge starts from what a newer one wrote. */
    private static final JsonMapper JSON = ControlJson.mapper()
            .rebuild()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private final Path file;
    private final Class<T> type;

    StateFile(Path file, Class<T> type) {
        this.file = file;
        this.type = type;
    }

    /** The value written last; null when there is none or it is damaged. */
    @Nullable
    T read() {
        byte[] content;
        try {
            content = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            log.error(
                    "Cannot read {}: {}. Starting without it; check the directory's permissions and disk.",
                    file,
                    e.toString());
            return null;
        }
        try {
            return parse(content);
        } catch (IllegalArgumentException | JacksonException e) {
            setAside(e);
            return null;
        }
    }

    private T parse(byte[] content) {
        int end = 0;
        while (end < content.length && content[end] != '\n') {
            end++;
        }
        String head = new String(content, 0, end, StandardCharsets.US_ASCII);
        if (end == content.length || !head.startsWith(FORMAT)) {
            throw new IllegalArgumentException("it does not start with '" + FORMAT.strip() + "'");
        }
        int body = end + 1;
        if (!head.equals(head(content, body, content.length - body))) {
            throw new IllegalArgumentException("its checksum does not match");
        }
        @Nullable T value = JSON.readValue(content, body, content.length - body, type);
        if (value == null) {
            throw new IllegalArgumentException("it holds nothing");
        }
        return value;
    }

    private void setAside(Exception damage) {
        Path aside = file.resolveSibling(file.getFileName() + ".damaged");
        log.error("{} is damaged: {}. Starting without it; it is kept as {}.", file, damage.getMessage(), aside);
        try {
            Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            log.warn("Cannot rename {}: {}. It will be overwritten.", file, e.toString());
        }
    }

    /** Replaces the value, durably: after a return it survives a power cut, after an exception the old one is still there. */
    void write(T value) throws IOException {
        byte[] body = JSON.writeValueAsBytes(value);
        byte[] head = (head(body, 0, body.length) + "\n").getBytes(StandardCharsets.US_ASCII);
        byte[] content = new byte[head.length + body.length];
        System.arraycopy(head, 0, content, 0, head.length);
        System.arraycopy(body, 0, content, head.length, body.length);
        DurableFile.createDirectories(file.toAbsolutePath().resolveSibling(""));
        DurableFile.write(file, content);
    }

    private static String head(byte[] bytes, int offset, int length) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes, offset, length);
        return FORMAT + String.format("%08x", checksum.getValue());
    }
}
