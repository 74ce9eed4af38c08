/**
 * The rules of HTTP caching (RFC 9111, with RFC 5861 and RFC 9213), pure: what to do with a request, what to store of a response. No
 * I/O; the clock is an argument.
 *
 * <p>A request's way: {@link com.kingcdn.edge.policy.CacheKey} and {@link com.kingcdn.edge.policy.StoredResponse#select} find what is
 * stored; {@link com.kingcdn.edge.policy.CachePolicy#decide} says whether to serve it, to validate it or to go upstream; {@link
 * com.kingcdn.edge.policy.ResponseForm} says which part of it answers the request. A response's way: {@link
 * com.kingcdn.edge.policy.Storability} says whether and as what it is stored; {@link com.kingcdn.edge.policy.Revalidation} asks about
 * a stored one and freshens it; {@link com.kingcdn.edge.policy.Invalidation} names what an unsafe request makes void.
 *
 * <p><em>Starting points:</em> {@link com.kingcdn.edge.policy.CachePolicy}, {@link com.kingcdn.edge.policy.Storability}.
 */
@NullMarked
package com.kingcdn.edge.policy;

import org.jspecify.annotations.NullMarked;
