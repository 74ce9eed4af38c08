package com.kingcdn.edge.policy;

import com.kingcdn.http.HeaderFields;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The cache directives of a message (RFC 9111 section 5.2), read tolerantly: names in any case, values as tokens or quoted strings,
 * unknown directives ignored. Where a directive stands twice the more restrictive one counts, and a number that is none counts as 0:
 * stale (section 4.2.1).
 */
public final class CacheControl {

    /** A directive that is there or not. */
    public enum Flag {
        NO_STORE(1),
        /** Without field names. */
        NO_CACHE(1 << 1),
        /** Without field names. */
        PRIVATE(1 << 2),
        PUBLIC(1 << 3),
        MUST_REVALIDATE(1 << 4),
        PROXY_REVALIDATE(1 << 5),
        MUST_UNDERSTAND(1 << 6),
        ONLY_IF_CACHED(1 << 7);

        private final int bit;

        Flag(int bit) {
            this.bit = bit;
        }
    }

    /** A number of seconds that is not there. */
    public static final long ABSENT = -1;

    /** The largest number of seconds told apart, 68 years (section 1.2.2). */
    public static final long MOST_SECONDS = 1L << 31;

    /** No directives. */
    public static final CacheControl NONE = new Reader().end(false);

    /** Longer values are not remembered. */
    private static final int LONGEST_SEEN = 128;

    /** What was read of field values lately, since few different ones are on most messages. A race between threads costs a reading. */
    private static final @Nullable Seen[] SEEN = new Seen[512];

    private record Seen(String text, CacheControl control) {}

    private final int flags;
    private final Set<String> withheldFields;
    private final long maxAge;
    private final long sharedMaxAge;
    private final long minFresh;
    private final long maxStale;
    private final long staleWhileRevalidate;
    private final long staleIfError;
    private final boolean targeted;

    private CacheControl(Reader read, boolean targeted) {
        this.flags = read.flags;
        this.withheldFields = Set.copyOf(read.withheldFields);
        this.maxAge = read.maxAge;
        this.sharedMaxAge = read.sharedMaxAge;
        this.minFresh = read.minFresh;
        this.maxStale = read.maxStale;
        this.staleWhileRevalidate = read.staleWhileRevalidate;
        this.staleIfError = read.staleIfError;
        this.targeted = targeted;
    }

    /** Those of a request; {@code Pragma: no-cache} counts when there is no Cache-Control (section 5.4). */
    public static CacheControl ofRequest(HeaderFields fields) {
        String combined = fields.combined("cache-control");
        if (combined != null) {
            return parse(combined);
        }
        String pragma = fields.combined("pragma");
        if (pragma == null) {
            return NONE;
        }
        Reader reader = new Reader();
        DirectiveList.forEach(pragma, (name, value) -> {
            if (name.equals("no-cache")) {
                reader.add(name, null);
            }
        });
        return reader.end(false);
    }

    /** Those of a field's combined value. */
    private static CacheControl parse(String text) {
        int hash = text.hashCode();
        int slot = (hash ^ (hash >>> 16)) & (SEEN.length - 1);
        Seen seen = SEEN[slot];
        if (seen != null && seen.text.equals(text)) {
            return seen.control;
        }
        Reader reader = new Reader();
        DirectiveList.forEach(text, reader::add);
        CacheControl control = reader.end(false);
        if (text.length() <= LONGEST_SEEN) {
            SEEN[slot] = new Seen(text, control);
        }
        return control;
    }

    /**
     * Those of a response for this cache: its {@code CDN-Cache-Control} (RFC 9213) when that is there and valid, in which case neither
     * Cache-Control nor Expires counts; else its {@code Cache-Control}.
     */
    public static CacheControl ofResponse(HeaderFields fields) {
        return ofResponse(fields, null);
    }

    /**
     * The same with a field of the distribution's own on the target list, before CDN-Cache-Control (RFC 9213 section 2.2).
     *
     * @param ownField in lower case, or null for none
     */
    static CacheControl ofResponse(HeaderFields fields, @Nullable String ownField) {
        CacheControl own = ownField == null ? null : targeted(fields.combined(ownField));
        CacheControl targeted = own != null ? own : targeted(fields.combined("cdn-cache-control"));
        if (targeted != null) {
            return targeted;
        }
        String combined = fields.combined("cache-control");
        return combined == null ? NONE : parse(combined);
    }

