/**
 * What edges have measured of the network: delays and losses to prefixes, and what a prefix without measurement inherits from others.
 *
 * <p><em>Starting points:</em> {@link com.kingcdn.redirector.rtt.RttMap}, which takes reports in, and the {@code RttView} of it that the
 * map is compiled from.
 */
@NullMarked
package com.kingcdn.redirector.rtt;

import org.jspecify.annotations.NullMarked;
