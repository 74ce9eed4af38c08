/**
 * Placement of names on nodes, pure.
 *
 * <p><em>Starting point:</em> {@link com.kingcdn.hashing.RendezvousHash}.
 */
@NullMarked
package com.kingcdn.hashing;

import org.jspecify.annotations.NullMarked;
