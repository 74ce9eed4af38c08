/**
 * How much of this edge one client, one distribution and all of them together may have.
 *
 * <p>Rates and concurrency are counted for each client prefix and each distribution, in a table of bounded size; what is above a limit
 * is told when to come back. Work that takes memory is turned away before memory is short.
 *
 * <p><em>Starting points:</em> {@link com.kingcdn.edge.limits.RequestLimiter}, {@link com.kingcdn.edge.limits.LoadShedder}.
 */
@NullMarked
package com.kingcdn.edge.limits;

import org.jspecify.annotations.NullMarked;
