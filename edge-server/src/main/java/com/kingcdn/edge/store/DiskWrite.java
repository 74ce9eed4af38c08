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
    record Metadata(DiskEntry entry, DiskMetadata metadata) implements DiskWrite {
        @Override
        public int bytes() {
            return metadata.octets().length;
        }
    }

    /**
     * Write an entry's metadata, and its only block.
     *
     * @param content released by whoever takes this from the queue
     */
    record Whole(DiskEntry entry, DiskMetadata metadata, ByteBuf content) implements DiskWrite {
        @Override
        public int bytes() {
            return metadata.octets().length + content.readableBytes();
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

    /** Write the metadata again, with the flags as they are now. */
    record FlagChange(DiskEntry entry) implements DiskWrite {}

    /** Record that the entry is gone. */
    record Removal(EntryId id) implements DiskWrite {}

    /** Bring all before it to stable storage. */
    record Sync(CompletableFuture<@Nullable Void> done) implements DiskWrite {}
}
