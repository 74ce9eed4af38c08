package com.kingcdn.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The right to a directory, which one holder on the machine has at a time, in this process or another; it goes with the process, however
 * that ends. The file that stands for it stays.
 */
public final class DirectoryLock implements AutoCloseable {

    /**
     * What this process holds. A POSIX lock is the process's and goes when any of its descriptors of the file is closed: a second try
     * that opened the file only to find it locked would give the first one's lock away. So it must not open it.
     */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path file;
    private final FileChannel channel;

    private DirectoryLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * Takes the right to a directory, which must exist.
     *
     * @param name of the file in it that stands for the right; made when absent
     * @return empty when another has it
     * @throws IOException when the file cannot be made, or the file system has no locks
     */
    public static Optional<DirectoryLock> take(Path directory, String name) throws IOException {
        Path file = directory.toRealPath().resolve(name);
        if (!HELD.add(file)) {
            return Optional.empty();
        }
        @Nullable DirectoryLock taken = null;
        try {
            taken = lock(file);
        } finally {
            if (taken == null) {
                HELD.remove(file);
            }
        }
        return Optional.ofNullable(taken);
    }

    private static @Nullable DirectoryLock lock(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        @Nullable FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            // somebody in this process holds it in another way than by this class
            return null;
        } finally {
            // also where the file system has no locks: whoever tries again must not run out of files
            if (lock == null) {
                channel.close();
            }
        }
        return lock == null ? null : new DirectoryLock(file, channel);
    }

    /** Gives the right back, which another may have by the time that this returns; once more, from any thread, does nothing. */
    @Override
    public synchronized void close() throws IOException {
        if (channel.isOpen()) {
            try {
                channel.close();
            } finally {
                HELD.remove(file);
            }
        }
    }
}
