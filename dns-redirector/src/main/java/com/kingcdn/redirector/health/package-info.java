/**
 * What edges report of themselves: who is up, how loaded, and how far they follow the log.
 *
 * <p>Nothing here does I/O or reads a clock: times come in as milliseconds of one monotonic clock.
 *
 * <p><em>Starting points:</em> {@link com.kingcdn.redirector.health.ClusterHealth}.
 */
@NullMarked
package com.kingcdn.redirector.health;

import org.jspecify.annotations.NullMarked;
