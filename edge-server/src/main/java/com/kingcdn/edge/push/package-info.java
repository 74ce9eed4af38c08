/**
 * Content fetched ahead of demand: fill plans become pinned entries.
 *
 * <p><em>Starting point:</em> {@link com.kingcdn.edge.push.FillListener}.
 */
@NullMarked
package com.kingcdn.edge.push;

import org.jspecify.annotations.NullMarked;
