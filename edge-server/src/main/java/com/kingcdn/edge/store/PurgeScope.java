package com.kingcdn.edge.store;

import com.kingcdn.edge.policy.CacheKey;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a purge names that is no single URL: a set of entries, told by their key and tags.
 *
 * @param distribution null for those of all distributions
 * @param host null for those of all hosts, and for distributions whose hosts share entries
 * @param name the path, or the tag; empty when the kind has none
 */
public record PurgeScope(Kind kind, @Nullable String distribution, @Nullable String host, String name) {

    /** The deepest path prefix, in segments; a deeper one names the entries of its first segments. */
    public static final int DEEPEST = 32;

    /** What a scope goes by. */
    public enum Kind {
        /** Everything that is stored. */
        EVERYTHING,
        /** A distribution. */
        DISTRIBUTION,
        /** A host of a distribution. */
        HOST,
        /** A path, and all below it. */
        PREFIX,
        /** A tag, wherever it came from. */
        TAG,
        /** A cache group of one origin (RFC 9875 section 2). */
        GROUP
    }

    static final PurgeScope EVERYTHING = new PurgeScope(Kind.EVERYTHING, null, null, "");

    public static PurgeScope distribution(String distribution) {
        return new PurgeScope(Kind.DISTRIBUTION, distribution, null, "");
    }

    /** All entries of a host; those of the distribution when its hosts share them. */
    public static PurgeScope host(String distribution, @Nullable String host) {
        return host == null
                ? distribution(distribution)
                : new PurgeScope(Kind.HOST, distribution, withoutFinalDot(host), "");
    }

    /**
     * All entries at a path and below it: {@code /a} is {@code /a}, {@code /a?q}, {@code /a/b}, and not {@code /ab}.
     *
     * @param path starts with a slash; a final slash does not matter
     */
    public static PurgeScope prefix(String distribution, @Nullable String host, String path) {
        int end = prefixEnd(path, DEEPEST);
        return end == 0
                ? host(distribution, host)
                : new PurgeScope(Kind.PREFIX, distribution, withoutFinalDot(host), path.substring(0, end));
    }

    /**
     * All entries with a tag.
     *
     * @param distribution null for any
     */
    public static PurgeScope tag(@Nullable String distribution, String tag) {
        return new PurgeScope(Kind.TAG, distribution, null, tag);
    }

    /** All entries of a cache group, of the origin that an entry of this key is of. */
    public static PurgeScope group(CacheKey key, String group) {
        return new PurgeScope(Kind.GROUP, key.distribution(), withoutFinalDot(key.host()), group);
    }

    /** The end of the first segments of a path, without a final slash. */
    private static int prefixEnd(String path, int segments) {
        int end = 0;
        for (int i = 0; i < segments; i++) {
            int next = path.indexOf('/', end + 1);
            if (next < 0) {
                return path.endsWith("/") ? path.length() - 1 : path.length();
            }
            end = next;
        }
        return end;
    }

    /** A client may write the final dot of a host or not. */
    static @Nullable String withoutFinalDot(@Nullable String host) {
        return host != null && host.endsWith(".")
                ? host.substring(0, host.length() - 1).toLowerCase(Locale.ROOT)
                : host;
    }
}
