package com.kingcdn.redirector.rtt;

import com.kingcdn.redirector.pace.ShortTurns;
import com.kingcdn.storage.DurableFile;
import com.kingcdn.topology.IpPrefix;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The form in which an {@link RttMap} lies in a file. Both ways hold one prefix's paths beside the map, and no more.
 *
 * <p>Numbers are big-endian. Eight bytes say what it is, the last of them in which version; then come the time by the wall clock and by the
 * map's, in milliseconds, and the number of clusters and their ids. For each prefix there are the bytes of its address (one for how many), its
 * length (one), the number of its paths (two), the address, and the paths as {@link PackedPaths} has them. The end is a 0 and the CRC-32C of
 * all before it.
 */
final class RttFile {

    private static final long VERSION = 1;
    private static final int VERSION_BITS = 8;
    /** "KCRTTMP", and the version. */
    private static final long FORM = 0x4b43_5254_544d_5000L | VERSION;

    private static final int BUFFER = 64 * 1024;
    private static final int SUM_BYTES = Integer.BYTES;
    private static final int LEAST_BYTES = 3 * Long.BYTES + Integer.BYTES + 1 + SUM_BYTES;
    private static final int PATH_BYTES = 2 * Long.BYTES;
    private static final int MOST_PREFIX_BYTES = 4 + 16;

    /** Is forced to the disk at once, so that no other file's changes have to wait for hundreds of megabytes. */
    private static final int PART = 8 << 20;

    private RttFile() {}

