/**
 * Content fetched ahead of demand: fill plans become pinned entries.
 *
 * <p><em>Starting points:</em> {@link com.kingcdn.edge.push.PushReceiver}, which the agent knows as a {@link
 * com.kingcdn.edge.push.FillListener}; {@link com.kingcdn.edge.push.Filler}, the cache as this package sees it.
 */
@NullMarked
package com.kingcdn.edge.push;

import org.jspecify.annotations.NullMarked;
