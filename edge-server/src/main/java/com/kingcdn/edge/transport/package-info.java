/**
 * The way to the kernel: the threads that do all the work of the data plane, and the kinds of channel they can run.
 *
 * <p><em>Starting points:</em> {@link com.kingcdn.edge.transport.Transport}.
 */
@NullMarked
package com.kingcdn.edge.transport;

import org.jspecify.annotations.NullMarked;
