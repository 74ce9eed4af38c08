package com.kingcdn.origin.content;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Content on its way into the store: visible to nobody until {@link #commit} has returned, and gone without a trace when closed
 * before. Closing is safe from another thread at any time; it waits for a write that is under way.
 */
public final class Upload implements AutoCloseable {

    /**
     * What a commit did.
     *
     * @param replaced what the path named before, or null
     */
    public record Committed(CatalogEntry entry, @Nullable CatalogEntry replaced) {}

    private final ContentStore store;
    private final ContentPath path;
    private final String type;
    private final String object;
    private final long maxSize;
    private final Path file;
    private final MessageDigest digest = sha256();
    private long size;
    /** Made with the first write, so that an upload which nobody came to write to leaves nothing to close. */
    private @Nullable FileChannel channel;

    private boolean finished;

    Upload(ContentStore store, ContentPath path, String type, long maxSize, String object) {
        this.store = store;
        this.path = path;
        this.type = type;
        this.maxSize = maxSize;
        this.object = object;
        this.file = store.objectFile(object);
    }

    /** Appends all that remains in the buffer. Blocks. */
    public synchronized void write(ByteBuffer bytes) throws StoreException {
        checkOpen();
        if (bytes.remaining() > maxSize - size) {
            throw new StoreException(StoreException.Kind.TOO_LARGE, "the content is larger than " + maxSize + " bytes");
        }
        size += bytes.remaining();
        digest.update(bytes.duplicate());
        try {
            FileChannel open = channel();
            while (bytes.hasRemaining()) {
                open.write(bytes);
            }
        } catch (IOException e) {
            throw StoreException.of(e);
        }
    }

    /**
     * Makes the content what the path names, durably. Blocks until the device has it; the thread must not be interrupted meanwhile, or
     * it may be open which version a restart finds.
     *
     * @param expectedSha256 64 hexadecimal digits that the content's digest must equal, or null
     * @param condition on what the path names at that moment (null when nothing); asked once, and nothing changes in between
     */
    public synchronized Committed commit(@Nullable String expectedSha256, Predicate<@Nullable CatalogEntry> condition)
            throws StoreException {
        checkOpen();
        String sha256 = HexFormat.of().formatHex(digest.digest());
        if (expectedSha256 != null && !expectedSha256.equals(sha256)) {
            throw new StoreException(
                    StoreException.Kind.DIGEST_MISMATCH,
                    "the content that arrived has the SHA-256 digest " + sha256 + ", not " + expectedSha256);
        }
        try {
            FileChannel open = channel();
            open.force(true);
            open.close();
            Committed committed = store.publish(path, new Version(type, size, sha256, object), condition);
            finished = true;
            return committed;
        } catch (IOException e) {
            throw StoreException.of(e);
        }
    }

    /** Removes what was written, unless it was committed. */
    @Override
    public synchronized void close() throws IOException {
        if (!finished) {
            finished = true;
            if (channel != null) {
                channel.close();
                if (!store.isNamed(path, object)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    private FileChannel channel() throws IOException {
        FileChannel open = channel;
        if (open == null) {
            store.createObjectDirectory(object);
            open = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            channel = open;
        }
        return open;
    }

    private void checkOpen() throws StoreException {
        if (finished) {
            throw new StoreException(StoreException.Kind.ABORTED, "the upload was given up");
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** One version of a piece of content, not yet named. */
    record Version(String type, long size, String sha256, String object) {}
}
