/**
 * The public side of the origin: GET and HEAD of content, with validators and byte ranges, straight on Reactor Netty.
 *
 * <p>What to answer is decided without I/O ({@code ContentResponses}); sending it hands pieces of the open file to the kernel.
 *
 * <p><em>Starting points:</em> {@link com.kingcdn.origin.web.ContentHandler}, {@link com.kingcdn.origin.web.CacheControlRule}.
 */
@NullMarked
package com.kingcdn.origin.web;

import org.jspecify.annotations.NullMarked;
