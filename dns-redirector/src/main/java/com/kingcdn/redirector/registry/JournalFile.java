package com.kingcdn.redirector.registry;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An append-only file of frames: length (4 bytes), CRC32C of length and payload (4 bytes, RFC 3720 polynomial), payload.
 *
 * <p>One frame is one write followed by one sync, so a crash can only spoil the last frame. On opening, a spoilt frame with nothing whole
 * behind it is that torn tail: it was never acknowledged and is cut off. A spoilt frame with a whole one behind it is damage to what was
 * acknowledged: the file is refused, since going on would lose it silently.
 */
final class JournalFile implements Closeable {

    /** Longest payload, in bytes. */
    static final int MAX_PAYLOAD = 16 * 1024 * 1024;

    private static final Logger log = LoggerFactory.getLogger(JournalFile.class);

    private static final byte[] HEADER = "KCJRNL1\n".getBytes(StandardCharsets.US_ASCII);
    private static final int FRAME_HEADER = 8;

    /** How a file is opened; tests have disks that fail. */
    @FunctionalInterface
    interface Disk {

        FileChannel open(Path path, OpenOption... options) throws IOException;
    }

    private final FileChannel channel;
    private long size;
    /** What is known to be durable. */
    private long forced;

    private JournalFile(FileChannel channel, long size) {
        this.channel = channel;
        this.size = size;
        this.forced = size;
    }

    /** A new, empty file, replacing any of that name. */
    static JournalFile create(Path path) throws IOException {
        return create(path, FileChannel::open);
    }

    /** A new, empty file, replacing any of that name; nothing is left of it when its first octets cannot be written. */
    static JournalFile create(Path path, Disk disk) throws IOException {
        FileChannel channel = disk.open(
                path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
        JournalFile file = new JournalFile(channel, 0);
        try {
            file.write(ByteBuffer.wrap(HEADER));
        } catch (IOException e) {
            channel.close();
            Files.deleteIfExists(path);
            throw e;
        }
        return file;
    }

    /**
     * An existing file, ready to append behind its last whole frame.
     *
     * @param frames gets each whole frame's payload, in order
     * @throws ControlStoreException when the file is damaged before its tail
     */
    static JournalFile open(Path path, Consumer<byte[]> frames) throws IOException {
        return open(path, frames, FileChannel::open);
    }

    /** The same on that disk. */
    static JournalFile open(Path path, Consumer<byte[]> frames, Disk disk) throws IOException {
        FileChannel channel = disk.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            byte[] content = readAll(channel, path);
            int end = replay(content, path, frames);
            if (end < content.length) {
                log.warn("{}: cut off {} bytes of a write that a crash interrupted", path, content.length - end);
                channel.truncate(end);
                channel.force(true);
            }
            channel.position(end);
            JournalFile file = new JournalFile(channel, end);
            if (end == 0) {
                file.write(ByteBuffer.wrap(HEADER));
                file.force();
            }
            return file;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static byte[] readAll(FileChannel channel, Path path) throws IOException {
        long length = channel.size();
        if (length > Integer.MAX_VALUE - 16) {
            throw damaged(path, 0, "it is larger than 2 GiB");
        }
        ByteBuffer content = ByteBuffer.allocate((int) length);
        while (content.hasRemaining()) {
            if (channel.read(content) < 0) {
                throw new EOFException(path + " became shorter while it was read");
            }
        }
        return content.array();
    }

    private static int replay(byte[] content, Path path, Consumer<byte[]> frames) {
        int known = Math.min(content.length, HEADER.length);
        if (!Arrays.equals(content, 0, known, HEADER, 0, known)) {
            throw damaged(path, 0, "it does not begin as a journal of this version does");
        }
        if (known < HEADER.length) {
            return 0;
        }
        int at = HEADER.length;
        while (wholeFrameAt(content, at)) {
            int length = intAt(content, at);
            frames.accept(Arrays.copyOfRange(content, at + FRAME_HEADER, at + FRAME_HEADER + length));
            at += FRAME_HEADER + length;
        }
        for (int later = at + 1; later + FRAME_HEADER < content.length; later++) {
            if (wholeFrameAt(content, later)) {
                throw damaged(path, at, "whole records follow at byte " + later);
            }
        }
        return at;
    }

    private static boolean wholeFrameAt(byte[] content, int at) {
        if (content.length - at <= FRAME_HEADER) {
            return false;
        }
        int length = intAt(content, at);
        if (length <= 0 || length > MAX_PAYLOAD || length > content.length - at - FRAME_HEADER) {
            return false;
        }
        CRC32C crc = new CRC32C();
        crc.update(content, at, 4);
        crc.update(content, at + FRAME_HEADER, length);
        return (int) crc.getValue() == intAt(content, at + 4);
    }

    private static int intAt(byte[] content, int at) {
        return ByteBuffer.wrap(content).getInt(at);
    }

    private static ControlStoreException damaged(Path path, long at, String why) {
        return new ControlStoreException(
                ControlStoreException.Kind.DAMAGED,
                "journal " + path + " is damaged at byte " + at + " (" + why
                        + "): restore it from a copy, or move it away to start with an empty state",
                null);
    }

    /** Writes one frame; it is durable after {@link #force()}. */
    void append(byte[] payload) throws IOException {
        if (payload.length == 0 || payload.length > MAX_PAYLOAD) {
            throw new IllegalArgumentException("a frame of " + payload.length + " bytes");
        }
        ByteBuffer frame = ByteBuffer.allocate(FRAME_HEADER + payload.length);
        frame.putInt(payload.length).putInt(0).put(payload);
        CRC32C crc = new CRC32C();
        crc.update(frame.array(), 0, 4);
        crc.update(payload);
        frame.putInt(4, (int) crc.getValue());
        write(frame.flip());
    }

    private void write(ByteBuffer bytes) throws IOException {
        size += bytes.remaining();
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    void force() throws IOException {
        channel.force(false);
        forced = size;
    }

    /** Cuts off what was written and is not known to be durable, so that no restart finds it. */
    void dropUnforced() throws IOException {
        channel.truncate(forced);
        size = forced;
        channel.force(true);
    }

    /** In bytes. */
    long size() {
        return size;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
