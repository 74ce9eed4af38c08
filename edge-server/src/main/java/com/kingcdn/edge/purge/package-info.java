/**
 * Forgetting on demand: applies purges to the store, and knows whether this edge has heard of all of them.
 *
 * <p><em>Starting points:</em> {@link com.kingcdn.edge.purge.Purger}, {@link com.kingcdn.edge.purge.CaughtUp}.
 */
@NullMarked
package com.kingcdn.edge.purge;

import org.jspecify.annotations.NullMarked;
