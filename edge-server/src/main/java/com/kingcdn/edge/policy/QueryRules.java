package com.kingcdn.edge.policy;

import com.kingcdn.topology.QuerySettings;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a distribution makes of a query: of those that mean one object one, for the cache key and for the origin. */
public final class QueryRules {

    private QueryRules() {}

    /** The target with what counts of its query; the same string when nothing changes. Applied twice it is as once. */
    public static String apply(@Nullable QuerySettings settings, String target) {
        int question = settings == null ? -1 : target.indexOf('?');
        if (settings == null || question < 0) {
            return target;
        }
        if (settings.mode() == QuerySettings.Mode.DROP) {
            return target.substring(0, question);
        }
        if (settings.mode() == QuerySettings.Mode.KEEP && !settings.sort()) {
            return target;
        }
        List<String> kept = new ArrayList<>();
        for (String parameter : target.substring(question + 1).split("&")) {
            if (!parameter.isEmpty() && counts(settings, name(parameter))) {
                kept.add(parameter);
            }
        }
        if (settings.sort()) {
            kept.sort(Comparator.comparing(QueryRules::name));
        }
        String path = target.substring(0, question);
        return kept.isEmpty() ? path : path + '?' + String.join("&", kept);
    }

    static String name(String parameter) {
        int equals = parameter.indexOf('=');
        return equals < 0 ? parameter : parameter.substring(0, equals);
    }

    private static boolean counts(QuerySettings settings, String name) {
        return switch (settings.mode()) {
            case ALLOW -> isNamed(settings.names(), name);
            case DENY -> !isNamed(settings.names(), name);
            default -> true;
        };
    }

    private static boolean isNamed(List<String> names, String name) {
        for (String pattern : names) {
            boolean named = pattern.endsWith("*")
                    ? name.startsWith(pattern.substring(0, pattern.length() - 1))
                    : name.equals(pattern);
            if (named) {
                return true;
            }
        }
        return false;
    }
}
