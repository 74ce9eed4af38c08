package com.kingcdn.edge.coding;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a client says it can decode (RFC 9110 section 12.5.3). */
public final class AcceptEncoding {

    /** In thousandths, as precise as a weight can be. */
    private static final int FULL = 1000;

    private AcceptEncoding() {}

    /** The available coding that a field value prefers to all others and to none; null for none. */
    public static @Nullable ContentCoding preferred(@Nullable String field) {
        if (field == null) {
            return null; // any would be allowed, but who says nothing is likely to know none
        }
        ContentCoding preferred = null;
        // who lists codings and not identity wants one of them
        int highest = weightOf("identity", field);
        for (ContentCoding coding : ContentCoding.values()) {
            int weight = weightOf(coding.token(), field);
            boolean better = preferred == null ? weight >= highest : weight > highest;
            if (weight > 0 && better && coding.isAvailable()) {
                preferred = coding;
                highest = weight;
            }
        }
        return preferred;
    }

    /** The weight of a coding, or of the wildcard when only that is there; 0 when neither is. */
    private static int weightOf(String coding, String field) {
        int wildcard = -1;
        for (String member : field.split(",")) {
            int semicolon = member.indexOf(';');
            String name = (semicolon < 0 ? member : member.substring(0, semicolon))
                    .strip()
                    .toLowerCase(Locale.ROOT);
            if (name.equals(coding) || (name.equals("x-gzip") && coding.equals("gzip"))) {
                return weight(member, semicolon);
            }
            if (name.equals("*")) {
                wildcard = weight(member, semicolon);
            }
        }
        return coding.equals("identity") ? 0 : Math.max(0, wildcard);
    }

    /** RFC 9110 section 12.4.2; 0 for what is no weight, so that nobody gets a coding by mistake. */
    private static int weight(String member, int semicolon) {
        if (semicolon < 0) {
            return FULL;
        }
        String parameter = member.substring(semicolon + 1).strip().toLowerCase(Locale.ROOT);
        if (!parameter.matches("q=(0(\\.\\d{0,3})?|1(\\.0{0,3})?)")) {
            return 0;
        }
        return (int) Math.round(Double.parseDouble(parameter.substring(2)) * FULL);
    }
}
