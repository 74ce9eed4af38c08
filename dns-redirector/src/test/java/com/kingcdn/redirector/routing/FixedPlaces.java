package com.kingcdn.redirector.routing;

import com.kingcdn.topology.GeoPoint;
import com.kingcdn.topology.IpPrefix;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Places by hand. */
public final class FixedPlaces implements PlaceSource {

    private final Map<IpPrefix, GeoPoint> networks = new LinkedHashMap<>();

    public FixedPlaces with(String prefix, GeoPoint place) {
        networks.put(IpPrefix.parse(prefix), place);
        return this;
    }

    @Override
    public void forEach(BiConsumer<IpPrefix, GeoPoint> consumer) {
        networks.forEach(consumer);
    }

    @Override
    public @Nullable GeoPoint find(byte[] address) {
        return networks.entrySet().stream()
                .filter(entry -> entry.getKey().contains(address))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(null);
    }
}
