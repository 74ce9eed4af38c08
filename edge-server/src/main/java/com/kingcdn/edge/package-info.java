/**
 * Assembles an edge node from the packages below this one, joins those that do not know each other, and starts and stops it in order.
 *
 * <p><em>Starting points:</em> {@code EdgeConfiguration}, {@code EdgeLifecycle}, {@code Leave}; {@code Rehearsal} is a run for the JVM to learn from.
 */
@NullMarked
package com.kingcdn.edge;

import org.jspecify.annotations.NullMarked;
