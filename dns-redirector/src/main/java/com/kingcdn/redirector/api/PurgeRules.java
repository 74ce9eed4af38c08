package com.kingcdn.redirector.api;

import com.kingcdn.control.PurgeRequest;
import com.kingcdn.redirector.registry.Configuration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a purge must be before edges are told. */
final class PurgeRules {

    /** Scheme and host decide whose content it is; the rest is the edges' to read. No control characters. */
    private static final Pattern URL = Pattern.compile(
            "https?://(?:[^/?#@\\p{Cntrl}]*@)?([^/?#@:\\[\\]\\s\\p{Cntrl}]+)(?::\\d{1,5})?(?:[/?#]\\P{Cntrl}*)?",
            Pattern.CASE_INSENSITIVE);

    private PurgeRules() {}

    /** @throws UnprocessableException when it asks for what cannot be done */
    static void check(PurgeRequest request, Configuration config) {
        refuseUnsupported("prefixes", request.prefixes());
        refuseUnsupported("tags", request.tags());
        refuseUnsupported("hosts", request.hosts());
        if (request.urls().isEmpty()) {
            throw new UnprocessableException("/urls", "there is nothing to purge: name at least one URL");
        }
        for (int i = 0; i < request.urls().size(); i++) {
            @Nullable String reason = refusal(request.urls().get(i), config);
            if (reason != null) {
                throw new UnprocessableException("/urls/" + i, reason);
            }
        }
    }

    private static void refuseUnsupported(String key, List<String> values) {
        if (!values.isEmpty()) {
            throw new UnprocessableException(
                    "/" + key, "purging by " + key + " is not supported yet by this version; name URLs");
        }
    }

    private static @Nullable String refusal(String url, Configuration config) {
        Matcher matcher = URL.matcher(url);
        if (!matcher.matches()) {
            return "'" + url + "' is no absolute http or https URL";
        }
        String host = matcher.group(1).toLowerCase(Locale.ROOT);
        String served = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
        return config.serves(served) ? null : "no distribution serves the host '" + host + "'";
    }
}
