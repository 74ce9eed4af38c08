package com.kingcdn.redirector.registry;

import com.kingcdn.redirector.registry.ControlStoreException.Kind;
import com.kingcdn.storage.DirectoryLock;
import com.kingcdn.storage.DurableFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The directory of a journal's numbered files, of one process at a time. The newest file counts. */
final class JournalDirectory implements Closeable {

    private static final Pattern GENERATION = Pattern.compile("control-(\\d{10})\\.journal");

    private final Path directory;
    private final DirectoryLock lock;

    private JournalDirectory(Path directory, DirectoryLock lock) {
        this.directory = directory;
        this.lock = lock;
    }

    /**
     * Takes a directory, which is made when absent.
     *
     * @throws ControlStoreException when another process has it
     */
    static JournalDirectory take(Path directory) throws IOException {
        DurableFile.createDirectories(directory);
        DirectoryLock lock = DirectoryLock.take(directory, "control.lock")
                .orElseThrow(() -> new ControlStoreException(
                        Kind.STOPPED, "another redirector runs with the state directory " + directory, null));
        return new JournalDirectory(directory, lock);
    }

    /** The newest file's number, 0 for none. */
    long newest() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.mapToLong(JournalDirectory::numberOf).max().orElse(0);
        }
    }

    private static long numberOf(Path path) {
        Matcher matcher = GENERATION.matcher(path.getFileName().toString());
        return matcher.matches() ? Long.parseLong(matcher.group(1)) : 0;
    }

    /** Removes all others, and what was never finished. */
    void removeAllBut(long kept) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path path : files.toList()) {
                long number = numberOf(path);
                if ((number != 0 && number != kept) || path.toString().endsWith(".journal.new")) {
                    Files.deleteIfExists(path);
                }
            }
        }
    }

    Path path(long number) {
        return directory.resolve(String.format("control-%010d.journal", number));
    }

    /** Where one is written before it gets its name. */
    Path temporary(long number) {
        return directory.resolve(path(number).getFileName() + ".new");
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
