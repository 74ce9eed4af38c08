/**
 * Values of HTTP (RFC 9110), pure: header fields, dates, entity tags, preconditions, byte ranges.
 *
 * <p><em>Starting point:</em> {@link com.kingcdn.http.HeaderFields}.
 */
@NullMarked
package com.kingcdn.http;

import org.jspecify.annotations.NullMarked;
