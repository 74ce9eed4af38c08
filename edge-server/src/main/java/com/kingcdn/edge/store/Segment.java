package com.kingcdn.edge.store;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One file of the log, open for as long as it exists. Only the writer thread changes it; any thread may read.
 *
 * <p>Numbers grow by one with each segment and are never used again, so (number, offset) is a place no other record will ever have.
 */
final class Segment {

    private final long number;
    private final long stamp;
    private final Path path;
    private final FileChannel channel;

    /** Entries that have, or had, a record here, in order of writing; an entry may be named more than once. */
    private final List<DiskEntry> residents = new ArrayList<>();

    private volatile long length;

    Segment(SegmentPreamble preamble, Path path, FileChannel channel, long length) {
        this.number = preamble.segment();
        this.stamp = preamble.stamp();
        this.path = path;
        this.channel = channel;
        this.length = length;
    }

    long number() {
        return number;
    }

    /** Random, see {@link SegmentPreamble}. */
    long stamp() {
        return stamp;
    }

    Path path() {
        return path;
    }

    /** Octets in the file that are known to be written. */
    long length() {
        return length;
    }

    /** Whether it has no record yet. */
    boolean isEmpty() {
        return length <= SegmentPreamble.BYTES;
    }

    List<DiskEntry> residents() {
        return residents;
    }

    void addResident(DiskEntry entry) {
        if (residents.isEmpty() || residents.get(residents.size() - 1) != entry) {
            residents.add(entry);
        }
    }

    /**
     * Fills the buffer's remaining space from the file.
     *
     * @throws EOFException when the file ends before
     */
    void readFully(ByteBuffer target, long offset) throws IOException {
        long position = offset;
        while (target.hasRemaining()) {
            int read = channel.read(target, position);
            if (read < 0) {
                throw new EOFException(path + " ends at " + position);
            }
            position += read;
        }
    }

    /** Writes all of the buffer behind what the file has. */
    void append(ByteBuffer source) throws IOException {
        long position = length;
        while (source.hasRemaining()) {
            position += channel.write(source, position);
        }
        length = position;
    }

    void truncate(long newLength) throws IOException {
        channel.truncate(newLength);
        length = newLength;
    }

    /** Waits until what has been written is on stable storage. */
    void force() throws IOException {
        channel.force(false);
    }

    void close() throws IOException {
        channel.close();
    }
}
