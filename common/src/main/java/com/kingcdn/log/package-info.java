/**
 * Access logs: JSON, one object a line, written behind the event loops' back.
 *
 * <p><em>Starting points:</em> {@link com.kingcdn.log.JsonLinesLog}, {@link com.kingcdn.log.LogLine}.
 */
@NullMarked
package com.kingcdn.log;

import org.jspecify.annotations.NullMarked;
