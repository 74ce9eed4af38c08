/**
 * Where networks are: MaxMind DB files read into prefixes and places.
 *
 * <p><em>Starting point:</em> {@link com.kingcdn.redirector.geo.GeoDatabase}. A database is walked once when the routing table is
 * compiled; no query looks anything up in it. {@link com.kingcdn.redirector.geo.DemoGeoDatabase} makes the small file that a first try
 * on one machine uses.
 */
@NullMarked
package com.kingcdn.redirector.geo;

import org.jspecify.annotations.NullMarked;
