/**
 * Requests to origins: which endpoint to ask, with what fields, over which pooled connection, and when to try again.
 *
 * <p><em>Starting points:</em> {@link com.kingcdn.edge.upstream.Upstream} is the boundary, {@link
 * com.kingcdn.edge.upstream.UpstreamException} its one exception. Knows nothing of the cache: what it brings is the origin's message
 * minus what belongs to the connection.
 */
@NullMarked
package com.kingcdn.edge.upstream;

import org.jspecify.annotations.NullMarked;
