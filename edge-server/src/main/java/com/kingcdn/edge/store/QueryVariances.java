package com.kingcdn.edge.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.policy.NoVarySearch;
import org.jspecify.annotations.Nullable;

/**
 * What the last response of each path has said about its queries (No-Vary-Search): under which key the next one is looked for. To forget
 * it costs a miss and nothing else, since an entry is used under another target than its own only if its own field says so.
 */
final class QueryVariances {

    private static final int MOST_PATHS = 65_536;

    private final Cache<CacheKey, NoVarySearch> byPath =
            Caffeine.newBuilder().maximumSize(MOST_PATHS).build();

    /** Whether any was ever learnt: hits of everybody else ask no more than this. */
    private volatile boolean any;

    /** The key of all targets that mean the same as this one. */
    CacheKey canonical(CacheKey key) {
        int question = any ? key.target().indexOf('?') : -1;
        if (question < 0) {
            return key;
        }
        NoVarySearch known = byPath.getIfPresent(path(key));
        return known == null ? key : new CacheKey(key.distribution(), key.host(), known.canonical(key.target()));
    }

    void learn(CacheKey key, @Nullable NoVarySearch said) {
        if (said != null) {
            any = true;
            byPath.put(path(key), said);
        } else if (any) {
            byPath.invalidate(path(key));
        }
    }

    private static CacheKey path(CacheKey key) {
        int question = key.target().indexOf('?');
        return question < 0
                ? key
                : new CacheKey(key.distribution(), key.host(), key.target().substring(0, question));
    }
}
