package com.kingcdn.redirector.api;

import org.jspecify.annotations.Nullable;

/**
 * The answer to a direct call.
 *
 * @param status of HTTP
 * @param location of what was made; null when nothing was
 * @param content is sent as JSON; null when there is none
 */
public record Reply(int status, @Nullable String location, @Nullable Object content) {}