    /** Null for a field that is absent, empty or invalid: it then counts for nothing. */
    private static @Nullable CacheControl targeted(@Nullable String field) {
        if (field == null) {
            return null;
        }
        Reader reader = new Reader();
        return TargetedDirectives.forEach(field, reader::add) ? reader.end(true) : null;
    }

    public boolean has(Flag flag) {
        return (flags & flag.bit) != 0;
    }

    /** Whether this comes from a targeted field, so that Expires does not count (RFC 9213 section 2.2). */
    public boolean isTargeted() {
        return targeted;
    }

    /** Seconds, or {@link #ABSENT}. */
    public long maxAge() {
        return maxAge;
    }

    /** s-maxage in seconds, or {@link #ABSENT}. */
    public long sharedMaxAge() {
        return sharedMaxAge;
    }

    /** Seconds, or {@link #ABSENT}. */
    public long minFresh() {
        return minFresh;
    }

    /** Seconds, {@link #MOST_SECONDS} when given without a number, or {@link #ABSENT}. */
    public long maxStale() {
        return maxStale;
    }

    /** Seconds, or {@link #ABSENT} (RFC 5861 section 3). */
    public long staleWhileRevalidate() {
        return staleWhileRevalidate;
    }

    /** Seconds, or {@link #ABSENT} (RFC 5861 section 4). */
    public long staleIfError() {
        return staleIfError;
    }

    /** The fields named by no-cache and private: this cache must not reuse them, so it does not store them. In lower case. */
    public Set<String> withheldFields() {
        return withheldFields;
    }

    /** Whether a stale response must never be used without validation (section 4.2.4). */
    public boolean forbidsStale() {
        return has(Flag.MUST_REVALIDATE)
                || has(Flag.PROXY_REVALIDATE)
                || has(Flag.NO_CACHE)
                || sharedMaxAge() != ABSENT;
    }

    /** Collects directives; the more restrictive of two counts. */
    private static final class Reader {

        private int flags;
        private Set<String> withheldFields = Set.of();
        private long maxAge = ABSENT;
        private long sharedMaxAge = ABSENT;
        private long minFresh = ABSENT;
        private long maxStale = ABSENT;
        private long staleWhileRevalidate = ABSENT;
        private long staleIfError = ABSENT;

        void add(String name, @Nullable String value) {
            switch (name) {
                case "max-age" -> maxAge = lower(maxAge, seconds(value));
                case "s-maxage" -> sharedMaxAge = lower(sharedMaxAge, seconds(value));
                case "min-fresh" -> minFresh = Math.max(minFresh, seconds(value));
                case "max-stale" -> maxStale = lower(maxStale, value == null ? MOST_SECONDS : seconds(value));
                case "stale-while-revalidate" -> staleWhileRevalidate = lower(staleWhileRevalidate, seconds(value));
                case "stale-if-error" -> staleIfError = lower(staleIfError, seconds(value));
                case "no-store" -> set(Flag.NO_STORE);
                case "no-cache" -> withhold(Flag.NO_CACHE, value);
                case "private" -> withhold(Flag.PRIVATE, value);
                case "public" -> set(Flag.PUBLIC);
                case "must-revalidate" -> set(Flag.MUST_REVALIDATE);
                case "proxy-revalidate" -> set(Flag.PROXY_REVALIDATE);
                case "must-understand" -> set(Flag.MUST_UNDERSTAND);
                case "only-if-cached" -> set(Flag.ONLY_IF_CACHED);
                default -> {
                    // an extension, without effect here (section 5.2.3)
                }
            }
        }

        private void set(Flag flag) {
            flags |= flag.bit;
        }

        private void withhold(Flag flag, @Nullable String names) {
            if (names == null || names.isBlank()) {
                set(flag);
                return;
            }
            withheldFields = new HashSet<>(withheldFields);
            for (String name : names.split(",")) {
                if (!name.isBlank()) {
                    withheldFields.add(name.strip().toLowerCase(Locale.ROOT));
                }
            }
        }

        private static long lower(long seen, long seconds) {
            return seen == ABSENT ? seconds : Math.min(seen, seconds);
        }

        private static long seconds(@Nullable String value) {
            return Math.max(0, DeltaSeconds.parse(value));
        }

        CacheControl end(boolean targeted) {
            return new CacheControl(this, targeted);
        }
    }
}
