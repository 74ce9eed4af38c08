package com.kingcdn.edge.store;

import com.kingcdn.edge.store.PurgeTable.Purge;
import com.kingcdn.storage.DurableFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The file that keeps the purge table over restarts, beside the segments: a head, then a record for each purge: its
 * length twice, as it is and inverted, so that a torn record can be told from a damaged one; the CRC-32C of its payload; its payload. Records are appended; the file is written anew, whole, when it has outgrown the table. For one thread.
 */
final class PurgeJournal {

    /** "KCPJ". */
    private static final int MAGIC = 0x4b43504a;

    private static final int VERSION = 1;

    /** Magic, version, the generation at which the file was begun, and the checksum of these. */
    private static final int HEAD = 2 * Integer.BYTES + Long.BYTES + Integer.BYTES;

    private static final int RECORD_HEAD = 3 * Integer.BYTES;
    private static final int LONGEST_PAYLOAD = 1 << 18;
    private static final int SOFT = 1;
    private static final int HAS_DISTRIBUTION = 2;
    private static final int HAS_HOST = 4;

    private final Path file;
    private final SegmentFiles.ChannelOpener opener;
    private @Nullable FileChannel channel;
    private long length;

    PurgeJournal(Path directory, SegmentFiles.ChannelOpener opener) {
        this.file = directory.resolve("purges");
        this.opener = opener;
    }

    /**
     * Gives the purges in the file, in order. A record that was being written when the process ended is left out: nobody was told that
     * it had been kept.
     *
     * @param begun takes the generation at which the file was begun
     * @return false when something that was kept cannot be read
     */
    boolean read(LongConsumer begun, Consumer<Purge> consumer) {
        byte[] content;
        try {
            content = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            return true;
        } catch (IOException e) {
            return false;
        }
        ByteBuffer records = ByteBuffer.wrap(content);
        if (content.length < HEAD
                || Records.checksum(records, 0, HEAD - Integer.BYTES) != records.getInt(HEAD - Integer.BYTES)
                || records.getInt() != MAGIC
                || records.getInt() != VERSION) {
            return false;
        }
        begun.accept(records.getLong());
        records.position(HEAD);
        length = HEAD;
        while (records.remaining() >= RECORD_HEAD) {
            int size = records.getInt();
            int inverted = records.getInt();
            int checksum = records.getInt();
            if (size == 0 && inverted == 0 && checksum == 0) {
                return true; // a power cut has left the place empty
            }
            if (size != ~inverted || size < 0 || size > LONGEST_PAYLOAD) {
                return false;
            }
            if (size > records.remaining()) {
                return true;
            }
            ByteBuffer payload = records.slice().limit(size);
            @Nullable Purge purge = Records.checksum(payload) == checksum ? decode(payload) : null;
            if (purge == null) {
                return false;
            }
            consumer.accept(purge);
            records.position(records.position() + size);
            length += RECORD_HEAD + size;
        }
        return true;
    }

    /** Octets of what is known to be in the file. */
    long length() {
        return length;
    }

    /** Adds purges; they survive a power cut when this returns. */
    void append(Collection<Purge> purges) throws IOException {
        ByteBuffer octets = ByteBuffer.wrap(encode(purges));
        FileChannel open = channel;
        if (open == null || length == 0) {
            throw new IOException(file + " has not been written");
        }
        long position = length;
        while (octets.hasRemaining()) {
            position += open.write(octets, position);
        }
        open.force(false);
        length = position;
    }

    /**
     * Writes the file anew, with these purges alone.
     *
     * @param generation of the latest purge there has been
     */
    void rewrite(long generation, Collection<Purge> purges) throws IOException {
        close();
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        ByteBuffer head =
                ByteBuffer.allocate(HEAD).putInt(MAGIC).putInt(VERSION).putLong(generation);
        head.putInt(Records.checksum(head, 0, HEAD - Integer.BYTES));
        content.writeBytes(head.array());
        content.writeBytes(encode(purges));
        DurableFile.write(file, content.toByteArray());
        channel = opener.open(file, Set.of(StandardOpenOption.WRITE));
        length = content.size();
    }

    /** To be read again by the next {@link #rewrite}. */
    void close() throws IOException {
        FileChannel open = channel;
        channel = null;
        if (open != null) {
            open.close();
        }
    }

    private static byte[] encode(Collection<Purge> purges) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream(64 * purges.size());
        for (Purge purge : purges) {
            byte[] payload = encode(purge);
            ByteBuffer head = ByteBuffer.allocate(RECORD_HEAD).putInt(payload.length);
            head.putInt(~payload.length);
            head.putInt(Records.checksum(ByteBuffer.wrap(payload)));
            octets.writeBytes(head.array());
            octets.writeBytes(payload);
        }
        return octets.toByteArray();
    }

    private static byte[] encode(Purge purge) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream(64);
        PurgeScope scope = purge.scope();
        @Nullable String distribution = scope.distribution();
        @Nullable String host = scope.host();
        try (DataOutputStream out = new DataOutputStream(octets)) {
            out.writeLong(purge.generation());
            out.writeByte((purge.soft() ? SOFT : 0)
                    | (distribution == null ? 0 : HAS_DISTRIBUTION)
                    | (host == null ? 0 : HAS_HOST));
            for (String text : new @Nullable String[] {scope.kind().name(), distribution, host, scope.name()}) {
                if (text != null) {
                    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                    out.writeInt(bytes.length);
                    out.write(bytes);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("an array takes everything", e);
        }
        return octets.toByteArray();
    }

    private static @Nullable Purge decode(ByteBuffer payload) {
        byte[] octets = new byte[payload.remaining()];
        payload.duplicate().get(octets);
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(octets))) {
            long generation = in.readLong();
            int flags = in.readUnsignedByte();
            PurgeScope.Kind kind = PurgeScope.Kind.valueOf(readString(in));
            @Nullable String distribution = (flags & HAS_DISTRIBUTION) == 0 ? null : readString(in);
            @Nullable String host = (flags & HAS_HOST) == 0 ? null : readString(in);
            PurgeScope scope = new PurgeScope(kind, distribution, host, readString(in));
            return new Purge(generation, scope, (flags & SOFT) != 0);
        } catch (IOException | IllegalArgumentException e) {
            return null;
        }
    }

    private static String readString(DataInputStream in) throws IOException {
        int size = in.readInt();
        if (size < 0 || size > in.available()) {
            throw new IOException("no string of " + size + " octets is left");
        }
        return new String(in.readNBytes(size), StandardCharsets.UTF_8);
    }
}
