/**
 * Functions of the C library, for what the kernel has and Java has not.
 *
 * <p><em>Starting points:</em> {@link com.kingcdn.foreign.ForeignFunctions}.
 */
@NullMarked
package com.kingcdn.foreign;

import org.jspecify.annotations.NullMarked;
