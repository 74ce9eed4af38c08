/**
 * The control API, {@code /v1}: what operators change and ask, what edges follow and report. JSON in and out, every refusal a problem
 * document (RFC 9457).
 *
 * <p>Controllers write registries and read what is published; they never touch the snapshot that queries are answered from.
 *
 * <p><em>Starting points:</em> {@link com.kingcdn.redirector.api.ApiConfiguration}, then the controllers it makes.
 */
@NullMarked
package com.kingcdn.redirector.api;

import org.jspecify.annotations.NullMarked;
