package com.kingcdn.redirector.zone;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Master;
import org.xbill.DNS.NSRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.RRset;
import org.xbill.DNS.Record;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/** The content of one master file (RFC 1035 section 5), checked to be a zone. {@code $INCLUDE} is refused. */
public final class ZoneFile {

    private final Name origin;
    private final Map<Name, Map<Integer, RRset>> records;

    private ZoneFile(Name origin, Map<Name, Map<Integer, RRset>> records) {
        this.origin = origin;
        this.records = records;
    }

    /**
     * Reads and checks a zone.
     *
     * @param zone its name, such as {@code kingcdn.example}, with or without a final dot
     * @throws ZoneFileException when the file is absent, cannot be parsed, or is no whole zone
     */
    public static ZoneFile read(String zone, Path file) {
        if (!Files.isReadable(file)) {
            throw new ZoneFileException("zone file " + file + " of " + zone + " does not exist or cannot be read");
        }
        try {
            return parse(zone, Files.readString(file), file);
        } catch (IOException e) {
            throw new ZoneFileException("zone file " + file + " of " + zone + " cannot be read: " + e, e);
        }
    }

    /**
     * Reads and checks a zone from its text.
     *
     * @param file where the text came from, for messages
     * @throws ZoneFileException when it cannot be parsed or is no whole zone
     */
    public static ZoneFile parse(String zone, String text, Path file) {
        Name origin = name(zone);
        Map<Name, Map<Integer, RRset>> records = new LinkedHashMap<>();
        try (Master master = new Master(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), origin)) {
            master.disableIncludes(true);
            for (Record next; (next = master.nextRecord()) != null; ) {
                add(records, origin, next, file);
            }
        } catch (IOException | IllegalArgumentException e) {
            // the library does not know the name of a stream
            String reason =
                    String.valueOf(e.getMessage()).replaceFirst("^<none>", Matcher.quoteReplacement(file.toString()));
            throw new ZoneFileException("zone file " + reason, e);
        }
        ZoneFile result = new ZoneFile(origin, records);
        result.check(file);
        return result;
    }

    static Name name(String zone) {
        try {
            return Name.fromString(zone.toLowerCase(Locale.ROOT), Name.root);
        } catch (TextParseException e) {
            throw new ZoneFileException("'" + zone + "' is not a zone name: " + e.getMessage(), e);
        }
    }

    private static void add(Map<Name, Map<Integer, RRset>> records, Name origin, Record next, Path file) {
        if (next.getDClass() != DClass.IN) {
            throw new ZoneFileException(file + ": only class IN is served, not " + next);
        }
        if (!next.getName().subdomain(origin)) {
            throw new ZoneFileException(file + ": " + next.getName() + " lies outside zone " + origin);
        }
        records.computeIfAbsent(next.getName(), key -> new LinkedHashMap<>())
                .computeIfAbsent(next.getType(), key -> new RRset())
                .addRR(next);
    }

    private void check(Path file) {
        Map<Integer, RRset> apex = records.getOrDefault(origin, Map.of());
        RRset soa = apex.get(Type.SOA);
        if (soa == null || soa.size() != 1) {
            throw new ZoneFileException(file + ": zone " + origin + " needs exactly one SOA record");
        }
        if (!apex.containsKey(Type.NS)) {
            throw new ZoneFileException(file + ": zone " + origin + " needs NS records");
        }
        records.forEach((name, sets) -> {
            RRset cname = sets.get(Type.CNAME);
            if (cname != null && (sets.size() > 1 || cname.size() > 1)) {
                throw new ZoneFileException(file + ": " + name + " has a CNAME beside other records (RFC 1034 3.6.2)");
            }
            if (sets.containsKey(Type.SOA) && !name.equals(origin)) {
                throw new ZoneFileException(file + ": " + name + " has an SOA record but is not the zone " + origin);
            }
            if (sets.containsKey(Type.DNAME)) {
                throw new ZoneFileException(file + ": " + name + " has a DNAME record, which is not served");
            }
        });
        checkGlue(file, apex);
    }

    private void checkGlue(Path file, Map<Integer, RRset> apex) {
        for (Record record : apex.getOrDefault(Type.NS, new RRset()).rrs()) {
            Name target = ((NSRecord) record).getTarget();
            Map<Integer, RRset> sets = records.getOrDefault(target, Map.of());
            if (target.subdomain(origin) && !sets.containsKey(Type.A) && !sets.containsKey(Type.AAAA)) {
                throw new ZoneFileException(file + ": name server " + target + " lies in the zone and has no address");
            }
        }
    }

    /** The zone's name, absolute and in lower case. */
    public Name origin() {
        return origin;
    }

    /** All names that own records. */
    List<Name> names() {
        return new ArrayList<>(records.keySet());
    }

    /** The record sets of a name by type; empty when it owns none. */
    Map<Integer, RRset> sets(Name name) {
        return records.getOrDefault(name, Map.of());
    }
}
