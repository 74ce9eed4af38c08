package com.kingcdn.redirector.api;

import com.kingcdn.control.PurgeRequest;
import com.kingcdn.redirector.registry.Configuration;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a purge must be before edges are told. */
final class PurgeRules {

    /** Scheme and host decide whose content it is; the rest is the edges' to read. No control characters. */
    private static final Pattern URL = Pattern.compile(
            "https?://(?:[^/?#@\\p{Cntrl}]*@)?([^/?#@:\\[\\]\\s\\p{Cntrl}]+)(?::\\d{1,5})?(?:[/?#]\\P{Cntrl}*)?",
            Pattern.CASE_INSENSITIVE);

    private static final Pattern HOST = Pattern.compile("[^/?#@:\\[\\]\\s\\p{Cntrl}]+");

    /** What a structured field's string can hold (RFC 9875 section 2), as long as edges keep. */
    private static final Pattern TAG = Pattern.compile("[ -~]{1,256}");

    /** The most that one purge may name, so that its event stays small. */
    static final int MOST = 1000;

    /** As long as a request's target may be at the edges: nothing longer is stored. */
    private static final int LONGEST_URL = 16 * 1024;

    private PurgeRules() {}

    /** @throws UnprocessableException when it asks for what cannot be done */
    static void check(PurgeRequest request, Configuration config) {
        int named = request.urls().size()
                + request.prefixes().size()
                + request.tags().size()
                + request.hosts().size()
                + request.distributions().size();
        if (named == 0) {
            throw new UnprocessableException(
                    "", "there is nothing to purge: name urls, prefixes, tags, hosts or distributions");
        }
        if (named > MOST) {
            throw new UnprocessableException("", "one purge may name at most " + MOST + " things, not " + named);
        }
        checkScope(request);
        each("urls", request.urls(), url -> urlRefusal(url, config));
        each("prefixes", request.prefixes(), prefix -> prefixRefusal(prefix, config));
        each("hosts", request.hosts(), host -> hostRefusal(host, config));
        each("tags", request.tags(), PurgeRules::tagRefusal);
        each(
                "distributions",
                request.distributions(),
                id -> config.distribution(id).isPresent() ? null : "there is no distribution '" + id + "'");
    }

    private static void checkScope(PurgeRequest request) {
        boolean others = !(request.urls().isEmpty()
                && request.prefixes().isEmpty()
                && request.hosts().isEmpty());
        if (others && !request.distributions().isEmpty()) {
            throw new UnprocessableException(
                    "/distributions",
                    "distributions say where tags count, or are purged whole; URLs, prefixes and hosts belong into another purge");
        }
    }

    private static void each(String key, List<String> values, Function<String, @Nullable String> refusal) {
        for (int i = 0; i < values.size(); i++) {
            @Nullable String reason = refusal.apply(values.get(i));
            if (reason != null) {
                throw new UnprocessableException("/" + key + "/" + i, reason);
            }
        }
    }

    private static @Nullable String prefixRefusal(String prefix, Configuration config) {
        if (prefix.indexOf('?') >= 0 || prefix.indexOf('#') >= 0) {
            return "'" + prefix + "' has a query or fragment; a prefix is a path, and what is below it";
        }
        return urlRefusal(prefix, config);
    }

    private static @Nullable String tagRefusal(String tag) {
        return TAG.matcher(tag).matches() ? null : "a tag is 1 to 256 printable ASCII characters";
    }

    private static @Nullable String urlRefusal(String url, Configuration config) {
        if (url.length() > LONGEST_URL) {
            return "a URL has at most " + LONGEST_URL + " characters, not " + url.length();
        }
        Matcher matcher = URL.matcher(url);
        return matcher.matches()
                ? unknownHost(matcher.group(1), config)
                : "'" + url + "' is no absolute http or https URL";
    }

    private static @Nullable String hostRefusal(String host, Configuration config) {
        return HOST.matcher(host).matches() ? unknownHost(host, config) : "'" + host + "' is no host name";
    }

    private static @Nullable String unknownHost(String name, Configuration config) {
        String host = name.toLowerCase(Locale.ROOT);
        String served = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
        return config.serves(served) ? null : "no distribution serves the host '" + host + "'";
    }
}
