/**
 * Assembles a redirector from the packages below this one; nothing else lives here.
 *
 * <p><em>Starting points:</em> {@code RedirectorConfiguration}, {@code ControlPlaneConfiguration}.
 */
@NullMarked
package com.kingcdn.redirector;

import org.jspecify.annotations.NullMarked;
