package com.kingcdn.redirector.zone;

/**
 * A zone that we answer for.
 *
 * @param cdn whether edge hostnames are made in it; at most one zone is the CDN's
 */
public record ServedZone(ZoneFile file, boolean cdn) {}
