package com.kingcdn.edge.policy;

import com.kingcdn.http.HeaderFields;
import com.kingcdn.http.HttpDate;
import java.util.OptionalLong;

/**
 * How long a response is fresh, and how old it is (RFC 9111 section 4.2).
 *
 * @param lifetimeSeconds from 0
 * @param explicit whether the response says so, rather than its Last-Modified suggesting it (section 4.2.2)
 * @param initialAgeMillis its age when it arrived (corrected_initial_age of section 4.2.3), from 0
 * @param responseTimeMillis when it arrived
 */
public record Freshness(long lifetimeSeconds, boolean explicit, long initialAgeMillis, long responseTimeMillis) {

    /** Share of the time since Last-Modified that a response without a lifetime is taken to be fresh. */
    private static final int HEURISTIC_DIVISOR = 10;

    /** A guess never holds longer than a day. */
    private static final long HEURISTIC_MOST_SECONDS = 86_400;

    /**
     * Of a response.
     *
     * @param heuristic whether a lifetime may be guessed, or the distribution's default taken, when none is given
     */
    static Freshness of(
            HeaderFields fields,
            CacheControl control,
            CacheRules rules,
            boolean heuristic,
            long requestTimeMillis,
            long responseTimeMillis) {
        long initialAge = initialAgeMillis(fields, requestTimeMillis, responseTimeMillis);
        long explicit = explicitSeconds(fields, control, responseTimeMillis);
        if (explicit != CacheControl.ABSENT) {
            return new Freshness(rules.bounded(explicit), true, initialAge, responseTimeMillis);
        }
        long guess = 0;
        if (heuristic) {
            guess = rules.defaultSeconds() == CacheControl.ABSENT
                    ? heuristicSeconds(fields, responseTimeMillis)
                    : rules.defaultSeconds();
        }
        return new Freshness(rules.bounded(guess), false, initialAge, responseTimeMillis);
    }

    /** Section 4.2.1, for a shared cache; {@link CacheControl#ABSENT} when the response says nothing. */
    private static long explicitSeconds(HeaderFields fields, CacheControl control, long responseTimeMillis) {
        if (control.sharedMaxAge() != CacheControl.ABSENT) {
            return control.sharedMaxAge();
        }
        if (control.maxAge() != CacheControl.ABSENT || control.isTargeted()) {
            return control.maxAge();
        }
        String expires = fields.combined("expires");
        if (expires == null) {
            return CacheControl.ABSENT;
        }
        OptionalLong time = HttpDate.parse(expires, responseTimeMillis);
        // what is no date has already expired (section 5.3)
        long millis = time.isEmpty() ? 0 : time.getAsLong() - date(fields, responseTimeMillis);
        return Math.max(0, Math.min(CacheControl.MOST_SECONDS, millis / 1000));
    }

    private static long heuristicSeconds(HeaderFields fields, long responseTimeMillis) {
        OptionalLong modified = HttpDate.parse(fields.first("last-modified"), responseTimeMillis);
        if (modified.isEmpty()) {
            return 0;
        }
        long sinceModified = (date(fields, responseTimeMillis) - modified.getAsLong()) / 1000;
        return Math.max(0, Math.min(HEURISTIC_MOST_SECONDS, sinceModified / HEURISTIC_DIVISOR));
    }

    private static long date(HeaderFields fields, long responseTimeMillis) {
        return HttpDate.parse(fields.first("date"), responseTimeMillis).orElse(responseTimeMillis);
    }

    /** Section 4.2.3. The apparent age is counted in whole seconds, since a Date has no more: else half of max-age=1 would be lost. */
    private static long initialAgeMillis(HeaderFields fields, long requestTimeMillis, long responseTimeMillis) {
        long apparentSeconds = responseTimeMillis / 1000 - date(fields, responseTimeMillis) / 1000;
        long responseDelay = Math.max(0, responseTimeMillis - requestTimeMillis);
        long correctedAge = ageFieldSeconds(fields) * 1000 + responseDelay;
        return Math.max(Math.max(0, apparentSeconds * 1000), correctedAge);
    }

    /** Of several values the first counts; what is no number is ignored (section 5.1). */
    private static long ageFieldSeconds(HeaderFields fields) {
        String age = fields.first("age");
        if (age == null) {
            return 0;
        }
        int comma = age.indexOf(',');
        return Math.max(
                0, DeltaSeconds.parse(comma < 0 ? age : age.substring(0, comma).strip()));
    }

    /** Its current age in seconds, from 0. */
    public long ageSeconds(long nowMillis) {
        return ageMillis(nowMillis) / 1000;
    }

    /** How long it stays fresh, in seconds, 0 in its last one; negative once it is stale. */
    public long ttlSeconds(long nowMillis) {
        return Math.floorDiv(remainingMillis(nowMillis), 1000L);
    }

    /** Whether it is fresh now: its lifetime exceeds its age. */
    public boolean isFresh(long nowMillis) {
        return remainingMillis(nowMillis) > 0;
    }

    long ageMillis(long nowMillis) {
        // a clock set back makes nothing younger than it was on arrival
        return initialAgeMillis + Math.max(0, nowMillis - responseTimeMillis);
    }

    long remainingMillis(long nowMillis) {
        return lifetimeSeconds * 1000 - ageMillis(nowMillis);
    }
}
