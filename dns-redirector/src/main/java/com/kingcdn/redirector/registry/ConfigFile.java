package com.kingcdn.redirector.registry;

import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.Distribution;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A configuration file as read: each object valid in itself, not yet held against the others.
 *
 * @param source the file, for messages
 * @param yaml its text
 * @param geoDatabases mmdb files it names, resolved
 * @param probe whom edges shall probe
 * @param lines from 1, by RFC 6901 pointer
 */
public record ConfigFile(
        Path source,
        String yaml,
        List<ZoneSource> zones,
        List<SecondarySource> secondaries,
        List<KeySource> keys,
        List<Distribution> distributions,
        List<Cluster> clusters,
        Ttls ttls,
        HttpsSettings https,
        List<Path> geoDatabases,
        ProbeSettings probe,
        Map<String, Integer> lines) {

    public ConfigFile {
        zones = List.copyOf(zones);
        secondaries = List.copyOf(secondaries);
        keys = List.copyOf(keys);
        distributions = List.copyOf(distributions);
        clusters = List.copyOf(clusters);
        geoDatabases = List.copyOf(geoDatabases);
        lines = Map.copyOf(lines);
    }

    /** A refusal that names the line of what the pointer points to, or of what holds it. */
    ConfigFileException refusal(String pointer, String reason, Throwable cause) {
        return refusal(source, lines, pointer, reason, cause);
    }

    static ConfigFileException refusal(
            Path source, Map<String, Integer> lines, String pointer, String reason, Throwable cause) {
        String known = pointer;
        while (!known.isEmpty() && !lines.containsKey(known)) {
            known = known.substring(0, known.lastIndexOf('/'));
        }
        String where = known.isEmpty() ? "" : " (at " + pointer + ")";
        return new ConfigFileException(source + ":" + lines.getOrDefault(known, 1) + ": " + reason + where, cause);
    }
}
