package com.kingcdn.redirector.registry;

import java.util.List;

/**
 * A zone that another server owns and we copy, as configured.
 *
 * @param name origin of the zone, lower case, without a final dot
 * @param primaries where to copy it from, in the order in which they are asked; also the only ones whose NOTIFY counts
 * @param policy what others may do with our copy
 */
public record SecondarySource(String name, List<RemoteServer> primaries, ZonePolicy policy) {

    public SecondarySource {
        primaries = List.copyOf(primaries);
    }
}
