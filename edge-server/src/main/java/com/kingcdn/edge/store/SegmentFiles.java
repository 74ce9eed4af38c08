package com.kingcdn.edge.store;

import com.kingcdn.storage.DirectoryLock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The directory of the disk tier: its lock and its segment files, {@code 0000000000.segment} and on. */
final class SegmentFiles implements AutoCloseable {

    private static final Pattern NAME = Pattern.compile("(\\d{10,})\\.segment");

    private static final SecureRandom STAMPS = new SecureRandom();

    private final Path directory;
    private final ChannelOpener opener;
    private @Nullable DirectoryLock lock;

    SegmentFiles(Path directory, ChannelOpener opener) {
        this.directory = directory;
        this.opener = opener;
    }

    /** How files are opened; tests put a failing disk here. */
    @FunctionalInterface
    interface ChannelOpener {
        FileChannel open(Path path, Set<? extends OpenOption> options) throws IOException;
    }

    Path directory() {
        return directory;
    }

    /**
     * Makes the directory if need be and takes it for this process; the lock goes with the process, however it ends.
     *
     * @throws IllegalStateException when another process has it
     */
    void lock() throws IOException {
        if (lock != null) {
            return;
        }
        Files.createDirectories(directory);
        lock = DirectoryLock.take(directory, "lock")
                .orElseThrow(() -> new IllegalStateException(
                        directory + " is in use by another edge; give each edge its own kingcdn.edge.disk.directory"));
    }

    /** Numbers of the segments there are, ascending. */
    List<Long> list() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> NAME.matcher(file.getFileName().toString()))
                    .filter(Matcher::matches)
                    .map(name -> Long.valueOf(name.group(1)))
                    .sorted()
                    .toList();
        }
    }

    /** Opens a segment; null when it is none of this format. */
    @Nullable
    Segment open(long number) throws IOException {
        Path path = path(number);
        FileChannel channel = opener.open(path, Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE));
        SegmentPreamble preamble = null;
        try {
            preamble = preamble(channel, number);
        } finally {
            if (preamble == null) {
                channel.close();
            }
        }
        return preamble == null ? null : new Segment(preamble, path, channel, channel.size());
    }

    private static @Nullable SegmentPreamble preamble(FileChannel channel, long number) throws IOException {
        ByteBuffer octets = ByteBuffer.allocate(SegmentPreamble.BYTES);
        int read = 0;
        while (octets.hasRemaining() && read >= 0) {
            read = channel.read(octets, octets.position());
        }
        return SegmentPreamble.from(octets.flip(), number);
    }

    /** Makes a segment without records, whose name is on stable storage when this returns: without it, forced removals would be lost. */
    Segment create(long number) throws IOException {
        Path path = path(number);
        FileChannel channel = opener.open(
                path,
                Set.of(
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING));
        Segment segment = new Segment(new SegmentPreamble(number, STAMPS.nextLong()), path, channel, 0);
        try {
            segment.append(new SegmentPreamble(number, segment.stamp()).encoded());
            segment.force();
            forceDirectory();
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        return segment;
    }

    void delete(long number) throws IOException {
        Files.deleteIfExists(path(number));
    }

    /** Octets of a segment's file. */
    long size(long number) throws IOException {
        return Files.size(path(number));
    }

    /** Octets that the file system could still give. */
    long usableSpace() throws IOException {
        return Files.getFileStore(directory).getUsableSpace();
    }

    @Override
    public void close() throws IOException {
        if (lock != null) {
            lock.close();
            lock = null;
        }
    }

    private Path path(long number) {
        return directory.resolve("%010d.segment".formatted(number));
    }

    private void forceDirectory() throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
