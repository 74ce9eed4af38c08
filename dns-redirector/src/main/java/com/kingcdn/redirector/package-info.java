/** Assembles a redirector from the packages below this one; nothing else lives here. */
@NullMarked
package com.kingcdn.redirector;

import org.jspecify.annotations.NullMarked;
