/** Assembles the origin from the packages below this one; nothing else lives here. */
@NullMarked
package com.kingcdn.origin;

import org.jspecify.annotations.NullMarked;
