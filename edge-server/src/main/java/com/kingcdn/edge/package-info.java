/** Assembles an edge node from the packages below this one; nothing else lives here. */
@NullMarked
package com.kingcdn.edge;

import org.jspecify.annotations.NullMarked;
