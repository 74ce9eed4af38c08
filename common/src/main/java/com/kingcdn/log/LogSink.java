package com.kingcdn.log;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Where a log's lines go; used by one thread. */
interface LogSink extends AutoCloseable {

    /** The stream to append to now. */
    OutputStream open() throws IOException;

    @Override
    void close() throws IOException;

    /** A stream that stays, and is not closed. */
    static LogSink stream(OutputStream stream) {
        return new LogSink() {
            @Override
            public OutputStream open() {
                return stream;
            }

            @Override
            public void close() throws IOException {
                stream.flush();
            }
        };
    }

    /**
     * A file, appended to.
     *
     * @throws IOException when it cannot be opened for writing
     */
    static LogSink file(Path path) throws IOException {
        RotatedFile file = new RotatedFile(path.toAbsolutePath());
        file.reopen();
        return file;
    }

    /** A file that others rename or remove: looked for at most once a second, and opened again when the path leads elsewhere. */
    final class RotatedFile implements LogSink {

        private static final long CHECK_NANOS = TimeUnit.SECONDS.toNanos(1);

        private final Path path;
        private @Nullable OutputStream stream;
        private @Nullable Object fileKey;
        private long checkedAt;

        private RotatedFile(Path path) {
            this.path = path;
        }

        @Override
        public OutputStream open() throws IOException {
            long now = System.nanoTime();
            OutputStream present = stream;
            if (present != null && now - checkedAt < CHECK_NANOS) {
                return present;
            }
            checkedAt = now;
            return present != null && Objects.equals(keyOf(path), fileKey) ? present : reopen();
        }

        private OutputStream reopen() throws IOException {
            close();
            OutputStream opened = Files.newOutputStream(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            stream = opened;
            fileKey = keyOf(path);
            checkedAt = System.nanoTime();
            return opened;
        }

        @Override
        public void close() throws IOException {
            OutputStream open = stream;
            stream = null;
            if (open != null) {
                open.close();
            }
        }

        private static @Nullable Object keyOf(Path path) throws IOException {
            try {
                return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
            } catch (NoSuchFileException e) {
                return null;
            }
        }
    }
}
