/**
 * The content port: requests in, responses out, below WebFlux.
 *
 * <p>The server is our own on Netty's transport and codecs; the HTTP/1.1 decoder is stricter than Netty's, since an edge stands between
 * parsers that may disagree. Whatever version of HTTP brings a request, it is one {@link com.kingcdn.edge.web.ClientStream} to what is
 * above: it goes to the cache, and what comes back is written with one flush when it is there, and piece by piece at the client's pace
 * when it is not. Plain requests of HTTP/1.1 are taken from their octets, past the decoder, and are answered octet for octet alike.
 *
 * <p><em>Starting points:</em> {@link com.kingcdn.edge.web.ContentServer}, {@link com.kingcdn.edge.web.EdgeHandler}, {@link com.kingcdn.edge.web.PlainRequests}.
 */
@NullMarked
package com.kingcdn.edge.web;

import org.jspecify.annotations.NullMarked;
