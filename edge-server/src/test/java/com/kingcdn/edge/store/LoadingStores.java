package com.kingcdn.edge.store;

import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.NullMarked;
import org.springframework.util.unit.DataSize;

/** Stores of a directory which come to a halt, for a test, while they read what is there. */
@NullMarked
final class LoadingStores {

    private final Path directory;
    private final FailingDisk disk = new FailingDisk();

    LoadingStores(Path directory) {
        this.directory = directory;
    }

    FailingDisk disk() {
        return disk;
    }

    /** The permits without which nothing is read. */
    Semaphore halted() {
        return Objects.requireNonNull(disk.reads);
    }

    /** Reading what is stored comes to a halt, until {@link #release}. */
    CacheStore openHalted() {
        disk.reads = new Semaphore(0);
        return open(directory);
    }

    CacheStore open(Path place) {
        return CacheStore.open(
                DataSize.ofMegabytes(64),
                DiskTierSettings.of(place, DataSize.ofMegabytes(64)),
                disk,
                Purges.MOST_SCOPES);
    }

    CacheStore openLoaded() {
        CacheStore store = open(directory);
        StoredContent.awaitLoaded(store);
        return store;
    }

    void release(CacheStore store) {
        goOn();
        StoredContent.awaitLoaded(store);
    }

    /** Reads whatever there is. */
    void goOn() {
        Semaphore halted = disk.reads;
        disk.reads = null;
        if (halted != null) {
            halted.release(1 << 20);
        }
    }
}
