package com.kingcdn.edge.store;

/** Enters a written record in the index, or takes note that it is not on disk. */
record RecordOutcome(
        DiskIndex index, DiskTierListener listener, DiskEntry entry, RecordType type, int block, int length)
        implements ActiveSegment.Outcome {

    private static final int[] NO_BLOCKS = {};

    @Override
    public void written(Segment segment, long location) {
        segment.addResident(entry);
        if (type == RecordType.BLOCK) {
            entry.putBlock(block, length, location);
        } else {
            entry.setMetadata(location, length);
        }
    }

    /** A block that is not written is simply absent; an entry without metadata is none. Old metadata stays good. */
    @Override
    public void failed() {
        DiskMetrics.count(DiskMetrics.DropReason.UNAVAILABLE);
        if (entry.removed()) {
            return;
        }
        if (type == RecordType.BLOCK) {
            if (!entry.hasBlock(block)) {
                listener.evicted(entry.id(), new int[] {block}, false);
            }
        } else if (entry.metadata() == null) {
            entry.setRemoved();
            index.remove(entry);
            listener.evicted(entry.id(), NO_BLOCKS, true);
        }
    }
}
