/**
 * Content codings: which one a client wants most of those this machine can make, and making them.
 *
 * <p><em>Starting points:</em> {@link com.kingcdn.edge.coding.AcceptEncoding}, {@link com.kingcdn.edge.coding.ContentCoding}.
 */
@NullMarked
package com.kingcdn.edge.coding;

import org.jspecify.annotations.NullMarked;