    /**
     * Replaces a file by what is known now; reports go on meanwhile.
     *
     * @param wallMillis the time by the wall clock
     * @param nowMillis the same by the map's
     * @param spared bytes of the disk that are left free
     * @throws IOException when it cannot be written; then the file is as it was
     */
    static void write(RttMap map, Path file, long wallMillis, long nowMillis, long spared) throws IOException {
        Path directory = Objects.requireNonNull(file.toAbsolutePath().getParent());
        DurableFile.write(file, channel -> {
            long free = Files.getFileStore(directory).getUsableSpace();
            if (free - spared < map.taken()) {
                throw new IOException("it takes up to " + (map.taken() >> 20) + " MiB, and of " + (free >> 20)
                        + " MiB that are free " + (spared >> 20) + " are for other files");
            }
            CRC32C sum = new CRC32C();
            DataOutputStream out = new DataOutputStream(
                    new CheckedOutputStream(new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER), sum));
            List<String> clusters = map.clusters();
            out.writeLong(FORM);
            out.writeLong(wallMillis);
            out.writeLong(nowMillis);
            out.writeInt(clusters.size());
            for (String cluster : clusters) {
                out.writeUTF(cluster);
            }
            writeTables(map, clusters.size(), out, channel);
            out.writeByte(0);
            out.writeInt((int) sum.getValue());
            out.flush();
        });
    }

    private static void writeTables(RttMap map, int clusters, DataOutputStream out, FileChannel channel)
            throws IOException {
        long[] paths = new long[2 * clusters];
        ByteBuffer record = ByteBuffer.allocate(MOST_PREFIX_BYTES + clusters * PATH_BYTES);
        int unforced = 0;
        for (PathTable table : map.tables().values()) {
            ShortTurns.step();
            int count = table.copyTo(paths, clusters);
            byte[] address = table.prefix().address();
            record.clear()
                    .put((byte) address.length)
                    .put((byte) table.prefix().length())
                    .putShort((short) count)
                    .put(address);
            record.asLongBuffer().put(paths, 0, 2 * count);
            int bytes = record.position() + count * PATH_BYTES;
            out.write(record.array(), 0, bytes);
            unforced += bytes;
            if (unforced > PART) {
                channel.force(false);
                unforced = 0;
            }
        }
    }

    /**
     * Takes what a file holds into a map, as far as there is room for it and it is not too old. Nothing gets younger by that: not while
     * nobody was there to look at it, nor where the clock has been set back.
     *
     * @param wallMillis the time by the wall clock
     * @param nowMillis the same by the map's
     * @return how many measurements it has taken in
     * @throws IOException when the file is damaged, of another version, or of a time still to come; nothing is taken in then
     */
    static long read(RttMap map, Path file, long wallMillis, long nowMillis) throws IOException {
        check(file);
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), BUFFER))) {
            in.skipNBytes(Long.BYTES);
            return new Reading(map, in, wallMillis, nowMillis).takeAll();
        }
    }

    private static void check(Path file) throws IOException {
        long left = Files.size(file) - Long.BYTES - SUM_BYTES;
        CRC32C sum = new CRC32C();
        try (DataInputStream in = new DataInputStream(new CheckedInputStream(Files.newInputStream(file), sum))) {
            if (left < LEAST_BYTES - Long.BYTES - SUM_BYTES) {
                throw new IOException("it is cut short");
            }
            long form = in.readLong();
            if (form >>> VERSION_BITS != FORM >>> VERSION_BITS) {
                throw new IOException("it is something else");
            }
            if (form != FORM) {
                throw new IOException(
                        "it is of version " + (form & 0xff) + ", and this redirector reads version " + VERSION);
            }
            byte[] buffer = new byte[BUFFER];
            while (left > 0) {
                int some = (int) Math.min(BUFFER, left);
                in.readFully(buffer, 0, some);
                left -= some;
            }
            int expected = (int) sum.getValue();
            if (in.readInt() != expected) {
                throw new IOException("it is damaged, by its checksum");
            }
        }
    }

    /** One file's way into a map. */
    private static final class Reading {

        private static final int UNKNOWN = -1;
        private static final int NO_ROOM = -2;

        private final RttMap map;
        private final DataInputStream in;
        private final long nowMillis;
        private final long elapsedMillis;
        private final long writtenMillis;
        private final String[] clusters;
        /** Those that the map has for the clusters; a cluster of which nothing is left gets none. */
        private final int[] numbers;

        private final byte[] record;

        Reading(RttMap map, DataInputStream in, long wallMillis, long nowMillis) throws IOException {
            this.map = map;
            this.in = in;
            this.nowMillis = nowMillis;
            long written = in.readLong();
            elapsedMillis = wallMillis - written;
            if (elapsedMillis < 0) {
                throw new IOException("it is of " + Instant.ofEpochMilli(written)
                        + ", which is still to come: the clock has been set back, and nobody knows how old it is");
            }
            writtenMillis = in.readLong();
            clusters = new String[in.readInt()];
            for (int i = 0; i < clusters.length; i++) {
                clusters[i] = in.readUTF();
            }
            numbers = new int[clusters.length];
            Arrays.fill(numbers, UNKNOWN);
            record = new byte[clusters.length * PATH_BYTES];
        }

        long takeAll() throws IOException {
            long taken = 0;
            for (int bytes = in.readByte(); bytes != 0; bytes = in.readByte()) {
                int length = in.readUnsignedByte();
                int count = in.readUnsignedShort();
                IpPrefix prefix = IpPrefix.of(in.readNBytes(bytes), length);
                in.readFully(record, 0, count * PATH_BYTES);
                long[] words = new long[2 * count];
                ByteBuffer.wrap(record).asLongBuffer().get(words);
                taken += take(prefix, new PackedPaths(prefix.hashCode(), words));
            }
            return taken;
        }

        private int take(IpPrefix prefix, PackedPaths paths) {
            int kept = 0;
            for (int at = 0; at < paths.size(); at++) {
                // what was measured while the file was written is no older than that
                long age = Math.max(0, writtenMillis - 1000L * paths.second(at)) + elapsedMillis;
                int number = map.counts(paths.evidence(at), age) && paths.hasMethod(at)
                        ? number(paths.cluster(at))
                        : UNKNOWN;
                if (number >= 0) {
                    paths.move(at, kept);
                    paths.translate(kept++, number, (int) Math.floorDiv(nowMillis - age, 1000L));
                }
            }
            paths.truncate(kept);
            return kept > 0 && map.restore(prefix, paths) ? kept : 0;
        }

        private int number(int cluster) {
            if (numbers[cluster] == UNKNOWN) {
                @Nullable Integer number = map.number(clusters[cluster]);
                numbers[cluster] = number == null ? NO_ROOM : number;
            }
            return numbers[cluster];
        }
    }
}
