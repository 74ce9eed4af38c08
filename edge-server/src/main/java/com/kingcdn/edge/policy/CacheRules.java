package com.kingcdn.edge.policy;

import com.kingcdn.topology.CacheSettings;
import com.kingcdn.topology.DeliverySettings.Cookies;
import com.kingcdn.topology.Distribution;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a distribution says about its responses' lifetimes beyond what they say themselves. Unless it does, there is no default lifetime:
 * without freshness information nothing is fresh, but for the heuristic.
 *
 * @param targetedField in lower case: counts before CDN-Cache-Control (RFC 9213 section 2.2); null for none
 * @param defaultSeconds freshness of responses that state none, or {@link CacheControl#ABSENT}
 * @param mostSeconds the longest freshness, or ABSENT
 * @param staleWhileRevalidateSeconds for responses that state no window, or ABSENT
 * @param staleIfErrorSeconds for responses that state none, and the most for those that do; ABSENT for a day and no bound
 * @param cookiesPass whether a response that sets a cookie is one person's
 */
public record CacheRules(
        @Nullable String targetedField,
        long defaultSeconds,
        long mostSeconds,
        long staleWhileRevalidateSeconds,
        long staleIfErrorSeconds,
        boolean cookiesPass) {

    /** Those of a distribution that says nothing. */
    public static final CacheRules STANDARD = new CacheRules(
            null, CacheControl.ABSENT, CacheControl.ABSENT, CacheControl.ABSENT, CacheControl.ABSENT, false);

    /**
     * A field of stored responses that no network can bring, since its name is no token: the rules that were in force when it was
     * stored. A response read back from disk is then what it was, whatever the configuration says by now.
     */
    static final String FIELD = ":rules";

    /** For how long a response may stand in for an upstream that fails, if nobody says anything about it (section 4.2.4). */
    private static final long STANDARD_STALE_IF_ERROR = 86_400;

    public static CacheRules of(Distribution distribution) {
        CacheSettings settings = distribution.cache();
        boolean cookiesPass = RequestRules.cookies(distribution) == Cookies.PASS;
        if (settings == null) {
            return cookiesPass
                    ? new CacheRules(
                            null,
                            CacheControl.ABSENT,
                            CacheControl.ABSENT,
                            CacheControl.ABSENT,
                            CacheControl.ABSENT,
                            true)
                    : STANDARD;
        }
        String targeted = settings.targetedField();
        return new CacheRules(
                targeted == null ? null : targeted.toLowerCase(Locale.ROOT),
                seconds(settings.defaultTtl()),
                seconds(settings.maxTtl()),
                seconds(settings.staleWhileRevalidate()),
                seconds(settings.staleIfError()),
                cookiesPass);
    }

    private static long seconds(@Nullable Duration duration) {
        return duration == null ? CacheControl.ABSENT : duration.toSeconds();
    }

    /** For how long after its expiry a response may stand in for an upstream that fails. */
    long staleIfErrorSeconds(CacheControl control) {
        long said = control.staleIfError();
        if (said == CacheControl.ABSENT) {
            return staleIfErrorSeconds == CacheControl.ABSENT ? STANDARD_STALE_IF_ERROR : staleIfErrorSeconds;
        }
        return staleIfErrorSeconds == CacheControl.ABSENT ? said : Math.min(said, staleIfErrorSeconds);
    }

    /** The freshness lifetime in seconds, of what the response or the heuristic gives. */
    long bounded(long seconds) {
        return mostSeconds == CacheControl.ABSENT ? seconds : Math.min(seconds, mostSeconds);
    }

    /** As {@link #FIELD}'s value; null when there is nothing to be remembered. */
    @Nullable
    String text() {
        if (targetedField == null
                && defaultSeconds == CacheControl.ABSENT
                && mostSeconds == CacheControl.ABSENT
                && staleWhileRevalidateSeconds == CacheControl.ABSENT) {
            return null;
        }
        return defaultSeconds + " " + mostSeconds + " " + staleWhileRevalidateSeconds
                + (targetedField == null ? "" : " " + targetedField);
    }

    /** What {@link #text} gave; {@link #STANDARD} for null. */
    static CacheRules parse(@Nullable String text) {
        if (text == null) {
            return STANDARD;
        }
        String[] words = text.split(" ");
        return new CacheRules(
                words.length > 3 ? words[3] : null,
                Long.parseLong(words[0]),
                Long.parseLong(words[1]),
                Long.parseLong(words[2]),
                CacheControl.ABSENT,
                false);
    }
}
