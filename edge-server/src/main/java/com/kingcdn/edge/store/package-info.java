/**
 * Stored responses: entries made of metadata and blocks, in memory over disk.
 *
 * <p>A response is an entry: metadata (status, fields, times) and a body cut into {@linkplain com.kingcdn.edge.store.Blocks blocks},
 * each of which is in the memory tier, in the disk tier, in both or in neither. The disk tier is an append-only log of segment files
 * with a checksum on every record; what it cannot prove to be whole is absent.
 *
 * <p><em>Starting points:</em> {@code CacheStore} (lookup and entries), {@code DiskTier} (the segment log; its format is
 * docs/adr/0004-disk-tier-format.md).
 */
@NullMarked
package com.kingcdn.edge.store;

import org.jspecify.annotations.NullMarked;
