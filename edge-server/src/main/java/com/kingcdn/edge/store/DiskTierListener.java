package com.kingcdn.edge.store;

/** What the disk tier tells and asks about entries; called on its writer thread, so the answer must be quick and must not block. */
interface DiskTierListener {

    /**
     * Blocks have left the disk, because the oldest segment was dropped or because writing failed. Not called for {@link
     * DiskTier#remove}.
     *
     * @param blocks numbers of those that left, ascending
     * @param whole whether the entry's metadata has left with them, so that nothing of the entry is on disk any more
     */
    void evicted(EntryId entry, int[] blocks, boolean whole);

    /**
     * All that the disk holds has been read; it is to be made to be found now: {@link DiskTier#takeFound}. Called once; this one may read
     * the disk.
     */
    void loaded();

    /** Whether the entry was lately of use, from whichever tier: eviction then keeps what it can of it. */
    boolean recentlyUsed(EntryId entry);
}
