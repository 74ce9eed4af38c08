/**
 * The map for people to look at: {@code /map}, a page of a browser that draws clusters, places and where each goes, and the part of the
 * API that it draws from, {@code /v1/map}, once or as a stream of changes.
 *
 * <p>The page itself has nothing in it, so it is for anyone; what it draws needs a token. What is sent is bounded, however large the map is.
 *
 * <p><em>Starting points:</em> {@link com.kingcdn.redirector.api.map.MapController}, {@link com.kingcdn.redirector.api.map.MapPage}.
 */
@NullMarked
package com.kingcdn.redirector.api.map;

import org.jspecify.annotations.NullMarked;
