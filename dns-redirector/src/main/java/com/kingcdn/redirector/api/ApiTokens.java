package com.kingcdn.redirector.api;

import com.kingcdn.control.BearerToken;
import org.jspecify.annotations.Nullable;

/**
 * The secrets of the roles: operators, edges, and readers, who may look at the map and at decisions.
 *
 * @param reader null when nobody only reads
 */
public record ApiTokens(BearerToken admin, BearerToken edge, @Nullable BearerToken reader) {}
