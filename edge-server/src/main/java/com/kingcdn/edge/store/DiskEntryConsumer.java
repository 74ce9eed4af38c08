package com.kingcdn.edge.store;

/** Takes the entries that a restarted disk tier still holds, one by one. */
@FunctionalInterface
interface DiskEntryConsumer {

    /**
     * One entry as the disk holds it.
     *
     * @param metadata as last offered and written
     * @param blocks numbers of the blocks present, ascending
     */
    void accept(EntryId id, byte[] metadata, int[] blocks, boolean pinned);
}
