package com.kingcdn.redirector.registry;

import java.nio.file.Path;

/**
 * A zone as configured: its master file's text (RFC 1035 section 5), not parsed.
 *
 * @param name origin of the zone, lower case, without a final dot
 * @param file where the text came from, for messages
 * @param cdn whether edge hostnames are made in it
 * @param dnssec whether its answers are signed
 * @param policy what others may do with it
 */
public record ZoneSource(String name, Path file, boolean cdn, boolean dnssec, String text, ZonePolicy policy) {}
