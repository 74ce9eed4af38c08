package com.kingcdn.edge.store;

/** Takes entries on disk, one by one. */
@FunctionalInterface
interface DiskEntryConsumer {

    /**
     * One entry as the disk holds it.
     *
     * @param metadata as last offered and written
     */
    void accept(DiskEntry entry, byte[] metadata);
}
