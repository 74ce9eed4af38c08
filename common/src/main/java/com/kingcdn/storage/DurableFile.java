package com.kingcdn.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Replacement of a file's content such that, whatever happens, a reader finds the old content or the new, whole: the new content is
 * written beside the file, forced to the device, renamed over it, and the directory is forced too. After a return the new content
 * survives a power cut; after an exception (a full disk, say) or a kill the old is still there.
 *
 * <p>One writer at a time for one file: the name of the temporary is fixed, so that a killed writer leaves at most one, which the next
 * write overwrites.
 */
public final class DurableFile {

    private DurableFile() {}

    /** What a file is to hold. */
    @FunctionalInterface
    public interface Content {

        /** Writes all of it; it need not be forced. */
        void writeTo(FileChannel channel) throws IOException;
    }

    /**
     * Replaces the file's content, or makes the file; its directory must exist.
     *
     * @throws IOException when it cannot be written; the old content is then untouched
     */
    public static void write(Path file, byte[] content) throws IOException {
        write(file, channel -> {
            ByteBuffer buffer = ByteBuffer.wrap(content);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
        });
    }

    /** The same with content that is too long to be held in memory. */
    public static void write(Path file, Content content) throws IOException {
        Path target = file.toAbsolutePath();
        Path temporary = target.resolveSibling("." + target.getFileName() + ".tmp");
        try {
            try (FileChannel channel = FileChannel.open(
                    temporary,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.TRUNCATE_EXISTING)) {
                content.writeTo(channel);
                channel.force(true);
            }
            replace(temporary, target);
        } catch (IOException | RuntimeException | Error e) {
            try {
                Files.deleteIfExists(temporary);
            } catch (IOException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
    }

    /**
     * Renames a file, already forced to the device, over another of the same file system, durably.
     *
     * @throws IOException when the rename fails; the target is then untouched
     */
    public static void replace(Path forced, Path target) throws IOException {
        Files.move(forced, target, StandardCopyOption.ATOMIC_MOVE);
        forceDirectory(directoryOf(target));
    }

    /** Makes a directory and those above it that are missing, durably. */
    public static void createDirectories(Path directory) throws IOException {
        Path absolute = directory.toAbsolutePath();
        if (Files.isDirectory(absolute)) {
            return;
        }
        Path parent = directoryOf(absolute);
        createDirectories(parent);
        try {
            Files.createDirectory(absolute);
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(absolute)) {
                throw e;
            }
        }
        forceDirectory(parent);
    }

    /** Makes the directory's present names survive a power cut: what was created, renamed or removed in it. */
    public static void forceDirectory(Path directory) throws IOException {
        // Linux and macOS open a directory for reading and fsync it
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static Path directoryOf(Path file) throws IOException {
        Path parent = file.toAbsolutePath().getParent();
        if (parent == null) {
            throw new IOException(file + " has no directory above it");
        }
        return parent;
    }
}
