package com.kingcdn.topology;

import java.time.Duration;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How long a distribution's responses are kept, where their origin does not say, or says too much. Each may be absent: then RFC 9111
 * alone rules.
 *
 * @param defaultTtl freshness of a response that states none and may be stored, in the place of the heuristic (RFC 9111 section 4.2.2)
 * @param maxTtl the longest freshness, whatever the origin says
 * @param negativeTtl how long a failure of the origin (no response, or 500, 502, 503, 504 without freshness of its own) is remembered
 *     for a URL, so that a failing origin is not asked by every client; doubles with each failure in a row, up to 32 times of it
 * @param staleWhileRevalidate a window for responses that state none (RFC 5861 section 3)
 * @param staleIfError a window for responses that state none (RFC 5861 section 4); a stated one counts up to this bound
 * @param targetedField name of the distribution's own field for cache directives (RFC 9213 section 2.2), such as {@code
 *     Netcinema-Cache-Control}; counts before CDN-Cache-Control
 * @param requestDirectives honour when left out
 * @param memoryShare how much of an edge's memory for content it may take, in percent, 1 to 100; all when left out
 * @param memoryFloor how much of that others cannot evict, in percent, up to its share; none when left out
 */
public record CacheSettings(
        @Nullable Duration defaultTtl,
        @Nullable Duration maxTtl,
        @Nullable Duration negativeTtl,
        @Nullable Duration staleWhileRevalidate,
        @Nullable Duration staleIfError,
        @Nullable String targetedField,
        RequestDirectives requestDirectives,
        @Nullable Integer memoryShare,
        @Nullable Integer memoryFloor) {

    private static final Duration LONGEST = Duration.ofDays(3650);
    private static final Duration LONGEST_NEGATIVE = Duration.ofHours(1);

    /** All floors together may not be more than this, so that something is left for the others. */
    public static final int MOST_FLOOR = 75;

    private static final Pattern TARGETED_FIELD = Pattern.compile("[A-Za-z0-9-]{1,49}-Cache-Control");

    /** Names of fields that mean something else. */
    private static final Set<String> NOT_TARGETED = Set.of("cdn-cache-control");

    public CacheSettings(
            @Nullable Duration defaultTtl,
            @Nullable Duration maxTtl,
            @Nullable Duration negativeTtl,
            @Nullable Duration staleWhileRevalidate,
            @Nullable Duration staleIfError,
            @Nullable String targetedField,
            @Nullable RequestDirectives requestDirectives,
            @Nullable Integer memoryShare,
            @Nullable Integer memoryFloor) {
        this.defaultTtl = upTo(LONGEST, "defaultTtl", defaultTtl);
        this.maxTtl = upTo(LONGEST, "maxTtl", maxTtl);
        this.negativeTtl = upTo(LONGEST_NEGATIVE, "negativeTtl", negativeTtl);
        this.staleWhileRevalidate = upTo(LONGEST, "staleWhileRevalidate", staleWhileRevalidate);
        this.staleIfError = upTo(LONGEST, "staleIfError", staleIfError);
        this.targetedField = targetedField;
        this.requestDirectives = requestDirectives == null ? RequestDirectives.HONOUR : requestDirectives;
        this.memoryShare = memoryShare;
        this.memoryFloor = memoryFloor;
        checkMemory(memoryShare == null ? 100 : memoryShare, memoryFloor == null ? 0 : memoryFloor);
        if (targetedField != null
                && (!TARGETED_FIELD.matcher(targetedField).matches()
                        || NOT_TARGETED.contains(Identifiers.lower(targetedField)))) {
            throw new IllegalArgumentException("targetedField '" + targetedField
                    + "' must be a name of your own that ends in -Cache-Control (RFC 9213 section 2.2)");
        }
    }

    private static void checkMemory(int share, int floor) {
        if (share < 1 || share > 100) {
            throw new IllegalArgumentException("memoryShare must be 1 to 100 percent, not " + share);
        }
        if (floor < 0 || floor > Math.min(share, MOST_FLOOR)) {
            throw new IllegalArgumentException("memoryFloor must be 0 to " + Math.min(share, MOST_FLOOR)
                    + " percent (at most memoryShare, and " + MOST_FLOOR + "), not " + floor);
        }
    }

    private static @Nullable Duration upTo(Duration most, String key, @Nullable Duration value) {
        if (value != null && (value.isNegative() || value.compareTo(most) > 0)) {
            throw new IllegalArgumentException(
                    key + " is too long: at most " + (most.toDays() > 0 ? most.toDays() + "d" : most.toHours() + "h"));
        }
        return value;
    }
}
