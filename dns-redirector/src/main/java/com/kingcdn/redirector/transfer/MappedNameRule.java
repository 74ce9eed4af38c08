package com.kingcdn.redirector.transfer;

import com.kingcdn.redirector.registry.Configuration;
import com.kingcdn.redirector.registry.ConflictException;
import com.kingcdn.redirector.registry.ZoneSource;
import com.kingcdn.redirector.zone.ZoneContent;
import com.kingcdn.redirector.zone.ZoneFile;
import com.kingcdn.redirector.zone.ZoneFileException;
import com.kingcdn.topology.Distribution;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Name;
import org.xbill.DNS.Type;

/**
 * The rule that a name leads to a distribution or has records in a zone file of ours, not both: such a configuration cannot be served, so it
 * is refused to whoever brings it.
 */
public final class MappedNameRule implements Consumer<Configuration> {

    private final ZoneParser parser;

    public MappedNameRule(ZoneParser parser) {
        this.parser = parser;
    }

    /** @throws ConflictException when a name is both */
    @Override
    public void accept(Configuration config) {
        Map<Name, ZoneSource> ours = new HashMap<>();
        Set<Name> others = new HashSet<>();
        config.zones().forEach(zone -> ours.put(ZoneFile.name(zone.name()), zone));
        config.secondaries().forEach(zone -> others.add(ZoneFile.name(zone.name())));
        Zones zones = name -> zoneOf(name, ours, others);
        for (int i = 0; i < config.distributions().size(); i++) {
            Distribution distribution = config.distributions().get(i);
            String pointer = "/distributions/" + i;
            check(distribution.id() + "." + config.cdnZone(), distribution, pointer + "/id", zones);
            for (int h = 0; h < distribution.hosts().size(); h++) {
                check(distribution.hosts().get(h), distribution, pointer + "/hosts/" + h, zones);
            }
        }
    }

    /** The zone of ours that a name lies in, or null. */
    @FunctionalInterface
    private interface Zones {
        @Nullable
        ZoneSource find(Name name);
    }

    private static @Nullable ZoneSource zoneOf(Name name, Map<Name, ZoneSource> ours, Set<Name> others) {
        for (Name above = name; above.labels() > 1; above = new Name(above, 1)) {
            @Nullable ZoneSource source = ours.get(above);
            if (source != null || others.contains(above)) {
                return source;
            }
        }
        return null;
    }

    private void check(String text, Distribution distribution, String pointer, Zones zones) {
        Name name;
        try {
            name = ZoneFile.name(text);
        } catch (ZoneFileException e) {
            throw new ConflictException(pointer, "'" + text + "' is no name: it is too long");
        }
        @Nullable ZoneSource source = zones.find(name);
        if (source == null) {
            return;
        }
        ZoneContent content = parser.parse(source);
        boolean isApex = name.equals(content.origin());
        Set<Integer> types = content.sets(name).keySet();
        boolean clashes = isApex ? types.contains(Type.A) || types.contains(Type.AAAA) : !types.isEmpty();
        if (clashes) {
            throw new ConflictException(
                    pointer,
                    "'" + text + "' of distribution '" + distribution.id() + "' also has "
                            + (isApex ? "addresses" : "records") + " in the file of zone '" + source.name()
                            + "'; remove one of the two");
        }
    }
}
