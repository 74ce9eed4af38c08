/**
 * Assembles the origin from the packages below this one; nothing else lives here.
 *
 * <p><em>Starting point:</em> {@code OriginConfiguration}.
 */
@NullMarked
package com.kingcdn.origin;

import org.jspecify.annotations.NullMarked;
