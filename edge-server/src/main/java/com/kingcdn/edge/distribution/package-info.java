/**
 * Which distribution a host belongs to, on this edge and now.
 *
 * <p><em>Starting point:</em> {@link com.kingcdn.edge.distribution.DistributionTable}.
 */
@NullMarked
package com.kingcdn.edge.distribution;

import org.jspecify.annotations.NullMarked;
