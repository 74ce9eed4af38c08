/**
 * What edges have measured of the network: delays and losses to prefixes. Kept and shown; the map is compiled by distance so far.
 *
 * <p><em>Starting points:</em> {@link com.kingcdn.redirector.rtt.RttMap}.
 */
@NullMarked
package com.kingcdn.redirector.rtt;

import org.jspecify.annotations.NullMarked;
