package com.kingcdn.edge.store;

/** An entry's metadata as the disk tier takes it: encoded, with what has to be known of it before anybody reads it. */
final class DiskMetadata {

    private final long keyHash;
    private final long generation;
    private final int flags;
    private final byte[] octets;

    /**
     * Of encoded metadata.
     *
     * @param keyHash of the entry's key: the same for all variants of a key, and for no two keys in practice
     * @param generation of the latest purge it was compared with, see {@link Purges}
     * @param flags {@link DiskEntry#STALE} and {@link DiskEntry#EAGER}
     * @param octets not to be changed any more
     */
    DiskMetadata(long keyHash, long generation, int flags, byte[] octets) {
        this.keyHash = keyHash;
        this.generation = generation;
        this.flags = flags;
        this.octets = octets;
    }

    /** Of an entry. */
    static DiskMetadata of(Metadata metadata) {
        int stale = metadata.validationRequired() ? DiskEntry.STALE : 0;
        int eager = metadata.response().noVarySearch() == null ? 0 : DiskEntry.EAGER;
        return new DiskMetadata(
                metadata.key().digest(), metadata.generation(), stale | eager, MetadataCodec.encode(metadata));
    }

    long keyHash() {
        return keyHash;
    }

    long generation() {
        return generation;
    }

    int flags() {
        return flags;
    }

    byte[] octets() {
        return octets;
    }
}
