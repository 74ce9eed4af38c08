package com.kingcdn.redirector.transfer;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What copies of others' zones may take of this machine.
 *
 * @param directory where they are kept over restarts, or null to keep none
 * @param memory bytes of the heap for all together, those on their way in too; at least 1 MiB
 */
public record CopySettings(@Nullable Path directory, long memory) {

    private static final long LEAST = 1 << 20;

    public CopySettings {
        if (memory < LEAST) {
            throw new IllegalArgumentException(
                    "kingcdn.redirector.copies.memory must be 1MB at least, not " + memory + " bytes");
        }
    }

    /** A quarter of the heap: beside what is measured, so that all else has room. */
    public static long defaultMemory() {
        return Math.max(LEAST, Runtime.getRuntime().maxMemory() / 4);
    }
}
