package com.kingcdn.edge.policy;

import com.kingcdn.http.HeaderFields;
import java.util.EnumSet;
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
        NO_STORE,
        /** Without field names. */
        NO_CACHE,
        /** Without field names. */
        PRIVATE,
        PUBLIC,
        MUST_REVALIDATE,
        PROXY_REVALIDATE,
        MUST_UNDERSTAND,
        ONLY_IF_CACHED
    }

    /** A number of seconds that is not there. */
    public static final long ABSENT = -1;

    /** The largest number of seconds told apart, 68 years (section 1.2.2). */
    public static final long MOST_SECONDS = 1L << 31;

    /** No directives. */
    public static final CacheControl NONE = new Reader().end(false);

    private final Reader read;
    private final boolean targeted;

    private CacheControl(Reader read, boolean targeted) {
        this.read = read;
        this.targeted = targeted;
    }

    /** Those of a request; {@code Pragma: no-cache} counts when there is no Cache-Control (section 5.4). */
    public static CacheControl ofRequest(HeaderFields fields) {
        String combined = fields.combined("cache-control");
        if (combined != null) {
            Reader reader = new Reader();
            DirectiveList.forEach(combined, reader::add);
            return reader.end(false);
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
        if (combined == null) {
            return NONE;
        }
        Reader reader = new Reader();
        DirectiveList.forEach(combined, reader::add);
        return reader.end(false);
    }

    /** Null for a field that is absent, empty or invalid: it then counts for nothing. */
    private static @Nullable CacheControl targeted(@Nullable String field) {
        Reader reader = new Reader();
        return field != null && TargetedDirectives.forEach(field, reader::add) ? reader.end(true) : null;
    }

    public boolean has(Flag flag) {
        return read.flags.contains(flag);
    }

    /** Whether this comes from a targeted field, so that Expires does not count (RFC 9213 section 2.2). */
    public boolean isTargeted() {
        return targeted;
    }

    /** Seconds, or {@link #ABSENT}. */
    public long maxAge() {
        return read.maxAge;
    }

    /** s-maxage in seconds, or {@link #ABSENT}. */
    public long sharedMaxAge() {
        return read.sharedMaxAge;
    }

    /** Seconds, or {@link #ABSENT}. */
    public long minFresh() {
        return read.minFresh;
    }

    /** Seconds, {@link #MOST_SECONDS} when given without a number, or {@link #ABSENT}. */
    public long maxStale() {
        return read.maxStale;
    }

    /** Seconds, or {@link #ABSENT} (RFC 5861 section 3). */
    public long staleWhileRevalidate() {
        return read.staleWhileRevalidate;
    }

    /** Seconds, or {@link #ABSENT} (RFC 5861 section 4). */
    public long staleIfError() {
        return read.staleIfError;
    }

    /** The fields named by no-cache and private: this cache must not reuse them, so it does not store them. In lower case. */
    public Set<String> withheldFields() {
        return read.withheldFields;
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

        private final EnumSet<Flag> flags = EnumSet.noneOf(Flag.class);
        private final Set<String> withheldFields = new HashSet<>();
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
                case "no-store" -> flags.add(Flag.NO_STORE);
                case "no-cache" -> withhold(Flag.NO_CACHE, value);
                case "private" -> withhold(Flag.PRIVATE, value);
                case "public" -> flags.add(Flag.PUBLIC);
                case "must-revalidate" -> flags.add(Flag.MUST_REVALIDATE);
                case "proxy-revalidate" -> flags.add(Flag.PROXY_REVALIDATE);
                case "must-understand" -> flags.add(Flag.MUST_UNDERSTAND);
                case "only-if-cached" -> flags.add(Flag.ONLY_IF_CACHED);
                default -> {
                    // an extension, without effect here (section 5.2.3)
                }
            }
        }

        private void withhold(Flag flag, @Nullable String names) {
            if (names == null || names.isBlank()) {
                flags.add(flag);
                return;
            }
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
