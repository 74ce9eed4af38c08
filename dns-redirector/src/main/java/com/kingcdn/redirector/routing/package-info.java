/**
 * Which cluster a client belongs to, pure: no DNS type, no GeoIP type, no I/O, no clock.
 *
 * <p><em>Starting points:</em> {@link com.kingcdn.redirector.routing.TrafficDirector}, which answers, and
 * {@link com.kingcdn.redirector.routing.RoutingTable}, which is what coverage prefixes and places are compiled into.
 * Everything here is immutable; a change makes a new table (in the background) or a new view of health (cheap).
 */
@NullMarked
package com.kingcdn.redirector.routing;

import org.jspecify.annotations.NullMarked;
