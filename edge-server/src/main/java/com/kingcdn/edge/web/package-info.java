/**
 * The content port: requests in, responses out, below WebFlux.
 *
 * <p>Reactor Netty carries connections, timeouts and back-pressure; the HTTP/1.1 codec is stricter than Netty's, since an edge stands
 * between parsers that may disagree. A request that passes goes to the cache; what comes back is written with one flush when it is
 * small, and piece by piece at the client's pace when it is not. Hits that lie in memory take a shorter way, past codec and Reactor
 * Netty, and are answered octet for octet alike.
 *
 * <p><em>Starting points:</em> {@link com.kingcdn.edge.web.ContentServer}, {@link com.kingcdn.edge.web.EdgeHandler}, {@link com.kingcdn.edge.web.HitHandler}.
 */
@NullMarked
package com.kingcdn.edge.web;

import org.jspecify.annotations.NullMarked;
