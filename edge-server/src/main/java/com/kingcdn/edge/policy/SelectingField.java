package com.kingcdn.edge.policy;

import com.kingcdn.http.HeaderFields;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A request field that selects a variant, in a form in which values of one meaning are equal (RFC 9111 section 4.1). */
final class SelectingField {

    /** Members of these are weighted by q, come in any order, and know no case (RFC 9110 sections 12.5.3 and 12.5.4). */
    private static final String ACCEPT_LANGUAGE = "accept-language";

    private static final String ACCEPT_ENCODING = "accept-encoding";

    private SelectingField() {}

    /** A member of a weighted list. */
    private record Weighted(String value, double weight) {}

    /** The value to compare; empty when the field is absent. */
    static String normalise(String name, HeaderFields request) {
        String combined = request.combined(name);
        if (combined == null) {
            return "";
        }
        if (name.equals(ACCEPT_LANGUAGE) || name.equals(ACCEPT_ENCODING)) {
            StringBuilder text = new StringBuilder();
            for (Weighted member : weighted(combined)) {
                text.append(member.value).append(';').append(member.weight).append(',');
            }
            return text.toString();
        }
        return withoutListSpaces(combined);
    }

    /** The one language a request wants most; null when there is none or several, or it is the wildcard. */
    static @Nullable String preferredLanguage(HeaderFields request) {
        String combined = request.combined(ACCEPT_LANGUAGE);
        if (combined == null) {
            return null;
        }
        List<Weighted> members = weighted(combined);
        if (members.isEmpty()
                || members.get(0).weight == 0
                || members.get(0).value.equals("*")
                || (members.size() > 1 && members.get(1).weight == members.get(0).weight)) {
            return null;
        }
        return members.get(0).value;
    }

    /** The heaviest first, then by name. */
    private static List<Weighted> weighted(String field) {
        List<Weighted> members = new ArrayList<>();
        for (String member : field.split(",")) {
            String text = member.strip().toLowerCase(Locale.ROOT);
            if (text.isEmpty()) {
                continue;
            }
            int semicolon = text.indexOf(';');
            String value = semicolon < 0 ? text : text.substring(0, semicolon).stripTrailing();
            members.add(new Weighted(value, semicolon < 0 ? 1 : weight(text.substring(semicolon + 1))));
        }
        members.sort(Comparator.comparingDouble(Weighted::weight).reversed().thenComparing(Weighted::value));
        return members;
    }

    /** RFC 9110 section 12.4.2; 1 for what is no weight. */
    private static double weight(String parameter) {
        String text = parameter.strip();
        if (!text.startsWith("q=")) {
            return 1;
        }
        String digits = text.substring(2).strip();
        boolean valid = digits.matches("0(\\.\\d{0,3})?|1(\\.0{0,3})?");
        return valid ? Double.parseDouble(digits) : 1;
    }

    /** White space beside a comma means nothing in any list (RFC 9110 section 5.6.1); within quotes it does. */
    private static String withoutListSpaces(String value) {
        if (value.indexOf(',') < 0 || value.indexOf('"') >= 0) {
            return value;
        }
        StringBuilder text = new StringBuilder(value.length());
        for (String member : value.split(",", -1)) {
            text.append(member.strip()).append(',');
        }
        return text.substring(0, text.length() - 1);
    }
}
