package com.kingcdn.redirector.rtt;

import com.kingcdn.redirector.routing.MeasuredPaths;
import com.kingcdn.redirector.routing.PathSource;
import com.kingcdn.topology.IpPrefix;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The RTT map at one time, with what prefixes inherit ({@link RttWalk}). */
final class RttView implements PathSource {

    private final RttMap map;
    private final long nowMillis;

    RttView(RttMap map, long nowMillis) {
        this.map = map;
        this.nowMillis = nowMillis;
    }

    @Override
    public void forEach(List<String> clusters, BiConsumer<IpPrefix, MeasuredPaths> consumer) {
        new RttWalk(map, nowMillis, clusters, consumer).run();
    }

    @Override
    public Long atMillis() {
        return nowMillis;
    }

    @Override
    public @Nullable KnownPath find(String cluster, IpPrefix client) {
        return map.find(cluster, client, nowMillis);
    }
}
