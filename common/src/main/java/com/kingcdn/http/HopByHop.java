package com.kingcdn.http;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/** The fields that belong to one connection and go no further (RFC 9110 section 7.6.1). */
public final class HopByHop {

    /** Dropped whether Connection names them or not: some senders forget to. */
    private static final FieldNames ALWAYS = FieldNames.of(
            "connection",
            "keep-alive",
            "proxy-authenticate",
            "proxy-authentication-info",
            "proxy-authorization",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade");

    private HopByHop() {}

    /** Whether a field of that (lower-case) name never goes further, whatever Connection says. */
    public static boolean isOfConnection(String name) {
        return ALWAYS.contains(name);
    }

    /** The (lower-case) names that the section's Connection field says belong to the connection. */
    public static Set<String> nominated(HeaderFields fields) {
        String options = fields.combined("connection");
        if (options == null || options.equalsIgnoreCase("keep-alive")) {
            return Set.of();
        }
        Set<String> nominated = new HashSet<>();
        for (String option : options.split(",")) {
            nominated.add(option.strip().toLowerCase(Locale.ROOT));
        }
        return nominated;
    }

    /** The fields to pass on: without those of the connection and those its Connection field names. */
    public static HeaderFields strip(HeaderFields fields) {
        Set<String> nominated = nominated(fields);
        if (nominated.isEmpty()) {
            return fields.without(ALWAYS);
        }
        return fields.without(name -> ALWAYS.contains(name) || nominated.contains(name));
    }
}
