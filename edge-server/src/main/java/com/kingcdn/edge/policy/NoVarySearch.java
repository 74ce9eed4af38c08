package com.kingcdn.edge.policy;

import com.kingcdn.http.HeaderFields;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a response says about its URL's query: which parameters, and whether their order, do not matter (the No-Vary-Search caching
 * extension, draft-ietf-httpbis-no-vary-search-10, approved as an RFC).
 *
 * @param anyOrder whether the order does not matter
 * @param all whether no parameter matters but those named; else those named do not
 * @param names decoded, as in {@code application/x-www-form-urlencoded}
 */
public record NoVarySearch(boolean anyOrder, boolean all, Set<String> names) {

    public NoVarySearch {
        names = Set.copyOf(names);
    }

    /** Of a response; null when it says nothing, or nothing valid: then all of the query matters. */
    public static @Nullable NoVarySearch of(HeaderFields fields) {
        String field = fields.combined("no-vary-search");
        Map<String, Object> members = field == null ? null : TargetedDirectives.dictionary(field);
        if (members == null) {
            return null;
        }
        Object order = members.getOrDefault("key-order", false);
        Object params = members.getOrDefault("params", false);
        Object except = members.get("except");
        boolean all = Boolean.TRUE.equals(params);
        Set<String> names = new HashSet<>();
        boolean valid = order instanceof Boolean
                && (params instanceof Boolean || addStrings(params, names))
                && (except == null || (all && addStrings(except, names)));
        if (!valid || (!all && names.isEmpty() && !Boolean.TRUE.equals(order))) {
            return null;
        }
        return new NoVarySearch(Boolean.TRUE.equals(order), all, names);
    }

    private static boolean addStrings(Object list, Set<String> names) {
        if (!(list instanceof List<?> items)) {
            return false;
        }
        for (Object item : items) {
            if (!(item instanceof String text)) {
                return false;
            }
            names.add(decode(text));
        }
        return true;
    }

    /** The one target that stands for all that mean the same; it means the same itself. */
    public String canonical(String target) {
        int question = target.indexOf('?');
        if (question < 0) {
            return target;
        }
        List<String> kept = new ArrayList<>();
        for (String parameter : target.substring(question + 1).split("&")) {
            if (!parameter.isEmpty() && names.contains(decode(QueryRules.name(parameter))) == all) {
                kept.add(parameter);
            }
        }
        if (anyOrder) {
            kept.sort(Comparator.comparing(parameter -> decode(QueryRules.name(parameter))));
        }
        String path = target.substring(0, question);
        return kept.isEmpty() ? path : path + '?' + String.join("&", kept);
    }

    private static String decode(String name) {
        try {
            return URLDecoder.decode(name, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return name; // a stray percent sign means itself
        }
    }
}
