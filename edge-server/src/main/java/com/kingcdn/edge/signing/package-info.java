/**
 * Who may have what, by a token that the customer's own site has signed.
 *
 * <p>Two forms: URI Signing (RFC 9246), a JWT that says which URIs it is for, and a prefix token, a MAC over a host, the beginning of a
 * path and an expiry, with which one token is good for all segments of a title. The token is taken out of the request before the cache or
 * an origin sees it.
 *
 * <p><em>Starting point:</em> {@link com.kingcdn.edge.signing.SignatureCheck}.
 */
@NullMarked
package com.kingcdn.edge.signing;

import org.jspecify.annotations.NullMarked;
