package com.kingcdn.redirector.api;

import com.kingcdn.control.BearerToken;

/** The secrets of the two roles: operators, and edges. */
public record ApiTokens(BearerToken admin, BearerToken edge) {}
