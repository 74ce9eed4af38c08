/**
 * The control-plane contract, {@code /v1}: what redirectors and edges say to each other, as JSON.
 *
 * <p>An edge holds one connection open, {@code GET /v1/events} (Server-Sent Events), and posts a {@link
 * com.kingcdn.control.HealthReport} each second and whenever it has a receipt. Events are a numbered log: an edge asks for all after
 * the last one it has applied ({@code Last-Event-ID}), so nothing is lost by being away.
 *
 * <p><em>Starting points:</em> {@link com.kingcdn.control.ControlEvent} (down), {@link com.kingcdn.control.HealthReport} (up).
 */
@NullMarked
package com.kingcdn.control;

import org.jspecify.annotations.NullMarked;
