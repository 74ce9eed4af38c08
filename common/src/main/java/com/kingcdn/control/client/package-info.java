/**
 * The edge's side of the control-plane contract: one connection that follows the numbered events, and the reports back.
 *
 * <p><em>Starting point:</em> {@link com.kingcdn.control.client.ControlPlaneClient}.
 */
@NullMarked
package com.kingcdn.control.client;

import org.jspecify.annotations.NullMarked;
