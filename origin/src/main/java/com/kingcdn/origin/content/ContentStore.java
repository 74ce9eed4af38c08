package com.kingcdn.origin.content;

import com.kingcdn.storage.DirectoryLock;
import com.kingcdn.storage.DurableFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Content in a directory, for one process at a time.
 *
 * <p>The bytes of each version lie in {@code objects/XX/ID} and never change; {@code entries/XX/HASH.json}, one for each path, says
 * which version the path names, with its type, size and digest. One atomic rename of that small file is what makes a version visible,
 * so bytes and validators always belong together, a reader keeps the version it has opened, and a kill leaves at worst an object
 * without an entry, which the next start removes. File names are hashes and random numbers: no path from a request ever names a file.
 */
public final class ContentStore implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ContentStore.class);
    private static final int STRIPES = 64;

    private final Path directory;
    private final Clock clock;
    private final DirectoryLock lock;
    private final Catalog catalog = new Catalog();
    private final JsonMapper json = new JsonMapper();
    private final SecureRandom random = new SecureRandom();

    /** Writers of one path take turns; which lock is its own is decided by its hash. */
    private final Object[] stripes =
            IntStream.range(0, STRIPES).mapToObj(i -> new Object()).toArray();

    private ContentStore(Path directory, Clock clock, DirectoryLock lock) {
        this.directory = directory;
        this.clock = clock;
        this.lock = lock;
    }

    /**
     * Opens the store, makes it when there is none, reads its catalogue, and removes what cut-off uploads have left.
     *
     * @throws IOException when the directory cannot be used, or another process uses it; the message says so
     */
    public static ContentStore open(Path directory, Clock clock) throws IOException {
        Path absolute = directory.toAbsolutePath();
        DurableFile.createDirectories(absolute.resolve("objects"));
        DurableFile.createDirectories(absolute.resolve("entries"));
        DirectoryLock lock = DirectoryLock.take(absolute, "lock")
                .orElseThrow(() -> new IOException("another origin is using the content store " + absolute));
        try {
            ContentStore store = new ContentStore(absolute, clock, lock);
            new CatalogReader(absolute, store.json).readInto(store.catalog);
            return store;
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    public Catalog catalog() {
        return catalog;
    }

    /**
     * Opens a version's bytes for reading. What has been opened stays readable, also when the version is replaced.
     *
     * @throws java.nio.file.NoSuchFileException when the version was replaced or deleted in the meantime
     */
    public FileChannel read(CatalogEntry entry) throws IOException {
        return FileChannel.open(objectFile(entry.object()), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Begins to store content, without any I/O yet. The caller closes the upload in any case.
     *
     * @param type media type, kept as it is
     * @param maxSize in bytes
     */
    public Upload begin(ContentPath path, String type, long maxSize) {
        byte[] id = new byte[16];
        random.nextBytes(id);
        return new Upload(this, path, type, maxSize, HexFormat.of().formatHex(id));
    }

    /**
     * Removes what the path names, durably. Blocks, and must not be interrupted meanwhile.
     *
     * @param condition on what the path names at that moment
     * @return whether there was anything
     */
    public boolean delete(ContentPath path, Predicate<CatalogEntry> condition) throws StoreException {
        synchronized (stripeOf(path)) {
            CatalogEntry entry = catalog.find(path);
            if (entry == null) {
                return false;
            }
            requireCondition(condition.test(entry));
            try {
                Path file = entryFile(path);
                Files.deleteIfExists(file);
                DurableFile.forceDirectory(directoryOf(file));
                catalog.remove(entry);
            } catch (IOException e) {
                throw StoreException.of(e);
            }
            removeObject(entry);
            return true;
        }
    }

    /** Releases the directory for another process. */
    @Override
    public void close() throws IOException {
        lock.close();
    }

    /** Makes a version whose bytes are on the device what the path names. */
    Upload.Committed publish(ContentPath path, Upload.Version version, Predicate<@Nullable CatalogEntry> condition)
            throws IOException, StoreException {
        DurableFile.forceDirectory(directoryOf(objectFile(version.object())));
        synchronized (stripeOf(path)) {
            CatalogEntry replaced = catalog.find(path);
            requireCondition(condition.test(replaced));
            CatalogEntry entry = new CatalogEntry(
                    path.value(), version.type(), version.size(), version.sha256(), clock.millis(), version.object());
            Path file = entryFile(path);
            DurableFile.createDirectories(directoryOf(file));
            writeEntry(file, entry);
            catalog.put(entry);
            if (replaced != null) {
                removeObject(replaced);
            }
            return new Upload.Committed(entry, replaced);
        }
    }

    /** Whether the path names this object, so that the file must stay. */
    boolean isNamed(ContentPath path, String object) {
        CatalogEntry entry = catalog.find(path);
        return entry != null && entry.object().equals(object);
    }

    void createObjectDirectory(String object) throws IOException {
        DurableFile.createDirectories(directoryOf(objectFile(object)));
    }

    Path objectFile(String object) {
        return CatalogReader.objectFile(directory, object);
    }

    private void writeEntry(Path file, CatalogEntry entry) throws IOException {
        byte[] content = json.writeValueAsBytes(entry);
        try {
            DurableFile.write(file, content);
        } catch (IOException e) {
            // the rename may have been done and only its fsync failed: then readers after a restart see this version,
            // and so must these
            if (Files.exists(file) && Arrays.equals(Files.readAllBytes(file), content)) {
                catalog.put(entry);
            }
            throw e;
        }
    }

    /** What no path names any more may go; what cannot be removed now is removed at the next start. */
    private void removeObject(CatalogEntry entry) {
        try {
            Files.deleteIfExists(objectFile(entry.object()));
        } catch (IOException e) {
            LOG.warn("object {} of {} cannot be removed: {}", entry.object(), entry.path(), e.toString());
        }
    }

    private Path entryFile(ContentPath path) {
        String hash = CatalogReader.nameOf(path.value());
        return directory.resolve("entries").resolve(hash.substring(0, 2)).resolve(hash + ".json");
    }

    private Object stripeOf(ContentPath path) {
        return stripes[Math.floorMod(path.hashCode(), STRIPES)];
    }

    private static void requireCondition(boolean met) throws StoreException {
        if (!met) {
            throw new StoreException(
                    StoreException.Kind.CONDITION_FAILED, "what is stored is not what the request expects");
        }
    }

    private static Path directoryOf(Path file) {
        Path parent = file.getParent();
        if (parent == null) {
            throw new IllegalStateException(file + " lies in a directory of the store");
        }
        return parent;
    }
}
