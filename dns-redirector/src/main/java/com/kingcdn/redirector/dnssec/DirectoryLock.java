package com.kingcdn.redirector.dnssec;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** The right to change the key files of a directory, which one process has at a time; the system takes it back when that ends. */
final class DirectoryLock implements AutoCloseable {

    private static final String FILE = "keys.lock";

    private final FileChannel channel;

    private DirectoryLock(FileChannel channel) {
        this.channel = channel;
    }

    /** @throws KeyException when another process has it */
    static DirectoryLock take(Path directory) {
        try {
            FileChannel channel =
                    FileChannel.open(directory.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (isTaken(channel)) {
                return new DirectoryLock(channel);
            }
        } catch (IOException e) {
            throw new KeyException(
                    "key directory " + directory + " cannot be locked: " + e
                            + ". Where keys are only read, set kingcdn.redirector.dnssec.manage=false",
                    e);
        }
        throw new KeyException(
                "another redirector manages the keys in " + directory
                        + ": two would make and replace keys that the other does"
                        + " not know of. Set kingcdn.redirector.dnssec.manage=false on all but one",
                null);
    }

    /** Closes the channel when it is not. */
    private static boolean isTaken(FileChannel channel) throws IOException {
        @Nullable FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            // of this process
        } finally {
            // also where the file system has no locks: whoever tries again must not run out of files
            if (lock == null) {
                channel.close();
            }
        }
        return lock != null;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
