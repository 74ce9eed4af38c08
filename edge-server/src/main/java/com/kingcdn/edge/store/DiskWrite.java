package com.kingcdn.edge.store;

import io.netty.buffer.ByteBuf;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Something for the writer thread to do. */
sealed interface DiskWrite {

    /** Octets it holds while it waits. */
    default int bytes() {
        return 0;
    }

    /** Write an entry's metadata. */
    final class Metadata implements DiskWrite {
        private final DiskEntry entry;
        private final byte[] octets;

        Metadata(DiskEntry entry, byte[] octets) {
            this.entry = entry;
            this.octets = octets;
        }

        DiskEntry entry() {
            return entry;
        }

        byte[] octets() {
            return octets;
        }

        @Override
        public int bytes() {
            return octets.length;
        }
    }

    /**
     * Write a block.
     *
     * @param data released by whoever takes this from the queue
     */
    record Block(DiskEntry entry, int block, ByteBuf data) implements DiskWrite {
        @Override
        public int bytes() {
            return data.readableBytes();
        }
    }

    /** Write the metadata again, with the mark as it is now. */
    record PinChange(DiskEntry entry) implements DiskWrite {}

    /** Record that the entry is gone. */
    record Removal(EntryId id) implements DiskWrite {}

    /** Bring all before it to stable storage. */
    record Sync(CompletableFuture<@Nullable Void> done) implements DiskWrite {}
}
