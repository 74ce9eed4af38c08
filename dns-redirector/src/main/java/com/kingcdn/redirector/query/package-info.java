/**
 * One DNS query in, one answer out, as bytes: no sockets, no I/O, no waiting.
 *
 * <p><em>Starting point:</em> {@link com.kingcdn.redirector.query.QueryHandler}. {@code QueryMessage} reads what arrives and never
 * believes it; questions for edge hostnames and customer hosts are answered by patching ready bytes, all others by way of dnsjava.
 */
@NullMarked
package com.kingcdn.redirector.query;

import org.jspecify.annotations.NullMarked;
