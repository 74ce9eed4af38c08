package com.kingcdn.edge.policy;

import com.kingcdn.topology.CacheSettings;
import com.kingcdn.topology.DeliverySettings;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.HeaderSettings;
import com.kingcdn.topology.QuerySettings;
import org.jspecify.annotations.Nullable;

/** Distributions with rules, for tests. */
public final class Ruled {

    private Ruled() {}

    public static Distribution with(Distribution plain, CacheSettings cache) {
        return copy(plain, cache, plain.query(), plain.headers(), plain.delivery());
    }

    public static Distribution with(Distribution plain, QuerySettings query) {
        return copy(plain, plain.cache(), query, plain.headers(), plain.delivery());
    }

    public static Distribution with(Distribution plain, HeaderSettings headers) {
        return copy(plain, plain.cache(), plain.query(), headers, plain.delivery());
    }

    public static Distribution with(Distribution plain, DeliverySettings delivery) {
        return copy(plain, plain.cache(), plain.query(), plain.headers(), delivery);
    }

    private static Distribution copy(
            Distribution plain,
            @Nullable CacheSettings cache,
            @Nullable QuerySettings query,
            @Nullable HeaderSettings headers,
            @Nullable DeliverySettings delivery) {
        return new Distribution(
                plain.id(),
                plain.hosts(),
                plain.origins(),
                plain.hostHeader(),
                cache,
                query,
                headers,
                delivery,
                plain.upstream(),
                plain.limits(),
                plain.signing(),
                plain.placement(),
                plain.answers());
    }
}
