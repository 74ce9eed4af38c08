package com.kingcdn.edge.store;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * What an operator sets for the disk tier, {@code kingcdn.edge.disk.*}.
 *
 * @param directory where segments are kept, of this edge alone; no disk tier when null
 * @param size all that the tier may occupy, at least 16 MB
 * @param writeQueue data waiting to be written; what comes when it is full is not stored on disk
 * @param readThreads reads at the same time, 1 to 64
 * @param retryAfter how long after a failed write the disk is left alone
 */
public record DiskTierSettings(
        @Nullable Path directory,
        @DefaultValue("1GB") DataSize size,
        @DefaultValue("32MB") DataSize writeQueue,
        @DefaultValue("4") int readThreads,
        @DefaultValue("30s") Duration retryAfter) {

    /** The smallest {@link #size}: sixteen segments that each hold a few blocks. */
    static final DataSize MINIMUM_SIZE = DataSize.ofMegabytes(16);

    public DiskTierSettings {
        if (size.compareTo(MINIMUM_SIZE) < 0) {
            throw new IllegalArgumentException("kingcdn.edge.disk.size must be at least 16MB, not " + size);
        }
        if (writeQueue.toBytes() < Blocks.SIZE) {
            throw new IllegalArgumentException(
                    "kingcdn.edge.disk.write-queue must be at least 256KB, not " + writeQueue);
        }
        if (readThreads < 1 || readThreads > 64) {
            throw new IllegalArgumentException("kingcdn.edge.disk.read-threads must be 1 to 64, not " + readThreads);
        }
        if (retryAfter.isNegative() || retryAfter.isZero()) {
            throw new IllegalArgumentException("kingcdn.edge.disk.retry-after must be positive, not " + retryAfter);
        }
    }

    /** The defaults, in this directory and of this size. */
    public static DiskTierSettings of(@Nullable Path directory, DataSize size) {
        return new DiskTierSettings(directory, size, DataSize.ofMegabytes(32), 4, Duration.ofSeconds(30));
    }
}
