package com.kingcdn.redirector.routing;

import com.kingcdn.topology.GeoPoint;
import com.kingcdn.topology.IpPrefix;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Where networks are: what a geo database tells the compiler of the routing table. */
public interface PlaceSource {

    /** Knows no place. */
    PlaceSource NONE = new PlaceSource() {
        @Override
        public void forEach(BiConsumer<IpPrefix, GeoPoint> consumer) {}

        @Override
        public @Nullable GeoPoint find(byte[] address) {
            return null;
        }
    };

    /** Hands over each network with a known place, both families, in any order; disjoint unless two sources overlap. */
    void forEach(BiConsumer<IpPrefix, GeoPoint> consumer);

    /** The place of one address (4 or 16 bytes), or null; slow, for explanations only. */
    @Nullable
    GeoPoint find(byte[] address);
}
