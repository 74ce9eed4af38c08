/**
 * Requests to siblings, parents and origins: whom to ask, with what fields, over which pooled connection, and when to try again.
 *
 * <p><em>Starting points:</em> {@link com.kingcdn.edge.upstream.Upstream} is the boundary, {@link
 * com.kingcdn.edge.upstream.UpstreamException} its one exception; {@code UpstreamPlanner} decides where a request goes, {@code
 * EndpointClient} sends it there: an {@code OriginExchange} gets an {@code OriginConnection} of a {@code ConnectionPool}, where a {@code
 * ResponseReader} reads the answer, whose content is a {@code ResponseContent}. {@link com.kingcdn.edge.upstream.TierTable} knows the other
 * edges. Knows nothing of the cache: what it brings is the origin's message minus what belongs to the connection.
 */
@NullMarked
package com.kingcdn.edge.upstream;

import org.jspecify.annotations.NullMarked;
