/**
 * How work of seconds leaves a core to those who answer. <em>Starting point:</em> {@link com.kingcdn.redirector.pace.ShortTurns}.
 */
@NullMarked
package com.kingcdn.redirector.pace;

import org.jspecify.annotations.NullMarked;
