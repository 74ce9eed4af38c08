/**
 * The cache proper: decides with {@code policy}, keeps in {@code store}, asks {@code upstream}; the only package that knows all three.
 *
 * <p>A fresh response that lies wholly in memory is answered by {@link com.kingcdn.edge.cache.HttpCache#tryServe} on the caller's
 * thread. Everything else takes the longer way of {@link com.kingcdn.edge.cache.HttpCache#handle}.
 *
 * <p><em>Starting points:</em> {@link com.kingcdn.edge.cache.HttpCache}, {@link com.kingcdn.edge.cache.EdgeResponse}.
 */
@NullMarked
package com.kingcdn.edge.cache;

import org.jspecify.annotations.NullMarked;
