/**
 * Values of HTTP (RFC 9110), pure: header fields, dates, entity tags, preconditions, byte ranges.
 *
 * <p><em>Starting points:</em> {@link com.kingcdn.http.HeaderFields}, {@link com.kingcdn.http.Preconditions}, {@link
 * com.kingcdn.http.ByteRanges}.
 */
@NullMarked
package com.kingcdn.http;

import org.jspecify.annotations.NullMarked;
